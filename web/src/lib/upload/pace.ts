import type { Problem } from '../api';

const smallestPiece = 256 * 1024;
const largestPiece = 64 * 1024 * 1024;
const longestPauseMs = 30_000;

/** The first piece of a file, in bytes. */
export const firstPieceBytes = smallestPiece;

/**
 * The next piece, after one of `bytes` took `milliseconds`: about a second's worth. An answer comes after each, so that
 * progress is what the server says; and only the answers cost time.
 */
export function nextPieceBytes(bytes: number, milliseconds: number): number {
  const second = (bytes * 1000) / Math.max(1, milliseconds);
  return Math.round(Math.min(largestPiece, Math.max(smallestPiece, Math.min(second, bytes * 4))));
}

/**
 * How long to wait before trying again, after so many failures in a row: 1, 2, 4… seconds, at most half a minute. Not at all when
 * the server only is at another byte: a browser repeats a request whose connection was reset, and part of it had come.
 */
export function pauseMs(failures: number, { status }: Pick<Problem, 'status'>): number {
  if (status === 409 && failures === 1) {
    return 0;
  }
  return Math.min(longestPauseMs, 1000 * 2 ** Math.max(0, failures - 1));
}

/** Waiting may mend it: the line is broken, the server is away, has no room now, or is busy with this very upload. */
export function isPassing({ status, code }: Problem): boolean {
  return (
    code === 'network' ||
    code === 'upload-interrupted' ||
    status === 408 ||
    status === 409 ||
    status === 423 ||
    status === 429 ||
    status >= 500
  );
}
