/** So far apart, playing faster or slower would take too long. */
export const seekBeyondSeconds = 2;
/** Most that the speed is changed: beyond it people hear it. */
export const mostCorrection = 0.05;

/** Begun when it is worth it and ended when it is done, so that small errors of measurement change nothing. */
const beginSeconds = 0.04;
const endSeconds = 0.015;
/** Part of the distance that is made up for in a second. */
const perSecond = 0.6;

/**
 * How fast to play so that a distance to the room goes away.
 *
 * Up to 5 % faster or slower while it is large, then less and less: proportional, with a gain that never makes up for more
 * than half of the distance until the next look, so that it cannot swing, however seldom a throttled page looks.
 */
export class DriftControl {
  #correcting = false;

  /**
   * The speed as a factor, 0.95 to 1.05.
   * `driftSeconds`: how far ahead of the room; `betweenSeconds`: time until the next look, as far as the last ones tell.
   */
  factor(driftSeconds: number, betweenSeconds: number): number {
    const distance = Math.abs(driftSeconds);
    this.#correcting = distance > (this.#correcting ? endSeconds : beginSeconds);
    if (!this.#correcting) {
      return 1;
    }
    const gain = Math.min(perSecond, 0.5 / Math.max(betweenSeconds, 0.001));
    return 1 - Math.max(-mostCorrection, Math.min(mostCorrection, driftSeconds * gain));
  }

  /** What was measured so far says nothing any more. */
  reset(): void {
    this.#correcting = false;
  }
}
