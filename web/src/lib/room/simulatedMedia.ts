import type { Media } from './follower';

/** A video element in a world whose time is `now()`: it plays, seeks and stalls, and tells of it a moment later as browsers do. */
export class SimulatedMedia implements Media {
  duration = 3600;
  readyState = 4;
  seeking = false;
  /** Seconds that a play() or a seek takes before pictures move. */
  latency = 0;
  /** How play() ends when the browser wants a click first. */
  refusal: DOMException | null = null;
  /** Nothing comes: time stands although it plays. */
  stalled = false;
  seeks = 0;
  #paused = true;
  #rate = 1;
  #position = 0;
  #movesAt = 0;
  #lastMs: number;
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(private readonly nowMs: () => number) {
    this.#lastMs = nowMs();
  }

  get ended(): boolean {
    return this.currentTime >= this.duration;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get currentTime(): number {
    const now = this.nowMs();
    const from = Math.max(this.#lastMs, this.#movesAt);
    if (!this.#paused && !this.stalled && now > from) {
      this.#position = Math.min(this.duration, this.#position + ((now - from) / 1000) * this.#rate);
    }
    this.#lastMs = now;
    return this.#position;
  }

  set currentTime(to: number) {
    this.#position = to;
    this.#lastMs = this.nowMs();
    if (this.readyState === 0) {
      return; // Where it will begin (HTML, default playback start position); of that nobody is told now.
    }
    this.#movesAt = this.#lastMs + this.latency * 1000;
    this.seeks += 1;
    this.#tell('seeking');
  }

  /** Its metadata have come: it goes where it was to begin, and has its first picture. */
  load(): void {
    this.readyState = 4;
    if (this.#position > 0) {
      this.#tell('seeking');
    }
    this.#tell('loadeddata');
  }

  get playbackRate(): number {
    return this.#rate;
  }

  set playbackRate(rate: number) {
    void this.currentTime;
    this.#rate = rate;
    this.#tell('ratechange');
  }

  get buffered(): TimeRanges {
    return { length: 1, start: () => 0, end: () => this.duration };
  }

  play(): Promise<void> {
    if (this.refusal !== null) {
      return Promise.reject(this.refusal);
    }
    if (this.#paused) {
      void this.currentTime;
      this.#paused = false;
      this.#movesAt = this.nowMs() + this.latency * 1000;
      this.#tell('play');
    }
    return Promise.resolve();
  }

  pause(): void {
    if (!this.#paused) {
      void this.currentTime;
      this.#paused = true;
      this.#tell('pause');
    }
  }

  addEventListener(name: string, listener: unknown): void {
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all.add(listener as () => void));
  }

  removeEventListener(name: string, listener: unknown): void {
    this.#listeners.get(name)?.delete(listener as () => void);
  }

  /** As after a player has put a new source into it. */
  empty(): void {
    this.readyState = 0;
    this.#tell('emptied');
  }

  #tell(name: string): void {
    queueMicrotask(() => this.#listeners.get(name)?.forEach((listener) => listener()));
  }
}
