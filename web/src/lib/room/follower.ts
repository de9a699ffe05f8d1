import { secondsAhead } from '../playback/buffer';
import { DriftControl, seekBeyondSeconds } from './drift';
import { answers, isMoving, positionAt, type Command, type RoomState } from './protocol';

/** What a follower needs of a video element. */
export type Media = Pick<
  HTMLVideoElement,
  | 'currentTime'
  | 'duration'
  | 'paused'
  | 'ended'
  | 'seeking'
  | 'readyState'
  | 'playbackRate'
  | 'buffered'
  | 'play'
  | 'pause'
  | 'addEventListener'
  | 'removeEventListener'
>;

export interface FollowerEvents {
  /** The viewer used the player's own controls. False when the room does not take it: then it is undone. */
  onCommand(command: Command): boolean;
  /** The browser wants a click before it plays; or no longer. */
  onBlocked(blocked: boolean): void;
}

/** While it stands, a picture that is less off than this is the same. */
const standingSeconds = 0.04;
/** After a stall so much must be there that the next one is not at once. */
const enoughSeconds = 2;
/** Smaller jumps are the player's own, over holes. */
const jumpSeconds = 1;
/** So much of the title's end a viewer sees to the end, when the room is through. */
const lastSeconds = 1;
/** A seek takes its time; before that there is nothing to measure. It doubles while seeking does not help. */
const seekPauseMs = 1500;
const longestSeekPauseMs = 24_000;
/**
 * When it has only just begun to play, a jump is no disturbance: so far off it is trimmed by a seek, twice at most, each time aimed by
 * as much further as the last one came too late.
 */
const trimBeyondSeconds = 0.25;
const mostTrims = 2;
const trimAfterMs = 400;
const longestLeadSeconds = 1.5;
/** What the viewer just did stays until the room has answered, or was not heard. */
const answerMs = 2000;
const pictureReadyState = 2; // HAVE_CURRENT_DATA
const enoughReadyState = 3; // HAVE_FUTURE_DATA

/**
 * Keeps one video element where its room is.
 *
 *     state of the room ─ tick ─→ play, pause, seek, speed
 *     events that tick did not cause ─→ commands to the room
 */
export class MediaFollower {
  readonly #drift = new DriftControl();
  #state: RoomState | null = null;
  /** What the element was told last; anything else was the viewer. */
  #told = { playing: false, rate: 1, position: null as number | null };
  /** Pauses of ours that the element has not told of yet. */
  #ownPauses = 0;
  #blocked = false;
  /** It has shown a picture of what it plays now: before that it is the player that looks for its beginning. */
  #began: boolean;
  #ready = false;
  /** Until when the viewer's own act stands, in our time. */
  #heldBackUntil = 0;
  /** That act, the last of them; null when the room has answered it. */
  #asked: Command | null = null;
  #noSeekUntil = 0;
  #seekPauseMs = seekPauseMs;
  #lastTickMs: number | null = null;
  #betweenSeconds = 0.25;
  #trims = 0;
  #trimAt = 0;
  #trimmed = false;
  #leadSeconds = 0;
  /** Runs while the viewer drags; what the room says meanwhile must not take the place from under the hand. */
  #dragging: ReturnType<typeof setTimeout> | undefined;
  /** Seconds ahead of the room when it was measured last; null while there is nothing to measure. */
  driftSeconds: number | null = null;

  constructor(
    readonly media: Media,
    /** The room's time in milliseconds. */
    private readonly roomTime: () => number,
    private readonly events: FollowerEvents,
    /** Our own steady time in milliseconds. */
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#began = media.readyState >= pictureReadyState;
    this.#told.playing = !media.paused;
    this.#told.rate = media.playbackRate;
    for (const [name, listener] of this.#listeners) {
      media.addEventListener(name, listener);
    }
  }

  /** Whether it could go on playing. */
  get ready(): boolean {
    return this.#ready && !this.#blocked;
  }

  /** The room's state; null leaves the element alone. */
  follow(state: RoomState | null): void {
    const isFirst = this.#state === null;
    this.#state = state;
    // The answer to a play must not undo the seek that followed it.
    if (state === null || this.#asked === null || answers(state, this.#asked)) {
      this.#asked = null;
      this.#heldBackUntil = 0;
    }
    if (state === null) {
      this.#stopDragging();
    }
    // It began to play while there was nobody to tell, and nobody has said anything else since.
    if (isFirst && state?.revision === 0 && state.paused && !this.media.paused) {
      this.#told.playing = true;
      this.#ask({ type: 'play' });
    }
    this.tick();
  }

