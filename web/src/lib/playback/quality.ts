import { formatBitrate } from '../format';
import type { Quality } from './types';

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
