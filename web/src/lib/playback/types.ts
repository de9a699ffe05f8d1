export type StreamKind = 'hls' | 'dash';

/** Something that can be chosen, as the chooser shows it. */
export interface Choice {
  id: string;
  label: string;
}

/** One audio track. */
export type AudioChoice = Choice;

/** The player chooses the quality by itself. */
export const automatic: Choice = { id: 'auto', label: 'Automatic' };

/** What is on the screen now. Zero or empty where the stream does not say. */
export interface Quality {
  width: number;
  height: number;
  bitsPerSecond: number;
  framesPerSecond: number;
  codecs: string;
}

/** Why a player gave up, before anybody asked the server for its reason. */
export type PlaybackCause =
  | { kind: 'load'; url: string }
  | { kind: 'codec'; codecs: string }
  | { kind: 'decode'; message: string }
  | { kind: 'unsupported' };

export interface PlayerEvents {
  onAudio(choices: AudioChoice[], selectedId: string): void;
  onQuality(quality: Quality): void;
  /** What the stream offers, the best first, and `automatic` before all. */
  onQualities(choices: Choice[]): void;
  /** A part of the title is being encoded right now, and is waited for; or no longer. */
  onEncoding(waiting: boolean): void;
  /** Called for what ends playback only; what the player recovers from by itself stays silent. */
  onFailure(cause: PlaybackCause): void;
}

/** A running player on one video element. */
export interface Player {
  selectAudio(id: string): void;
  /** Stays with one quality, or with `automatic` chooses again by itself. */
  selectQuality(id: string): void;
  /** Asks again for the part that it gave up, from where it stands. */
  resume(): void;
  destroy(): void;
}

/** Starts a player on `video`, at `startSeconds` of the title. */
export type StartPlayer = (
  video: HTMLVideoElement,
  url: string,
  startSeconds: number,
  events: PlayerEvents,
) => Player;

/** What a player of a live stream tells. */
export type LiveEvents = Pick<PlayerEvents, 'onQuality' | 'onFailure'>;

/** A running player on a stream without an end. */
export interface LivePlayer {
  /** To the newest that can be played, after a rest too. */
  toEdge(): void;
  /** Seconds behind the newest picture, and how many of them the player keeps by itself; null while that is not known. */
  latency(): { seconds: number; ownSeconds: number } | null;
  /** Loads nothing more, so that nothing is fetched for somebody who went away. */
  rest(): void;
  destroy(): void;
}

/** Starts a player on `video`, at the live edge. */
export type StartLive = (video: HTMLVideoElement, url: string, events: LiveEvents) => LivePlayer;
