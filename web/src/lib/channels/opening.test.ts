import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Readiness } from './live';
import { LiveOpening } from './opening.svelte';

const problem = { title: 'No.', status: 503, code: 'some-code' };
const warming: Readiness = { ready: false, warming: true, problem, againMs: 2000 };
const down: Readiness = { ready: false, warming: false, problem, againMs: 10_000 };
const refused: Readiness = { ready: false, warming: false, problem, againMs: null };

let answers: Readiness[];
let signals: AbortSignal[];

const ask = (signal: AbortSignal): Promise<Readiness> => {
  signals.push(signal);
  return Promise.resolve(answers.shift() ?? { ready: true });
};

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  signals = [];
});

afterEach(() => vi.useRealTimers());

async function opened(): Promise<LiveOpening> {
  const opening = new LiveOpening(ask);
  opening.open();
  await vi.advanceTimersByTimeAsync(0);
  return opening;
}

it('is ready when the channel is', async () => {
  const opening = await opened();
  expect([opening.phase, opening.problem]).toEqual(['ready', null]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals).toHaveLength(1);
});

it('waits for one that starts, and says what it waits for', async () => {
  answers = [warming, warming];
  const opening = await opened();
  expect([opening.phase, opening.problem]).toEqual(['starting', problem]);
  await vi.advanceTimersByTimeAsync(3999);
  expect(opening.phase).toBe('starting');
  await vi.advanceTimersByTimeAsync(1);
  expect([opening.phase, opening.problem]).toEqual(['ready', null]);
});

it('shows that an upstream is down until it is back', async () => {
  answers = [down];
  const opening = await opened();
  expect([opening.phase, opening.goesOn]).toEqual(['failed', true]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([opening.phase, opening.problem]).toEqual(['ready', null]);
});

it('does not knock again where it was refused, unless it is told to', async () => {
  answers = [refused];
  const opening = await opened();
  expect([opening.phase, opening.goesOn]).toEqual(['failed', false]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals).toHaveLength(1);
  opening.open();
  await vi.advanceTimersByTimeAsync(0);
  expect(opening.phase).toBe('ready');
});

it('starts again when the stream broke off, and tells it at once', async () => {
  const opening = await opened();
  answers = [warming];
  opening.open();
  expect(opening.phase).toBe('starting');
  await vi.advanceTimersByTimeAsync(2000);
  expect(opening.phase).toBe('ready');
});

it('asks one question at a time, and none when it is closed', async () => {
  answers = [down, down, down];
  const opening = await opened();
  opening.open();
  opening.open();
  await vi.advanceTimersByTimeAsync(0);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
  opening.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals).toHaveLength(3);
  expect(signals.at(-1)?.aborted).toBe(true);
});
