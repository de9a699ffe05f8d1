import { expect, it } from 'vitest';
import { audioLabel } from './audioLabel';
import { secondsAhead } from './buffer';
import { qualityLine } from './quality';

it.each([
  ['', '', 0, 'Track 1'],
  ['', 'und', 2, 'Track 3'],
  ['', 'en', 0, 'English'],
  ['en', 'en', 0, 'English'],
  ['Commentary', 'en', 0, 'Commentary (English)'],
  ['English 5.1', 'en', 0, 'English 5.1'],
  ['Commentary', '', 0, 'Commentary'],
])('names audio %s/%s as track %d: %s', (name, language, index, label) =>
  expect(audioLabel(name, language, index)).toBe(label),
);

it('leaves out of the quality line what is not known', () => {
  const full = {
    width: 1920,
    height: 1080,
    bitsPerSecond: 4_512_000,
    framesPerSecond: 23.976,
    codecs: 'avc1.640028',
  };
  expect(qualityLine(full)).toBe('1920×1080 · 23.98 fps · 4.5 Mb/s · avc1.640028');
  expect(qualityLine({ ...full, width: 0, height: 0, framesPerSecond: 0 })).toBe('4.5 Mb/s · avc1.640028');
});

it('measures what is buffered from the playhead on', () => {
  const ranges = [
    [0, 10],
    [20, 32],
  ] as const;
  const buffered = {
    length: ranges.length,
    start: (index: number) => ranges[index]?.[0] ?? NaN,
    end: (index: number) => ranges[index]?.[1] ?? NaN,
  };
  expect(secondsAhead(buffered, 4)).toBe(6);
  expect(secondsAhead(buffered, 20)).toBe(12);
  expect(secondsAhead(buffered, 15)).toBe(0);
  expect(secondsAhead(buffered, 32)).toBe(0);
});
