import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepSession, newViewer, pulseMs, sessionOf } from './pulse';

const asked: { path: string; body: string }[] = [];
let answer: () => Promise<Response>;

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  answer = () => Promise.resolve(Response.json({}));
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    asked.push({ path, body: String(init.body) });
    return answer();
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('is heard of at once and every fifteen seconds, as the same viewer, until it is told to end', async () => {
  const end = keepSession('a b', 'me');
  await vi.advanceTimersByTimeAsync(3 * pulseMs);
  expect(asked).toEqual(Array(4).fill({ path: '/api/v1/sessions/a%20b/heartbeat', body: '{"viewer":"me"}' }));
  end?.();
  await vi.advanceTimersByTimeAsync(3 * pulseMs);
  expect(asked).toHaveLength(4);
});

it('bears with a server that is away, and ends with the session', async () => {
  answer = () => Promise.reject(new Error('away'));
  keepSession('x');
  await vi.advanceTimersByTimeAsync(2 * pulseMs);
  expect(asked).toHaveLength(3);
  answer = () => Promise.resolve(Response.json({ code: 'session-unknown', title: 'gone' }, { status: 404 }));
  await vi.advanceTimersByTimeAsync(5 * pulseMs);
  expect(asked).toHaveLength(4);
});

it('tells what it is answered, and that the session is over', async () => {
  const told: unknown[] = [];
  answer = () => Promise.resolve(Response.json({ viewers: 2 }));
  keepSession('x', 'me', { heard: (session) => told.push(session), over: () => told.push('over') });
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([{ viewers: 2 }]);
  answer = () => Promise.resolve(Response.json({ code: 'session-unknown', title: 'gone' }, { status: 404 }));
  await vi.advanceTimersByTimeAsync(3 * pulseMs);
  expect(told).toEqual([{ viewers: 2 }, 'over']);
});

it('says nothing where there is no session', async () => {
  expect(keepSession(sessionOf('?token=t'))).toBeUndefined();
  expect(sessionOf('?token=t&session=s')).toBe('s');
  await vi.advanceTimersByTimeAsync(pulseMs);
  expect(asked).toHaveLength(0);
  expect(newViewer()).toMatch(/^[0-9a-f]{16}$/);
  expect(newViewer()).not.toBe(newViewer());
});
