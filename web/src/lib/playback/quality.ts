import { formatBitrate } from '../format';
import { automatic, type Choice, type Quality } from './types';

/** `1920×1080 · 25 fps · 4.5 Mb/s · avc1.640028, mp4a.40.2`, without the parts that are not known. */
export function qualityLine(quality: Quality): string {
  return [
    quality.width > 0 ? `${quality.width}×${quality.height}` : '',
    quality.framesPerSecond > 0 ? `${Number(quality.framesPerSecond.toFixed(2))} fps` : '',
    quality.bitsPerSecond > 0 ? formatBitrate(quality.bitsPerSecond) : '',
    quality.codecs,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** The choices that a stream leaves, by its own order: `1080p`, with the bit rate where two are of the same height. The best comes first. */
export function labelsOfQualities(qualities: readonly Quality[]): Choice[] {
  const rungs = qualities
    .map((quality, place) => ({ ...quality, id: String(place) }))
    .toSorted((a, b) => b.height - a.height || b.bitsPerSecond - a.bitsPerSecond);
  return [
    automatic,
    ...rungs.map(({ id, height, bitsPerSecond }) => ({
      id,
      label:
        height === 0
          ? formatBitrate(bitsPerSecond)
          : rungs.filter((other) => other.height === height).length > 1
            ? `${height}p, ${formatBitrate(bitsPerSecond)}`
            : `${height}p`,
    })),
  ];
}
