/** Speed of a transfer, smoothed so that the number can be read. Bytes and milliseconds in, bytes per second out. */
export class TransferRate {
  #lastBytes: number;
  #lastMs: number;
  #bytesPerSecond = 0;

  /** `startBytes` were there before: they took no time. */
  constructor(startMs: number, startBytes = 0) {
    this.#lastMs = startMs;
    this.#lastBytes = startBytes;
  }

  /** Takes the total sent so far; samples closer than 200 ms are folded into the next one. */
  sample(sentBytes: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs < 200) {
      return;
    }
    const current = ((sentBytes - this.#lastBytes) * 1000) / elapsedMs;
    this.#bytesPerSecond = this.#bytesPerSecond === 0 ? current : this.#bytesPerSecond * 0.7 + current * 0.3;
    this.#lastBytes = sentBytes;
    this.#lastMs = nowMs;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /** Seconds until `totalBytes` are through, or null while the speed is not known. */
  secondsLeft(sentBytes: number, totalBytes: number): number | null {
    return this.#bytesPerSecond > 0 ? (totalBytes - sentBytes) / this.#bytesPerSecond : null;
  }
}
