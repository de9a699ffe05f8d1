import { secondsAhead } from './buffer';
import type { Quality } from './types';

/** One second of a playback. */
export interface PlaySample {
  atMs: number;
  bufferSeconds: number;
  /** Of what is on the screen; 0 when the stream does not say. */
  bitsPerSecond: number;
  /** Since the beginning. */
  droppedFrames: number;
}

/** What a viewer noticed of a playback. */
export interface Experience {
  /** From the wish to play until something was seen or heard; null until then. */
  startupMs: number | null;
  /** How often it stopped by itself, and for how long in all. */
  stalls: number;
  stalledMs: number;
  /** Changes of quality. */
  switches: number;
  droppedFrames: number;
  watchedSeconds: number;
}

/** Tells the server how a playback went, when it is over: also when the page goes away with it. */
export function tell(url: string, kind: string, experience: Experience, error: string | null): void {
  if (experience.startupMs === null && error === null) {
    return; // Left before there was anything to notice.
  }
  const { watchedSeconds, ...rest } = experience;
  const report = { kind, ...rest, watchedSeconds: Math.round(watchedSeconds), error };
  navigator.sendBeacon(url, new Blob([JSON.stringify(report)], { type: 'application/json' }));
}

const sampleEveryMs = 1000;
/** Samples that are kept: what a chart shows. */
const most = 180;

/** Watches a video element as a viewer would: what takes long, what stops, what changes. */
export class Meter {
  samples: PlaySample[] = $state.raw([]);
  experience: Experience = $state.raw({
    startupMs: null,
    stalls: 0,
    stalledMs: 0,
    switches: 0,
    droppedFrames: 0,
    watchedSeconds: 0,
  });

  #quality: Quality | null = null;
  #openedMs = performance.now();
  /** Since when it stands although it should play. */
  #stalledSinceMs: number | null = null;
  #playedUntil: number | null = null;

  /** The quality on the screen. */
  shows(quality: Quality): void {
    const before = this.#quality;
    this.#quality = quality;
    if (
      before !== null &&
      (before.height !== quality.height || before.bitsPerSecond !== quality.bitsPerSecond)
    ) {
      this.#note({ switches: this.experience.switches + 1 });
    }
  }

  /** Watches until the answer is called. */
  watch(video: HTMLVideoElement): () => void {
    this.#openedMs = performance.now();
    const listening = new AbortController();
    const on = (name: keyof HTMLMediaElementEventMap, listener: () => void): void =>
      video.addEventListener(name, listener, { signal: listening.signal });

    on('loadeddata', () => {
      if (this.experience.startupMs === null) {
        this.#note({ startupMs: Math.round(performance.now() - this.#openedMs) });
      }
    });
    on('waiting', () => {
      // At the beginning and after a seek there is nothing that could have gone on.
      if (
        this.experience.startupMs !== null &&
        !video.seeking &&
        !video.paused &&
        this.#playedUntil !== null
      ) {
        this.#stalledSinceMs = performance.now();
        this.#note({ stalls: this.experience.stalls + 1 });
      }
    });
    on('playing', () => this.goesOn());
    on('seeking', () => {
      this.goesOn();
      this.#playedUntil = null;
    });
    on('pause', () => this.goesOn());
    on('timeupdate', () => {
      const from = this.#playedUntil;
      this.#playedUntil = video.paused ? null : video.currentTime;
      const played = from === null ? 0 : video.currentTime - from;
      if (played > 0 && played < 2) {
        this.#note({ watchedSeconds: this.experience.watchedSeconds + played });
      }
    });

    const timer = setInterval(() => this.#sample(video), sampleEveryMs);
    return () => {
      clearInterval(timer);
      listening.abort();
      this.goesOn();
    };
  }

  /** What stood is counted until now: it goes on, or nobody waits for it any more. */
  goesOn(): void {
    if (this.#stalledSinceMs !== null) {
      this.#note({
        stalledMs: this.experience.stalledMs + Math.round(performance.now() - this.#stalledSinceMs),
      });
      this.#stalledSinceMs = null;
    }
  }

  #sample(video: HTMLVideoElement): void {
    const droppedFrames = video.getVideoPlaybackQuality().droppedVideoFrames;
    if (droppedFrames !== this.experience.droppedFrames) {
      this.#note({ droppedFrames });
    }
    const sample = {
      atMs: Date.now(),
      // The first picture may stand a little behind the beginning.
      bufferSeconds: secondsAhead(video.buffered, video.currentTime + 0.1),
      bitsPerSecond: this.#quality?.bitsPerSecond ?? 0,
      droppedFrames,
    };
    this.samples = [...this.samples.slice(-most + 1), sample];
  }

  #note(change: Partial<Experience>): void {
    this.experience = { ...this.experience, ...change };
  }
}
