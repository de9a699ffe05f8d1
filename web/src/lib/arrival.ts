import type { Asset } from './api';
import type { components } from './api.gen';
import { formatClock } from './format';

/** How far a title is that is still arriving. */
export type Arriving = components['schemas']['ArrivalView'];

/** The event `arrival`: a file that comes, whether or not it is a title yet. */
export interface Arrival extends Arriving {
  id: string;
  plays: 'unknown' | 'now' | 'at-end';
}

/** Whole percent of the bytes, never 100 before the end. */
export function arrivedPercent({ landedBytes, totalBytes }: Arriving): number {
  return totalBytes === 0 ? 0 : Math.min(99, Math.floor((landedBytes / totalBytes) * 100));
}

/** `Arriving, 34 % · plays up to 12:34`; what is not known is left out. */
export function lineOfArrival(arriving: Arriving | null): string {
  if (arriving === null) {
    return 'Arriving';
  }
  const line = `Arriving, ${arrivedPercent(arriving)} %`;
  return arriving.playableSeconds >= 1
    ? `${line} · plays up to ${formatClock(Math.floor(arriving.playableSeconds))}`
    : line;
}

/** The list with the newest word about one title that is arriving. */
export function withArrival(assets: readonly Asset[], arrival: Arrival): Asset[] {
  return assets.map((asset) =>
    asset.id === arrival.id && asset.state === 'arriving' ? { ...asset, arrival } : asset,
  );
}
