import { expect, it } from 'vitest';
import { UploadMemory, type Remembered } from './memory';

const upload = (url: string, changes: Partial<Remembered> = {}): Remembered => ({
  url,
  name: 'a.mp4',
  sizeBytes: 1000,
  lastModified: 5,
  acceptedBytes: 340,
  expiresInMinutes: null,
  expiresAt: null,
  ...changes,
});

function memoryOf(text: string | null, now = 0): UploadMemory {
  let stored = text;
  return new UploadMemory(
    () => ({
      getItem: () => stored,
      setItem: (_, value) => {
        stored = value;
      },
    }),
    () => now,
  );
}

it('keeps uploads in their order, each with its newest state, until they are forgotten', () => {
  const memory = memoryOf(null);
  memory.set(upload('/a'));
  memory.set(upload('/b'));
  memory.set(upload('/a', { acceptedBytes: 500 }));
  expect(memory.all().map(({ url, acceptedBytes }) => [url, acceptedBytes])).toEqual([
    ['/a', 500],
    ['/b', 340],
  ]);
  memory.forget('/a');
  expect(memory.all().map(({ url }) => url)).toEqual(['/b']);
});

it('forgets what the server has thrown away by now', () => {
  const stored = JSON.stringify([upload('/a', { expiresAt: 99 }), upload('/b', { expiresAt: 101 })]);
  expect(
    memoryOf(stored, 100)
      .all()
      .map(({ url }) => url),
  ).toEqual(['/b']);
});

it.each([
  'no json',
  '7',
  'null',
  '[null, 7, {}]',
  JSON.stringify([upload('https://elsewhere/a'), upload('//elsewhere/a')]),
])('takes %s for nothing', (text) => {
  expect(memoryOf(text).all()).toEqual([]);
});

it('goes on without a storage', () => {
  const memory = new UploadMemory(() => {
    throw new DOMException('', 'SecurityError');
  });
  memory.set(upload('/a'));
  expect(memory.all()).toEqual([]);
});
