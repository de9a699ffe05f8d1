import { addressOf } from '../imports/import';

/** The address that a pasted text is, of http, https or magnet; null when it is none. */
export function sourceOf(text: string): string | null {
  const trimmed = text.trim();
  return /^magnet:\?\S+$/i.test(trimmed) ? trimmed : addressOf(trimmed);
}

/** The first .torrent file; null when there is none. */
export function torrentAmong(files: readonly File[]): File | null {
  return (
    files.find(
      ({ name, type }) => type === 'application/x-bittorrent' || name.toLowerCase().endsWith('.torrent'),
    ) ?? null
  );
}

/** A source that says all that is needed to begin it again; null when something was left out of it, or it never was an address. */
export function againOf(source: string): string | null {
  const address = sourceOf(source);
  return address === null || address.endsWith('…') ? null : address;
}
