import type { components } from '../api.gen';

/** What a key-value store holds for players, as the operator sees it. */
export interface Store {
  /** Host and port; null when none is configured. */
  node: string | null;
  /** Published playlists, oldest first. */
  names: string[];
  /** Why they are not known; null when they are. */
  problem: string | null;
  reads: NodeReads[];
}

/** The last reads that one node answered. */
export interface NodeReads {
  /** As it names itself; empty when it does not. */
  node: string;
  medianMilliseconds: number;
  p95Milliseconds: number;
  /** Oldest first. */
  last: Read[];
}

/** One read of the store. */
export interface Read {
  /** ISO 8601. */
  at: string;
  /** Until the head of the answer. */
  milliseconds: number;
  /** What the node says itself. */
  saidMilliseconds: number | null;
  cache: string | null;
}

/** What a title is published as: demuxed fragments for HLS and DASH, or MPEG-TS for HLS. */
export type Form = Publication['form'];

/** A place of the configuration that titles can be published to. */
export type Target = components['schemas']['PublishPlaceView'];

/** Where a title is published, and how far that is. */
export type Publication = components['schemas']['PublicationView'];

export type Publications = components['schemas']['PublicationList'];

/** `Name_1700000000000.m3u8`: what was published, and when, in milliseconds since 1970. */
const named = /^(.+)_(\d{13})$/u;

const bare = (name: string): string => name.replace(/\.m3u8$/, '');

/** What people call it. */
export function titleOf(name: string): string {
  return named.exec(bare(name))?.[1] ?? bare(name);
}

/** When it was published, by its name; null when that does not say. */
export function timeOf(name: string): Date | null {
  const digits = named.exec(bare(name))?.[2];
  return digits === undefined ? null : new Date(Number(digits));
}

/** Its page. */
export function pageOf(name: string): string {
  return `/published?${new URLSearchParams({ name })}`;
}

/** Its playlist. Lists that others wrote may leave the ending out. */
export function playlistOf(name: string): string {
  return `/m3u8/${encodeURIComponent(`${bare(name)}.m3u8`)}`;
}

/** What plays after it; null after the last, and when it is not in the list. */
export function nextOf(names: readonly string[], name: string): string | null {
  const at = names.indexOf(name);
  return at < 0 ? null : (names[at + 1] ?? null);
}

/** Milliseconds: `0.35 ms`, `4.2 ms`, `120 ms`. */
export function formatMilliseconds(value: number): string {
  return `${Number(value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0))} ms`;
}

/** Something goes on there. */
export function isMoving({ state }: Publication): boolean {
  return state === 'publishing' || state === 'removing';
}

/** How it stands, in a few words. */
export function lineOf(publication: Publication | undefined): string {
  if (publication === undefined) {
    return 'Not published here.';
  }
  // 0.57 * 100 is a little less than 57.
  const percent = Math.min(99, Math.floor(publication.progress * 100 + 1e-6));
  switch (publication.state) {
    case 'publishing':
      return `Publishing ${percent} %`;
    case 'removing':
      return `Taking it away ${percent} %`;
    case 'published':
      return 'Published';
    case 'unlisted':
      return 'No longer listed; its files are still there.';
    case 'failed':
      return publication.publishedAt === null
        ? 'It was not published.'
        : 'That failed. What was published before is still there.';
  }
}

/** What unpublishing does at a place. */
export function consequenceOf({ canRemove }: Target): string {
  return canRemove
    ? 'Its files are removed there. Whoever plays them now is cut off.'
    : 'It is taken out of the list. This place removes no files: whoever knows the links can still fetch them.';
}