  /** The viewer clicked: now the browser lets it play. */
  unblock(): void {
    this.#setBlocked(false);
    this.tick();
  }

  /** Compares and corrects; to be called a few times a second. */
  tick(): void {
    const now = this.now();
    if (this.#lastTickMs !== null && now > this.#lastTickMs) {
      this.#betweenSeconds = (now - this.#lastTickMs) / 1000;
    }
    this.#lastTickMs = now;
    this.#lookWhetherReady();
    const state = this.#state;
    if (
      state === null ||
      this.#dragging !== undefined ||
      now < this.#heldBackUntil ||
      this.media.readyState === 0
    ) {
      return;
    }
    const end = Number.isFinite(this.media.duration) ? this.media.duration : Infinity;
    const target = Math.min(positionAt(state, this.roomTime()), end);
    if (target >= end && this.#isEnding(end)) {
      this.#setRate(state.rate);
    } else if (!isMoving(state) || target >= end) {
      this.#stand(target, state.rate);
    } else {
      this.#move(target, state.rate, now);
    }
  }

  close(): void {
    this.#stopDragging();
    for (const [name, listener] of this.#listeners) {
      this.media.removeEventListener(name, listener);
    }
    this.#setRate(1);
  }

  /** Whether it plays its last moments, which the room has behind it: paused there it would never have ended. */
  #isEnding(end: number): boolean {
    const { media } = this;
    return !media.paused && !media.ended && !media.seeking && end - media.currentTime < lastSeconds;
  }

  #stand(target: number, rate: number): void {
    const { media } = this;
    this.#drift.reset();
    this.driftSeconds = null;
    this.#told.playing = false;
    if (!media.paused) {
      this.#ownPauses += 1;
      media.pause();
    }
    if (!media.seeking && Math.abs(media.currentTime - target) > standingSeconds) {
      this.#seek(target);
    }
    this.#setRate(rate);
  }

  #move(target: number, rate: number, now: number): void {
    const { media } = this;
    if (media.paused) {
      if (Math.abs(media.currentTime - target) > seekBeyondSeconds && !media.seeking) {
        this.#seek(target);
      }
      this.#play();
    }
    if (media.seeking || media.readyState < enoughReadyState || this.#blocked) {
      this.driftSeconds = null;
      if (!media.seeking) {
        this.#begin(now); // What comes after a stall is a beginning too.
      }
      return;
    }
    const drift = media.currentTime - target;
    this.driftSeconds = drift;
    if (Math.abs(drift) > seekBeyondSeconds) {
      if (now >= this.#noSeekUntil) {
        this.#noSeekUntil = now + this.#seekPauseMs;
        this.#seekPauseMs = Math.min(this.#seekPauseMs * 2, longestSeekPauseMs);
        this.#drift.reset();
        this.#setRate(rate);
        this.#seek(target);
        return;
      }
    } else if (this.#trim(drift, target, now)) {
      return;
    } else if (now >= this.#noSeekUntil + this.#seekPauseMs) {
      this.#seekPauseMs = seekPauseMs; // The last one has helped.
    }
    this.#setRate(rate * this.#drift.factor(drift, this.#betweenSeconds));
  }

  /** Whether it was so far off at its beginning that it was put right at once. */
  #trim(drift: number, target: number, now: number): boolean {
    if (this.#trims === 0 || now < this.#trimAt) {
      return false;
    }
    if (this.#trimmed) {
      this.#trimmed = false;
      this.#leadSeconds = Math.min(longestLeadSeconds, Math.max(0, this.#leadSeconds - drift));
    }
    if (Math.abs(drift) <= trimBeyondSeconds) {
      this.#trims = 0;
      return false;
    }
    this.#trims -= 1;
    this.#trimmed = true;
    this.#trimAt = now + trimAfterMs;
    this.#seek(target + this.#leadSeconds);
    return true;
  }

  #begin(now: number): void {
    this.#trims = mostTrims;
    this.#trimmed = false;
    this.#trimAt = now + trimAfterMs;
  }

  #play(): void {
    if (this.#blocked) {
      return;
    }
    if (!this.#told.playing) {
      this.#begin(this.now());
    }
    this.#told.playing = true;
    this.media.play().catch((error: unknown) => {
      // Anything else ends with the next tick.
      if (error instanceof DOMException && error.name === 'NotAllowedError') {
        this.#setBlocked(true);
      }
    });
  }

  #seek(to: number): void {
    this.#told.position = to;
    this.media.currentTime = to;
  }

  #setRate(rate: number): void {
    // Each change costs the decoder something: not for less than half a percent, except to be right again.
    if (
      Math.abs(this.media.playbackRate - rate) >= 0.005 ||
      (rate === this.#state?.rate && this.media.playbackRate !== rate)
    ) {
      this.#told.rate = rate;
      this.media.playbackRate = rate;
    }
  }

  #setBlocked(blocked: boolean): void {
    if (this.#blocked !== blocked) {
      this.#blocked = blocked;
      this.events.onBlocked(blocked);
    }
  }

  #lookWhetherReady(): void {
    const { media } = this;
    if (media.readyState < enoughReadyState || media.seeking) {
      this.#ready = media.ended;
    } else if (!this.#ready) {
      const ahead = secondsAhead(media.buffered, media.currentTime);
      this.#ready = ahead >= enoughSeconds || media.currentTime + ahead >= media.duration - 0.2;
    }
  }

  /** The viewer did something: it is the room's to answer. */
  #ask(command: Command): void {
    const isTaken = this.events.onCommand(command);
    this.#asked = isTaken ? command : null;
    this.#heldBackUntil = isTaken ? this.now() + answerMs : 0;
  }

  /** Sent somewhere before it knew its title, an element tells of that when it goes there; by then the room plays from elsewhere. */
  #askForBeginning(state: RoomState): void {
    const { currentTime, readyState } = this.media;
    if (
      readyState === 0 &&
      state.revision === 0 &&
      Math.abs(currentTime - positionAt(state, this.roomTime())) >= jumpSeconds
    ) {
      this.#ask({ type: 'seek', position: currentTime });
    }
  }

  readonly #listeners: [string, () => void][] = [
    [
      'play',
      () => {
        this.#setBlocked(false);
        if (this.#state !== null && !this.#told.playing) {
          this.#told.playing = true;
          this.#askForBeginning(this.#state);
          this.#ask({ type: 'play' });
        }
      },
    ],
    [
      'pause',
      () => {
        // Between a click on play and the word of it a look may have paused: that was not the viewer.
        if (this.#ownPauses > 0) {
          this.#ownPauses -= 1;
          return;
        }
        // At the end the element pauses by itself.
        if (this.#state !== null && this.#told.playing && !this.media.ended) {
          this.#told.playing = false;
          this.#ask({ type: 'pause' });
        }
      },
    ],
    [
      'ratechange',
      () => {
        const { playbackRate } = this.media;
        // A player that begins anew sets it back by itself.
        if (this.#state !== null && this.#began && Math.abs(playbackRate - this.#told.rate) > 0.001) {
          this.#told.rate = playbackRate;
          this.#ask({ type: 'rate', rate: playbackRate });
        }
      },
    ],
    ['seeking', () => this.#onSeeking()],
    ['loadeddata', () => (this.#began = true)],
    [
      'emptied',
      () => {
        this.#began = false;
        this.#ready = false;
        this.#told.playing = false;
        this.#ownPauses = 0;
      },
    ],
  ];

  #onSeeking(): void {
    const { media } = this;
    const { position } = this.#told;
    if (
      this.#state === null ||
      // In a room where nobody has done anything the player looks for its beginning at the room's.
      (!this.#began && this.#state.revision > 0) ||
      (position !== null && Math.abs(media.currentTime - position) < 0.5)
    ) {
      this.#told.position = null;
      return;
    }
    if (Math.abs(media.currentTime - positionAt(this.#state, this.roomTime())) < jumpSeconds) {
      return;
    }
    // Dragging is many seeks: the last one counts.
    clearTimeout(this.#dragging);
    this.#dragging = setTimeout(() => {
      this.#stopDragging();
      this.#ask({ type: 'seek', position: media.currentTime });
    }, 200);
  }

  #stopDragging(): void {
    clearTimeout(this.#dragging);
    this.#dragging = undefined;
  }
}
