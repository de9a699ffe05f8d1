import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError, isKeyProblem, parseProblem, type CreatedAsset } from '../api';
import { UploadQueue, type Upload } from './queue';

/** One call of the queue's sender, held open by the test. */
interface Sending {
  file: File;
  expiresInMinutes: number | null;
  progress: (sentBytes: number, totalBytes: number) => void;
  signal: AbortSignal;
  resolve: (asset: CreatedAsset) => void;
  reject: (error: unknown) => void;
}

let sendings: Sending[];
let list: readonly Upload[];
let nowMs: number;
let queue: UploadQueue;

const file = (name: string, size = 1000): File => new File(['x'.repeat(size)], name);
const asset = (id: string): CreatedAsset => ({ id, title: id, adminKey: 'k' }) as CreatedAsset;
const states = (): string[] => list.map(({ state }) => state);
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const sending = (index: number): Sending => {
  const found = sendings[index];
  if (found === undefined) {
    throw new Error(`no sending ${index}`);
  }
  return found;
};

beforeEach(() => {
  sendings = [];
  list = [];
  nowMs = 0;
  queue = new UploadQueue(
    (sent, { expiresInMinutes }, progress, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
        sendings.push({ file: sent, expiresInMinutes, progress, signal, resolve, reject });
      }),
    (uploads) => {
      list = uploads;
    },
    () => nowMs,
  );
});

describe('the queue', () => {
  it('sends one file after another', async () => {
    queue.add([file('a'), file('b')], { expiresInMinutes: 60 });
    expect(states()).toEqual(['sending', 'waiting']);
    sending(0).resolve(asset('1'));
    await settle();
    expect(states()).toEqual(['done', 'sending']);
    expect(list[0]?.asset?.adminKey).toBe('k');
    expect(sending(1).file.name).toBe('b');
    expect(sending(1).expiresInMinutes).toBe(60);
  });

  it('reports progress, speed and the time left', () => {
    queue.add([file('a', 1000)], { expiresInMinutes: null });
    nowMs = 1000;
    sending(0).progress(500, 1100);
    expect(list[0]).toMatchObject({
      state: 'sending',
      sentBytes: 500,
      bytesPerSecond: 500,
      secondsLeft: 1.2,
    });
    sending(0).progress(1100, 1100);
    expect(list[0]).toMatchObject({ state: 'checking', sentBytes: 1000 });
  });

  it('keeps a failure with its problem and goes on with the next', async () => {
    queue.add([file('a'), file('b')], { expiresInMinutes: null });
    sending(0).reject(new ApiError(parseProblem(415, '{"code":"media-unreadable"}')));
    await settle();
    expect(states()).toEqual(['failed', 'sending']);
    expect(list[0]?.problem?.code).toBe('media-unreadable');
  });

  it('stops what is under way, and late progress does not revive it', async () => {
    queue.add([file('a'), file('b')], { expiresInMinutes: null });
    queue.cancel(1);
    expect(sending(0).signal.aborted).toBe(true);
    sending(0).progress(10, 1000);
    await settle();
    expect(states()).toEqual(['cancelled', 'sending']);
  });

  it('never sends what was cancelled while it waited', async () => {
    queue.add([file('a'), file('b')], { expiresInMinutes: null });
    queue.cancel(2);
    sending(0).resolve(asset('1'));
    await settle();
    expect(states()).toEqual(['done', 'cancelled']);
    expect(sendings).toHaveLength(1);
  });

  it('sends a failed file again from its first byte', async () => {
    queue.add([file('a')], { expiresInMinutes: null });
    nowMs = 1000;
    sending(0).progress(500, 1000);
    sending(0).reject(new TypeError('broken'));
    await settle();
    expect(list[0]).toMatchObject({ state: 'failed', problem: { code: 'network' } });
    queue.retry(1);
    expect(list[0]).toMatchObject({ state: 'sending', sentBytes: 0, problem: null });
    sending(1).resolve(asset('1'));
    await settle();
    expect(states()).toEqual(['done']);
  });

  it('does not send twice what is done or under way', async () => {
    queue.add([file('a')], { expiresInMinutes: null });
    queue.retry(1);
    sending(0).resolve(asset('1'));
    await settle();
    queue.retry(1);
    queue.cancel(1);
    expect(states()).toEqual(['done']);
    expect(sendings).toHaveLength(1);
  });

  it('sends again, once the key is there, only what lacked it', async () => {
    queue.add([file('a'), file('b')], { expiresInMinutes: null });
    sending(0).reject(new ApiError(parseProblem(401, '{"code":"key-missing"}')));
    await settle();
    sending(1).reject(new ApiError(parseProblem(507, '{"code":"disk-full"}')));
    await settle();
    queue.retryLocked(isKeyProblem);
    expect(states()).toEqual(['sending', 'failed']);
  });

  it('forgets finished rows only', async () => {
    queue.add([file('a'), file('b')], { expiresInMinutes: null });
    queue.dismiss(1);
    expect(list).toHaveLength(2);
    sending(0).resolve(asset('1'));
    await settle();
    queue.dismiss(1);
    expect(list.map(({ name }) => name)).toEqual(['b']);
  });
});
