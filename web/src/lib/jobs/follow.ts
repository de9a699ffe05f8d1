import type { Job } from './job';

/** The event `media`: a title changed. */
export interface MediaChange {
  id: string;
  state: string;
  revision: number;
}

export interface Follower {
  job(job: Job): void;
  media(change: MediaChange): void;
  /**
   * Asks how things are. Called when the stream opens, because nobody told what happened before, and every ten seconds
   * while there is no stream. `again` is false the first time. False ends it all: asking any more is of no use.
   */
  ask(again: boolean): Promise<boolean>;
}

const askEveryMs = 10_000;

/** Asked in vain so many times, a stream is tried anew: the server may have had too many of them. */
const asksPerTry = 6;

/**
 * Follows a stream of server-sent events, while the page is seen: an open stream is one of the six connections that a
 * browser has for a server. Without a `url`, or where it is refused, the server is asked now and then instead.
 */
export function follow(url: string | null, follower: Follower): () => void {
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = false;
  let over = false;

  function rest(): void {
    stream?.close();
    stream = null;
    clearTimeout(timer);
    timer = undefined;
  }

  function end(): void {
    over = true;
    rest();
    document.removeEventListener('visibilitychange', look);
  }

  async function ask(): Promise<void> {
    const again = asked;
    asked = true;
    if (!(await follower.ask(again))) {
      end();
    }
  }

  function poll(asks: number): void {
    timer = setTimeout(() => void askAndPoll(asks), askEveryMs);
  }

  async function askAndPoll(asks: number): Promise<void> {
    const mine = timer;
    await ask();
    // Hidden or ended meanwhile: another timer, or none, is in charge.
    if (over || timer !== mine || document.hidden) {
      return;
    }
    if (url !== null && asks >= asksPerTry) {
      connect(url);
    } else {
      poll(asks + 1);
    }
  }

  function connect(to: string): void {
    const opened = new EventSource(to);
    stream = opened;
    opened.onopen = () => void ask();
    opened.onerror = () => {
      // A connection that broke is made again by the browser; one that was refused is not.
      if (opened.readyState === EventSource.CLOSED && stream === opened) {
        stream = null;
        void askAndPoll(1);
      }
    };
    opened.addEventListener('job', (event: MessageEvent<string>) =>
      follower.job(JSON.parse(event.data) as Job),
    );
    opened.addEventListener('media', (event: MessageEvent<string>) =>
      follower.media(JSON.parse(event.data) as MediaChange),
    );
  }

  function look(): void {
    rest();
    if (document.hidden || over) {
      return;
    }
    if (url !== null) {
      connect(url);
    } else {
      void askAndPoll(1);
    }
  }

  document.addEventListener('visibilitychange', look);
  look();
  return end;
}
