import type { Problem } from '../api';
import type { Readiness } from './live';

/**
 * Waits until a channel can be played. What gets over by itself, a channel that is starting or whose upstream is down, is asked
 * for again until it has; the rest is told once.
 *
 *     starting ──200──▶ ready ──open()──▶ starting
 *        │ 503: warming, asked again soon
 *        └──4xx, 502, no answer──▶ failed ──by itself where that helps, or open()──▶ ready
 */
export class LiveOpening {
  phase = $state<'starting' | 'ready' | 'failed'>('starting');
  /** Why it is not ready; null while nobody said. */
  problem: Problem | null = $state.raw(null);
  /** It is tried again without being told to. */
  goesOn = $state(true);

  #attempt: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ask: (signal: AbortSignal) => Promise<Readiness>) {}

  /** Tries it now: at first, on demand, and when the stream broke off while it played. */
  open(): void {
    if (this.phase === 'ready') {
      this.phase = 'starting';
      this.problem = null;
    }
    void this.#try();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#attempt?.abort();
    this.#attempt = null;
  }

  async #try(): Promise<void> {
    this.close();
    const attempt = new AbortController();
    this.#attempt = attempt;
    const answer = await this.ask(attempt.signal);
    if (attempt.signal.aborted) {
      return;
    }
    if (answer.ready) {
      this.problem = null;
      this.goesOn = true;
      this.phase = 'ready';
      return;
    }
    this.problem = answer.problem;
    this.goesOn = answer.againMs !== null;
    this.phase = answer.warming ? 'starting' : 'failed';
    if (answer.againMs !== null) {
      this.#timer = setTimeout(() => void this.#try(), answer.againMs);
    }
  }
}
