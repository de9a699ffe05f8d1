import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { follow, type Follower } from './follow';
import type { Job } from './job';

/** The browser's EventSource, as far as it is used. */
class Stream {
  static readonly CLOSED = 2;
  static all: Stream[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readonly #heard = new Map<string, (event: { data: string }) => void>();

  constructor(readonly url: string) {
    Stream.all.push(this);
  }

  addEventListener(name: string, listener: (event: { data: string }) => void): void {
    this.#heard.set(name, listener);
  }

  close(): void {
    this.readyState = Stream.CLOSED;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  send(name: string, data: unknown): void {
    this.#heard.get(name)?.({ data: JSON.stringify(data) });
  }

  /** `refused` when the server said no; otherwise the browser connects again by itself. */
  break(refused: boolean): void {
    this.readyState = refused ? Stream.CLOSED : 0;
    this.onerror?.();
  }
}

const page = { hidden: false, look: (): void => undefined };
let jobs: string[];
let opened: boolean[];
let polls: number;
let losses: number;
let goesOn: boolean;

const follower: Follower = {
  job: (job: Job) => jobs.push(job.id),
  media: ({ id }) => jobs.push(`media ${id}`),
  import: ({ id }) => jobs.push(`import ${id}`),
  arrival: ({ id, plays }) => jobs.push(`arrival ${id} ${plays}`),
  opened: (again) => opened.push(again),
  lost: () => {
    losses += 1;
  },
  poll: () => {
    polls += 1;
    return Promise.resolve(goesOn);
  },
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Stream);
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
  Stream.all = [];
  page.hidden = false;
  jobs = [];
  opened = [];
  polls = 0;
  losses = 0;
  goesOn = true;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function latest(): Stream {
  const stream = Stream.all.at(-1);
  if (stream === undefined) {
    throw new Error('no stream was opened');
  }
  return stream;
}

it('tells what the stream says, and when it came back after a gap', async () => {
  follow('/events', follower);
  latest().open();
  latest().send('job', { id: 'j' });
  latest().send('media', { id: 'a' });
  latest().send('import', { id: 'i' });
  latest().send('arrival', { id: 'u', plays: 'now' });
  latest().break(false);
  latest().open();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(jobs).toEqual(['j', 'media a', 'import i', 'arrival u now']);
  expect(opened).toEqual([false, true]);
  expect([polls, losses, Stream.all.length]).toEqual([0, 1, 1]);
});

it('asks at once and every ten seconds where the stream is refused, and tries it again after a minute', async () => {
  follow('/events', follower);
  latest().break(true);
  expect(polls).toBe(1);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(polls).toBe(4);
  expect(Stream.all).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(Stream.all).toHaveLength(2);
  latest().open();
  expect(opened).toEqual([true]);
  const before = polls;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(polls).toBe(before);
});

it('only asks where there is no stream to open, until asking is of no use', async () => {
  follow(null, follower);
  await vi.advanceTimersByTimeAsync(90_000);
  expect(polls).toBe(10);
  goesOn = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(polls).toBe(11);
  expect(Stream.all).toEqual([]);
});

it('holds no connection and asks nothing while nobody looks', async () => {
  follow('/events', follower);
  latest().open();
  page.hidden = true;
  page.look();
  expect(latest().readyState).toBe(Stream.CLOSED);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(polls).toBe(0);
  page.hidden = false;
  page.look();
  latest().open();
  expect(opened).toEqual([false, true]);
});

it('ends when it is told to', async () => {
  const end = follow('/events', follower);
  latest().break(true);
  end();
  await vi.advanceTimersByTimeAsync(120_000);
  expect([polls, Stream.all.length]).toEqual([1, 1]);
});
