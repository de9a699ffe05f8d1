/** A part that is not there after so long is no part that is just being encoded. */
const longestMs = 60_000;

/**
 * At what pace to ask again for what the server encodes: it holds each request for some seconds by itself. The number says no more
 * than that the player libraries do not end it: `PartWait` does.
 */
export const askAgain = { everyMs: 1000, times: 1_000_000 } as const;

/** Other failures in a row, after which a part is given up: a dead server is reported after about four seconds. */
const mostFailures = 4;

/** The status of `segment-pending`: the part is being made, come back. */
export const pendingStatus = 503;

/**
 * For how long the parts of a title are asked for: the player libraries know one number for all kinds of failure. Parts that
 * the server is still encoding are counted by kind of track: each kind loads one after the other, so one that arrives ends
 * the waiting of its kind.
 */
export class PartWait {
  readonly #since = new Map<string, number>();
  #failures = 0;
  #told = false;

  constructor(
    /** Whether anything is waited for. */
    private readonly onwaiting: (waiting: boolean) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The server said that a part is not there yet. True when that has been so for too long. */
  pending(kind: string): boolean {
    const since = this.#since.get(kind) ?? this.now();
    this.#since.set(kind, since);
    this.#failures = 0;
    this.#tell();
    return this.now() - since > longestMs;
  }

  /** A part did not come for another reason. True when that was so too often. */
  failed(): boolean {
    this.#failures += 1;
    return this.#failures >= mostFailures;
  }

  arrived(kind: string): void {
    this.#failures = 0;
    this.#since.delete(kind);
    this.#tell();
  }

  /** The viewer went elsewhere in the title: other parts, another wait. */
  forget(): void {
    this.#failures = 0;
    this.#since.clear();
    this.#tell();
  }

  #tell(): void {
    const waiting = this.#since.size > 0;
    if (waiting !== this.#told) {
      this.#told = waiting;
      this.onwaiting(waiting);
    }
  }
}
