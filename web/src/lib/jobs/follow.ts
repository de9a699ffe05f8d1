import type { Arrival } from '../arrival';
import type { Import } from '../imports/import';
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
  /** A page about one title has no use for these, nor one about uploads for the work on titles. */
  import?(item: Import): void;
  /** How much of a file that is on its way can be played. */
  arrival?(arrival: Arrival): void;
  /** The stream is open, the first time or again; what happened while there was none, only asking tells. */
  opened(again: boolean): void;
  /** The stream broke, or could not be made again; the browser tries on. */
  lost?(): void;
  /** Asks how things are, every ten seconds while there is no stream. False: it is of no use to ask again. */
  poll(): Promise<boolean>;
}

const pollEveryMs = 10_000;

/** After so many polls a stream is tried anew: the server may have had too many of them. */
const pollsPerTry = 6;

/**
 * Follows a stream of server-sent events, while the page is seen: an open stream is one of the six connections that a
 * browser has for a server. Without a `url`, or where it is refused, the server is asked now and then instead.
 */
export function follow(url: string | null, follower: Follower): () => void {
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let told = false;
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

  async function poll(polls: number): Promise<void> {
    const goesOn = await follower.poll();
    told = true;
    if (!goesOn) {
      end();
    } else if (!over && !document.hidden && stream === null && timer === undefined) {
      timer = setTimeout(() => {
        timer = undefined;
        if (url !== null && polls >= pollsPerTry) {
          connect(url);
        } else {
          void poll(polls + 1);
        }
      }, pollEveryMs);
    }
  }

  function connect(to: string): void {
    const opened = new EventSource(to);
    stream = opened;
    opened.onopen = () => {
      follower.opened(told);
      told = true;
    };
    opened.onerror = () => {
      // A connection that broke is made again by the browser; one that was refused is not.
      if (opened.readyState === EventSource.CLOSED && stream === opened) {
        stream = null;
        void poll(1);
      } else if (stream === opened) {
        follower.lost?.();
      }
    };
    opened.addEventListener('job', (event: MessageEvent<string>) =>
      follower.job(JSON.parse(event.data) as Job),
    );
    opened.addEventListener('media', (event: MessageEvent<string>) =>
      follower.media(JSON.parse(event.data) as MediaChange),
    );
    opened.addEventListener('import', (event: MessageEvent<string>) =>
      follower.import?.(JSON.parse(event.data) as Import),
    );
    opened.addEventListener('arrival', (event: MessageEvent<string>) =>
      follower.arrival?.(JSON.parse(event.data) as Arrival),
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
      void poll(1);
    }
  }

  document.addEventListener('visibilitychange', look);
  look();
  return end;
}
