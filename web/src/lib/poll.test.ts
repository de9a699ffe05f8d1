import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pollWhileSeen } from './poll';

const page = { hidden: false, look: (): void => undefined };
let asked: number;
let answer: () => Promise<number | null>;

const ask = (): Promise<number | null> => {
  asked += 1;
  return answer();
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', {
    get hidden() {
      return page.hidden;
    },
    addEventListener: (_: string, look: () => void) => {
      page.look = look;
    },
    removeEventListener: () => {
      page.look = () => undefined;
    },
  });
  page.hidden = false;
  asked = 0;
  answer = () => Promise.resolve(2000);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('asks at once and then at the pace that the answers give', async () => {
  pollWhileSeen(ask);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(4000);
  expect(asked).toBe(3);
  answer = () => Promise.resolve(10_000);
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked).toBe(4);
  await vi.advanceTimersByTimeAsync(9000);
  expect(asked).toBe(4);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toBe(5);
});

it('asks one question at a time, however slow the answer and often the page is looked at', async () => {
  let reply: (pauseMs: number) => void = () => undefined;
  answer = () =>
    new Promise((resolve) => {
      reply = resolve;
    });
  pollWhileSeen(ask);
  await vi.advanceTimersByTimeAsync(60_000);
  page.look();
  page.look();
  expect(asked).toBe(1);
  reply(2000);
  await vi.advanceTimersByTimeAsync(1999);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toBe(2);
});

it('asks nothing while nobody looks, and at once when somebody does again', async () => {
  pollWhileSeen(ask);
  await vi.advanceTimersByTimeAsync(0);
  page.hidden = true;
  page.look();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(1);
  page.hidden = false;
  page.look();
  expect(asked).toBe(2);
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked).toBe(3);
});

it('ends where asking is of no use', async () => {
  answer = () => Promise.resolve(null);
  pollWhileSeen(ask);
  await vi.advanceTimersByTimeAsync(60_000);
  page.look();
  expect(asked).toBe(1);
});

it('ends when it is told to, also in the middle of a question', async () => {
  const end = pollWhileSeen(ask);
  end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(1);
});
