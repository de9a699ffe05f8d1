import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, networkProblem } from '../api';
import { FakeTransport, refusal } from './fakeTransport';
import { UploadMemory } from './memory';
import { UploadQueue } from './queue';
import type { Upload } from './upload';

let transport: FakeTransport;
let memory: UploadMemory;
let stored: Map<string, string>;
let list: readonly Upload[];
let nowMs: number;
let queue: UploadQueue;

const options = { expiresInMinutes: null };
const file = (name: string, size = 1000, lastModified = 5): File =>
  new File(['x'.repeat(size)], name, { lastModified });
const states = (): string[] => list.map(({ state }) => state);
const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);
const offline = (): ApiError => new ApiError(networkProblem(true));

function open(): UploadQueue {
  return new UploadQueue(
    transport,
    memory,
    (uploads) => {
      list = uploads;
    },
    () => nowMs,
  );
}

/** What an earlier page left: it had sent 340 of 1000 bytes. */
async function leave(): Promise<void> {
  queue.add([file('a')], { expiresInMinutes: 60 });
  transport.nth(0).attempt.announced('/api/v1/uploads/u1');
  transport.nth(0).attempt.accepted(340, null);
  transport = new FakeTransport();
  list = [];
  queue = open();
  transport.standings.set('/api/v1/uploads/u1', {
    acceptedBytes: 350,
    sizeBytes: 1000,
    mediaId: null,
    plays: 'now',
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', { onLine: true });
  transport = new FakeTransport();
  stored = new Map();
  memory = new UploadMemory(() => ({
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, value),
  }));
  list = [];
  nowMs = 0;
  queue = open();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('sending', () => {
  it('goes two at a time, in their order', async () => {
    queue.add([file('a'), file('b'), file('c')], { expiresInMinutes: 60 });
    expect(states()).toEqual(['sending', 'sending', 'waiting']);
    transport.nth(1).resolve({ mediaId: 'm', adminKey: 'k' });
    await settle();
    expect(states()).toEqual(['sending', 'done', 'sending']);
    expect(list[1]).toMatchObject({ adminKey: 'k', asset: { id: 'm' }, acceptedBytes: 1000 });
    expect(transport.nth(2).attempt.file.name).toBe('c');
    expect(transport.nth(2).attempt.options.expiresInMinutes).toBe(60);
  });

  it('shows what the server has, how fast it comes and the time left', () => {
    queue.add([file('a')], options);
    const { attempt } = transport.nth(0);
    attempt.accepted(400, null);
    nowMs = 1000;
    attempt.accepted(600, null);
    expect(list[0]).toMatchObject({ acceptedBytes: 600, bytesPerSecond: 200, secondsLeft: 2 });
    attempt.sentAll();
    expect(states()).toEqual(['checking']);
  });

  it('fails for good with the reason, frees its place, and begins anew when told to', async () => {
    queue.add([file('a'), file('b'), file('c')], options);
    transport.nth(0).attempt.announced('/api/v1/uploads/u1');
    transport.nth(0).attempt.accepted(1000, null);
    transport.nth(0).reject(refusal(415, 'media-unreadable'));
    await settle();
    expect(states()).toEqual(['failed', 'sending', 'sending']);
    expect(list[0]).toMatchObject({ problem: { code: 'media-unreadable' }, mediaId: null, acceptedBytes: 0 });
    expect(memory.all()).toEqual([]);
    transport.nth(1).resolve({ mediaId: 'm', adminKey: null });
    await settle();
    queue.retry(1);
    expect(transport.nth(3).attempt.url).toBeNull();
  });

  it('takes the same file twice as one', () => {
    queue.add([file('a'), file('a')], options);
    expect(list).toHaveLength(1);
    queue.add([file('a', 1001), file('a', 1000, 6), file('b')], options);
    expect(list).toHaveLength(4);
  });
});

describe('a line that breaks', () => {
  it('is tried again after 1, 2 and 4 seconds, where the upload is', async () => {
    queue.add([file('a')], options);
    transport.nth(0).attempt.announced('/api/v1/uploads/u1');
    for (const [attempts, seconds] of [
      [1, 1],
      [2, 2],
      [3, 4],
    ] as const) {
      transport.nth(attempts - 1).reject(offline());
      await settle();
      expect(states()).toEqual(['retrying']);
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
      expect(transport.sendings).toHaveLength(attempts);
      await vi.advanceTimersByTimeAsync(1);
      expect(transport.sendings).toHaveLength(attempts + 1);
    }
    expect(transport.nth(3).attempt.url).toBe('/api/v1/uploads/u1');
    transport.nth(3).attempt.accepted(1, null);
    transport.nth(3).reject(refusal(503, 'server-busy'));
    await settle();
    expect(list[0]?.problem?.code).toBe('server-busy');
    await vi.advanceTimersByTimeAsync(1000);
    expect(transport.sendings, 'a byte that came makes the pause short again').toHaveLength(5);
  });

  it('goes on at once when the network is back', async () => {
    queue.add([file('a')], options);
    transport.nth(0).reject(offline());
    await settle();
    queue.wake();
    expect(transport.sendings).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(transport.sendings, 'and not once more when the pause is over').toHaveLength(2);
  });

  it('keeps the admin key when only the title could not be asked for', async () => {
    queue.add([file('a')], options);
    transport.titleFails = offline();
    transport.nth(0).resolve({ mediaId: 'm', adminKey: 'k' });
    await settle();
    expect(states()).toEqual(['retrying']);
    transport.titleFails = null;
    await vi.advanceTimersByTimeAsync(1000);
    expect(list[0]).toMatchObject({ state: 'done', adminKey: 'k' });
    expect(transport.sendings).toHaveLength(1);
  });

  it('waits for a title that is still being made', async () => {
    queue.add([file('a')], options);
    transport.titleState = 'arriving';
    transport.nth(0).resolve({ mediaId: 'm', adminKey: null });
    await settle();
    expect(states()).toEqual(['retrying']);
    transport.titleState = 'ready';
    await vi.advanceTimersByTimeAsync(1000);
    expect(states()).toEqual(['done']);
  });

  it('begins anew when the server does not know the upload any more', async () => {
    queue.add([file('a')], options);
    transport.nth(0).attempt.announced('/api/v1/uploads/u1');
    transport.nth(0).attempt.accepted(300, null);
    transport.nth(0).reject(refusal(404, 'upload-unknown'));
    await settle();
    expect(list[0]).toMatchObject({ state: 'retrying', acceptedBytes: 0 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(transport.nth(1).attempt.url).toBeNull();
  });
});

describe('pausing', () => {
  it('stops it where it is, lets the next one go, and goes on in its turn', async () => {
    queue.add([file('a'), file('b'), file('c')], options);
    transport.nth(0).attempt.announced('/api/v1/uploads/u1');
    transport.nth(0).attempt.accepted(300, null);
    queue.pause(1);
    expect(transport.nth(0).signal.aborted).toBe(true);
    expect(states()).toEqual(['paused', 'sending', 'sending']);
    transport.nth(0).attempt.accepted(500, null);
    transport.nth(0).attempt.sentAll();
    await settle();
    expect(list[0]).toMatchObject({ state: 'paused', acceptedBytes: 300 });

    queue.resume(1);
    expect(states()).toEqual(['waiting', 'sending', 'sending']);
    transport.nth(1).resolve({ mediaId: 'm', adminKey: null });
    await settle();
    expect(states()).toEqual(['sending', 'done', 'sending']);
    expect(transport.nth(3).attempt.url).toBe('/api/v1/uploads/u1');
  });

  it('takes all at once, also one that waits to try again, and none comes in their place', async () => {
    queue.add([file('a'), file('b'), file('c')], options);
    transport.nth(0).reject(offline());
    await settle();
    queue.pauseAll();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states()).toEqual(['paused', 'paused', 'paused']);
    expect(transport.sendings).toHaveLength(2);
    queue.resumeAll();
    expect(states()).toEqual(['sending', 'sending', 'waiting']);
  });
});

describe('removing', () => {
  it('stops it and has the server throw away what it has', async () => {
    queue.add([file('a'), file('b'), file('c')], options);
    transport.nth(0).attempt.announced('/api/v1/uploads/u1');
    await queue.remove(1);
    expect(transport.nth(0).signal.aborted).toBe(true);
    expect(transport.ended).toEqual(['/api/v1/uploads/u1']);
    expect(memory.all()).toEqual([]);
    expect(list.map(({ name, state }) => [name, state])).toEqual([
      ['b', 'sending'],
      ['c', 'sending'],
    ]);
  });

  it('keeps the row when the server cannot be told, and asks nothing of it where it has nothing', async () => {
    queue.add([file('a'), file('b')], options);
    transport.nth(0).attempt.announced('/api/v1/uploads/u1');
    transport.endFails = offline();
    await queue.remove(1);
    await queue.remove(2);
    expect(list).toMatchObject([{ name: 'a', state: 'paused', problem: { code: 'network' } }]);
    expect(transport.ended).toEqual(['/api/v1/uploads/u1']);
  });

  it('leaves a title alone', async () => {
    queue.add([file('a')], options);
    transport.nth(0).attempt.announced('/api/v1/uploads/u1');
    transport.nth(0).resolve({ mediaId: 'u1', adminKey: null });
    await settle();
    await queue.remove(1);
    expect(list).toEqual([]);
    expect(transport.ended).toEqual([]);
  });
});

describe('what an earlier page left', () => {
  it('is listed as the server has it, and goes on with the same file only', async () => {
    await leave();
    await queue.restore();
    expect(list).toMatchObject([
      { name: 'a', state: 'unfinished', acceptedBytes: 350, plays: 'now', mediaId: 'u1' },
    ]);
    expect(queue.choose(1, file('a', 999))).toBe(false);
    expect(queue.choose(1, file('a', 1000, 6))).toBe(false);
    expect(states()).toEqual(['unfinished']);
    expect(queue.choose(1, file('a'))).toBe(true);
    expect(transport.nth(0).attempt).toMatchObject({
      url: '/api/v1/uploads/u1',
      options: { expiresInMinutes: 60 },
    });
  });

  it('goes on when its file is added like any other', async () => {
    await leave();
    await queue.restore();
    queue.add([file('b'), file('a')], options);
    expect(list.map(({ name, state }) => [name, state])).toEqual([
      ['a', 'sending'],
      ['b', 'sending'],
    ]);
  });

  it('is a title when only the last answer was missed', async () => {
    await leave();
    transport.standings.set('/api/v1/uploads/u1', {
      acceptedBytes: 1000,
      sizeBytes: 1000,
      mediaId: 'u1',
      plays: 'now',
    });
    await queue.restore();
    expect(list).toMatchObject([{ state: 'done', asset: { id: 'u1' } }]);
    expect(memory.all()).toEqual([]);
  });

  it.each([
    ['some of it has come, and that plays', 350, 'u1', 'ready' as const],
    ['the server has not begun to look at it', 1000, null, 'ready' as const],
    ['the server still looks at it', 1000, 'u1', 'arriving' as const],
  ])('is no title while %s', async (_, acceptedBytes, mediaId, state) => {
    await leave();
    transport.titleState = state;
    transport.standings.set('/api/v1/uploads/u1', { acceptedBytes, sizeBytes: 1000, mediaId, plays: 'now' });
    await queue.restore();
    expect(list).toMatchObject([{ state: 'unfinished', acceptedBytes, asset: null }]);
    expect(memory.all()).toHaveLength(1);
  });

  it('says why it ended, and is sent anew when the server does not know it', async () => {
    await leave();
    transport.standings.set('/api/v1/uploads/u1', refusal(410, 'upload-gone'));
    await queue.restore();
    expect(list).toMatchObject([{ state: 'failed', problem: { code: 'upload-gone' }, acceptedBytes: 0 }]);
    queue.add([file('a')], options);
    expect(transport.sendings.at(-1)?.attempt.url).toBeNull();
  });

  it('stands as it was known while nobody answers, or the key is missing', async () => {
    await leave();
    transport.standings.set('/api/v1/uploads/u1', refusal(401, 'key-missing'));
    await queue.restore();
    expect(list).toMatchObject([{ state: 'unfinished', acceptedBytes: 340 }]);
    expect(memory.all()).toHaveLength(1);
  });
});

it('goes on, once the key is there, with what only lacked it', async () => {
  queue.add([file('a'), file('b')], options);
  transport.nth(0).attempt.announced('/api/v1/uploads/u1');
  transport.nth(0).reject(refusal(401, 'key-missing'));
  transport.nth(1).reject(refusal(413, 'upload-too-large'));
  await settle();
  expect(states()).toEqual(['failed', 'failed']);
  await queue.unlock();
  expect(states()).toEqual(['sending', 'failed']);
  expect(transport.nth(2).attempt.url).toBe('/api/v1/uploads/u1');
});

it('hears whether a file plays while it arrives', () => {
  queue.add([file('a'), file('b')], options);
  transport.nth(0).attempt.announced('/api/v1/uploads/u1');
  queue.heard({ id: 'u1', plays: 'now' });
  queue.heard({ id: 'other', plays: 'at-end' });
  expect(list.map(({ plays, mediaId }) => [plays, mediaId])).toEqual([
    ['now', 'u1'],
    ['unknown', null],
  ]);
});

it('asks it where there are no events, and only what is not known', async () => {
  queue.add([file('a')], options);
  transport.nth(0).attempt.announced('/api/v1/uploads/u1');
  transport.standings.set('/api/v1/uploads/u1', {
    acceptedBytes: 1,
    sizeBytes: 1000,
    mediaId: null,
    plays: 'at-end',
  });
  await queue.askPlays();
  expect(list[0]).toMatchObject({ state: 'sending', plays: 'at-end', acceptedBytes: 0 });
  transport.standings.clear();
  await queue.askPlays();
  expect(list[0]?.plays).toBe('at-end');
});
