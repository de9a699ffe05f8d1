import type { components } from '../api.gen';
import { formatBytes } from '../format';

/** A file that the server fetches by itself. */
export type Import = Omit<components['schemas']['ImportView'], 'createdAt' | 'updatedAt' | 'finishedAt'>;

/** Neither done nor given up. */
export function isOpen({ state }: Import): boolean {
  return state === 'queued' || state === 'running';
}

/** What to call it: the best name that is known so far. */
export function nameOf({ title, fileName, source }: Import): string {
  return title ?? fileName ?? source;
}

/** Whole percent, never 100 before the end; null while the size is not known. */
export function percentOf({ bytes, totalBytes }: Import): number | null {
  return totalBytes === null || totalBytes === 0
    ? null
    : Math.min(99, Math.floor((bytes / totalBytes) * 100));
}

/** `Fetching 43 % of 1.5 GB`; what is not known is left out. */
export function lineOf(item: Import): string {
  switch (item.state) {
    case 'queued':
      return 'Waiting for its turn';
    case 'running':
      if (item.kind === 'channel' && item.totalBytes === null) {
        return `Recording · ${formatBytes(item.bytes)}`;
      }
      if (item.kind === 'torrent' && item.totalBytes === null) {
        return 'Asking what is in it…';
      }
      if (item.totalBytes === null) {
        return item.bytes === 0 ? 'Asking for it…' : `Fetching · ${formatBytes(item.bytes)}`;
      }
      return item.bytes === item.totalBytes
        ? 'Arrived. Looking at what is in it…'
        : `Fetching ${percentOf(item) ?? 0} % of ${formatBytes(item.totalBytes)}`;
    case 'done':
      return 'In the library';
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Cancelled';
  }
}

/** The list with the newest state of one; one that is new to it stands first. */
export function withImport(items: readonly Import[], item: Import): Import[] {
  return items.some(({ id }) => id === item.id)
    ? items.map((known) => (known.id === item.id ? item : known))
    : [item, ...items];
}

/** The address that a pasted text is, or null. */
export function addressOf(text: string): string | null {
  const trimmed = text.trim();
  return /^https?:\/\/[^\s/]+\S*$/i.test(trimmed) ? trimmed : null;
}
