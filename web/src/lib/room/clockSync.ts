interface Sample {
  offsetMs: number;
  delayMs: number;
}

/** Rounds that are remembered: old ones know nothing of how the clocks have drifted since. */
const kept = 8;

/**
 * The room's clock as this page knows it, from round trips as in NTP (RFC 5905 section 8). Of the last ones the quickest counts:
 * its answer had the least time to be late.
 *
 *     ours   sent ─────────────────────────── now
 *     room          received ── answered
 */
export class ClockSync {
  #samples: Sample[] = [];
  #fallbackMs: number | null = null;

  /** One round trip; `sentMs` and `nowMs` are ours, the others the room's. */
  add(sentMs: number, receivedMs: number, answeredMs: number, nowMs: number): void {
    const delayMs = nowMs - sentMs - (answeredMs - receivedMs);
    if (delayMs < 0) {
      return; // A clock jumped meanwhile.
    }
    this.#samples.push({ offsetMs: (receivedMs - sentMs + (answeredMs - nowMs)) / 2, delayMs });
    if (this.#samples.length > kept) {
      this.#samples.shift();
    }
  }

  /** A first guess: the room's time in a message that came just now. A server that began anew begins a new count. */
  reset(roomMs: number, nowMs: number): void {
    this.#samples = [];
    this.#fallbackMs = roomMs - nowMs;
  }

  /** The room's time at `nowMs` of ours. */
  roomTime(nowMs: number): number {
    return nowMs + (this.#best()?.offsetMs ?? this.#fallbackMs ?? 0);
  }

  /** Round trips that were good. */
  get rounds(): number {
    return this.#samples.length;
  }

  #best(): Sample | null {
    return this.#samples.reduce<Sample | null>(
      (best, sample) => (best === null || sample.delayMs <= best.delayMs ? sample : best),
      null,
    );
  }
}
