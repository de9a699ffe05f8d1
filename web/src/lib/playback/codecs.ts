import type { Track } from '../api';

/** Answers as `MediaSource.isTypeSupported` does. */
export type TypeSupport = (type: string) => boolean;

/**
 * The codecs of the title that make it unplayable here, or an empty list. Asked before a player starts: given a video
 * track that it cannot decode, dash.js would play the sound under a black picture.
 */
export function missingCodecs(tracks: readonly Track[], supports: TypeSupport): string[] {
  const missing = (kind: 'video' | 'audio', judge: 'some' | 'every'): string[] => {
    const codecs = tracks
      .filter((track) => track.kind === kind && track.action !== 'drop')
      .map((track) => track.codecs)
      .filter((value): value is string => value !== null && value !== '');
    const unplayable = codecs.filter((value) => !supports(`${kind}/mp4; codecs="${value}"`));
    const fails = judge === 'some' ? unplayable.length > 0 : unplayable.length === codecs.length;
    return fails ? unplayable : [];
  };
  // One unplayable audio track is only a choice less; a picture that cannot be shown is the whole title.
  return [...missing('video', 'some'), ...missing('audio', 'every')];
}

/** The browser's own judgement, through whichever kind of MediaSource it has. */
export function browserSupports(type: string): boolean {
  const source = (globalThis as { MediaSource?: typeof MediaSource }).MediaSource ?? managedSource();
  // No MSE at all: native HLS will have to find out by itself.
  return source === undefined || source.isTypeSupported(type);
}

function managedSource(): typeof MediaSource | undefined {
  return (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;
}
