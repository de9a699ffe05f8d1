import type { PlaybackCause } from './types';

/** The element's own verdict, for what no player library reported first. */
export function causeOfMediaError(error: MediaError | null, url: string): PlaybackCause {
  switch (error?.code) {
    case MediaError.MEDIA_ERR_NETWORK:
      return { kind: 'load', url };
    case MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED:
      return { kind: 'codec', codecs: '' };
    default:
      return { kind: 'decode', message: error?.message ?? '' };
  }
}
