import type { Asset, Problem } from '../api';
import type { Arrival } from '../arrival';

/**
 * Where one file is:
 *
 *     waiting ──► sending ──► checking ──► done
 *       ▲  ▲       │   ▲ ╲
 *       │  │ pause ▼   │  ╲ broken
 *       │ paused ◄─┤   └── retrying (goes on by itself)
 *       │          └──► failed ── try again ──► waiting
 *     unfinished: left by an earlier page, which had the file
 */
export type UploadState =
  'waiting' | 'sending' | 'retrying' | 'checking' | 'paused' | 'unfinished' | 'removing' | 'done' | 'failed';

/** Whether a file plays while it arrives: only `now` and `at-end` are final. */
export type Plays = Arrival['plays'];

/** One file on its way, as the page shows it. */
export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly state: UploadState;
  /** What the server says that it has. */
  readonly acceptedBytes: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
  /** The title that it becomes; null before the server knows of it. */
  readonly mediaId: string | null;
  readonly plays: Plays;
  readonly asset: Asset | null;
  /** Told once, in the answer to the last byte. */
  readonly adminKey: string | null;
  readonly problem: Problem | null;
}

export interface UploadOptions {
  /** Minutes until the title expires; null keeps it for good. */
  expiresInMinutes: number | null;
}

export type UploadAction = 'pause' | 'resume' | 'retry' | 'choose';

/** Ends when this page does. */
export function isActive({ state }: Upload): boolean {
  return state === 'waiting' || state === 'sending' || state === 'retrying' || state === 'checking';
}

/** Nothing more comes of it by itself, and there is nothing left of it on the server to be removed. */
export function isOver({ state, mediaId }: Upload): boolean {
  return state === 'done' || (state === 'failed' && mediaId === null);
}

/** All of it has come, and the title is not made yet. */
export function isArriving({ state }: Asset): boolean {
  return state === 'arriving';
}

/** What can be done about it, besides taking it away. */
export function actionsOf({ state }: Upload, hasFile: boolean): UploadAction[] {
  switch (state) {
    case 'waiting':
    case 'sending':
    case 'retrying':
      return ['pause'];
    case 'paused':
      return ['resume'];
    case 'failed':
      return hasFile ? ['retry'] : ['choose'];
    case 'unfinished':
      return ['choose'];
    case 'checking':
    case 'removing':
    case 'done':
      return [];
  }
}

/** Whole percent of what the server has, never 100 before the end. */
export function percentOf(acceptedBytes: number, sizeBytes: number): number {
  return sizeBytes === 0 ? 0 : Math.min(99, Math.floor((acceptedBytes / sizeBytes) * 100));
}
