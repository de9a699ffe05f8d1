import { expect, it, vi } from 'vitest';
import { beginSession } from './api';

const asked: { path: string; init: RequestInit }[] = [];
vi.stubGlobal('navigator', { onLine: true });
vi.stubGlobal('sessionStorage', { getItem: () => null });
vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
  asked.push({ path, init });
  return Response.json({ id: 's' }, { status: 201 });
});

it('sends an address as JSON, with a title only when there is one', async () => {
  await beginSession({ url: 'magnet:?xt=1' }, '');
  await beginSession({ url: 'https://host/a' }, 'A');
  expect(asked.map(({ init }) => init.body)).toEqual([
    '{"url":"magnet:?xt=1"}',
    '{"url":"https://host/a","title":"A"}',
  ]);
});

it('sends a .torrent as the part of a form, behind the title, and leaves its type to the browser', async () => {
  asked.length = 0;
  const torrent = new File(['d4:infoe'], 'film.torrent');
  await beginSession({ torrent }, 'A');
  const { path, init } = asked[0] ?? { path: '', init: {} };
  expect(path).toBe('/api/v1/sessions');
  expect(init.headers).not.toHaveProperty('Content-Type');
  const parts = [...(init.body as FormData).entries()];
  expect(parts.map(([name]) => name)).toEqual(['title', 'torrent']);
  expect((parts[1]?.[1] as File).name).toBe('film.torrent');
});
