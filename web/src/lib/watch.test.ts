import { beforeEach, describe, expect, it, vi } from 'vitest';

type Answer = [status: number, body: unknown];

const origin = 'http://localhost:9000';
const ready = { id: 'a', title: 'A', state: 'ready', reason: null, tracks: [] };
const links = (token: string): object => ({
  hls: `http://127.0.0.1:8000/stream/a/master.m3u8?token=${token}`,
  dash: `http://127.0.0.1:8000/stream/a/manifest.mpd?token=${token}`,
  watch: `http://127.0.0.1:8000/watch/a?token=${token}`,
  token,
  expiresAt: null,
});
const expired: Answer = [403, { code: 'token-expired', expiredAt: '2025-06-15T12:00:00Z' }];
const noKey: Answer = [401, { code: 'key-missing', title: 'A key is needed.' }];

/** What the server answers, by method and path with query. What is not listed does not answer at all. */
let answers: Record<string, Answer>;
let asked: string[];
let address: string;

vi.stubGlobal('location', { origin, pathname: '/watch/a', search: '' });
vi.stubGlobal('navigator', { onLine: true });
vi.stubGlobal('addEventListener', () => undefined);
vi.stubGlobal('sessionStorage', { getItem: () => null });
vi.stubGlobal('history', {
  replaceState: (_: unknown, __: string, url: string) => {
    address = url;
  },
});
vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
  const request = `${init.method} ${path}`;
  asked.push(request);
  const answer = answers[request];
  if (answer === undefined) {
    throw new TypeError('Failed to fetch');
  }
  return new Response(JSON.stringify(answer[1]), { status: answer[0] });
});
// After the stubs: the modules look at the address as soon as they are loaded.
const { WatchSession } = await import('./watch.svelte');

const shared = (token: string): string => `GET /api/v1/media/a?token=${token}`;
const own = 'GET /api/v1/media/a';
const mint = 'POST /api/v1/media/a/tokens';

beforeEach(() => {
  answers = {};
  asked = [];
  address = '';
});

describe('a viewer with a link', () => {
  it('plays with the token of the link and asks for nothing else', async () => {
    answers[shared('t1')] = [200, { ...ready, playback: links('t1') }];
    const session = new WatchSession('a', 't1');
    await session.open();
    expect(session.playback?.token).toBe('t1');
    expect(session.failure).toBeNull();
    expect(asked).toEqual([shared('t1')]);
  });

  it('is told that the link expired, and told again after a retry', async () => {
    answers = { [shared('t1')]: expired, [own]: noKey, [mint]: noKey };
    const session = new WatchSession('a', 't1');
    await session.open();
    expect(session.failure?.code).toBe('token-expired');
    expect(session.locked).toBe(false);
    expect(asked).toEqual([shared('t1')]);
    expect((await session.renew())?.code).toBe('token-expired');
    expect(address).toBe('');
  });

  it('gets new players when the link still holds', async () => {
    answers[shared('t1')] = [200, { ...ready, playback: links('t1') }];
    const session = new WatchSession('a', 't1');
    await session.open();
    const before = session.generation;
    expect(await session.renew()).toBeNull();
    expect(session.generation).toBe(before + 1);
  });

  it('keeps the players, and what they have loaded, when a retry finds no server', async () => {
    answers[shared('t1')] = [200, { ...ready, playback: links('t1') }];
    const session = new WatchSession('a', 't1');
    await session.open();
    const before = session.generation;
    answers = {};
    expect((await session.renew())?.code).toBe('network');
    expect(session.generation).toBe(before);
    expect(session.playback).not.toBeNull();
  });
});

describe('a viewer whose links come from elsewhere', () => {
  it('goes on with another token when the one before is dead', async () => {
    answers = { [shared('t1')]: expired, [shared('t2')]: [200, { ...ready, playback: links('t2') }] };
    const session = new WatchSession('a', 't1', async () => 't2');
    await session.open();
    expect(await session.renew()).toBeNull();
    expect([session.playback?.token, address]).toEqual(['t2', '']);
  });

  it('is told why it does not when there is none, and nobody asks as the operator', async () => {
    answers[shared('t1')] = expired;
    const session = new WatchSession('a', 't1', async () => null);
    await session.open();
    expect((await session.renew())?.code).toBe('token-expired');
    expect(asked).toEqual([shared('t1'), shared('t1')]);
  });
});

describe('the operator', () => {
  it('needs no token in the address, and none is put there', async () => {
    answers = { [own]: [200, ready], [mint]: [201, links('t2')] };
    const session = new WatchSession('a', null);
    await session.open();
    expect(session.playback?.token).toBe('t2');
    expect(address).toBe('');
  });

  it('brings a dead link back to life with a retry', async () => {
    answers = { [shared('t1')]: expired, [own]: [200, ready], [mint]: [201, links('t2')] };
    const session = new WatchSession('a', 't1');
    await session.open();
    expect(await session.renew()).toBeNull();
    expect(session.playback?.token).toBe('t2');
    expect(address).toBe(`${origin}/watch/a?token=t2`);
  });

  it('is asked for the key when the server wants one', async () => {
    answers[own] = noKey;
    const session = new WatchSession('a', null);
    await session.open();
    expect(session.locked).toBe(true);
  });

  it('learns why a title cannot be played, without a token being made for it', async () => {
    answers[own] = [200, { ...ready, state: 'needs-transcode', reason: 'browsers cannot play ProRes' }];
    const session = new WatchSession('a', null);
    await session.open();
    expect(session.failure).toMatchObject({ code: 'media-not-ready', detail: 'browsers cannot play ProRes' });
    expect(asked).toEqual([own]);
  });

  it('waits for a title that is being prepared, without a failure and without a token', async () => {
    answers[own] = [200, { ...ready, state: 'processing' }];
    const session = new WatchSession('a', null);
    await session.open();
    expect(session.failure).toBeNull();
    expect(session.playback).toBeNull();
    expect(session.token).toBeNull();
    expect(asked).toEqual([own]);
  });

  it('is told that a title could not be prepared, and why', async () => {
    answers[own] = [200, { ...ready, state: 'failed', reason: 'the file ends in the middle' }];
    const session = new WatchSession('a', null);
    await session.open();
    expect(session.failure).toMatchObject({
      title: 'This title could not be prepared.',
      detail: 'the file ends in the middle',
    });
  });
});
