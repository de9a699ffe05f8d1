import type { Asset } from '../api';
import type { Plays, UploadOptions } from './upload';

/** One attempt at sending what the server lacks of a file. */
export interface Attempt {
  readonly file: File;
  readonly options: UploadOptions;
  /** Where the upload is; null when it has to be announced. */
  readonly url: string | null;
  /** The server knows of it from now on. */
  announced(url: string): void;
  /** The server has so many bytes; `expiresAt` is until when it keeps them if nothing more comes. */
  accepted(bytes: number, expiresAt: Date | null): void;
  /** The last byte is on its way, and the answer to it is waited for. */
  sentAll(): void;
}

/** What became of an upload. */
export interface Arrived {
  mediaId: string;
  /** Null when the answer that told it was lost. */
  adminKey: string | null;
}

/** What the server says of an upload. */
export interface Standing {
  acceptedBytes: number;
  sizeBytes: number;
  mediaId: string | null;
  plays: Plays;
}

/** The queue's way to the server. Everything rejects with ApiError; `send` with an AbortError once its signal fired. */
export interface Transport {
  send(attempt: Attempt, signal: AbortSignal): Promise<Arrived>;
  title(mediaId: string): Promise<Asset>;
  ask(url: string): Promise<Standing>;
  /** Has the server throw away what it has; nothing to throw away is fine. */
  end(url: string): Promise<void>;
}
