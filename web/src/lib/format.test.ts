import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBitrate,
  formatBytes,
  formatClock,
  formatExpiry,
  formatSpan,
  languageName,
} from './format';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 KB'],
    [999_499, '999 KB'],
    [999_500, '1 MB'],
    [9_996_000, '10 MB'],
    [99_960_000, '100 MB'],
    [1_530_000_000, '1.53 GB'],
    [48_200_000_000, '48.2 GB'],
    [-5, '0 B'],
  ])('writes %d as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatClock', () => {
  it.each([
    [7, '0:07'],
    [59.6, '1:00'],
    [754, '12:34'],
    [3723, '1:02:03'],
    [39_600, '11:00:00'],
  ])('writes %d s as %s', (seconds, text) => expect(formatClock(seconds)).toBe(text));
});

describe('formatSpan', () => {
  it.each([
    [14_900, '14 s'],
    [60_000, '1 min'],
    [3_599_000, '59 min'],
    [3_600_000, '1 h'],
    [86_400_000, '1 day'],
    [200_000_000, '2 days'],
    [-1000, '0 s'],
  ])('writes %d ms as %s', (milliseconds, text) => expect(formatSpan(milliseconds)).toBe(text));
});

describe('dates', () => {
  const nowMs = Date.UTC(2025, 5, 15, 12, 0, 0);
  const at = (offsetMs: number): Date => new Date(nowMs + offsetMs);

  it('says how long ago', () => {
    expect(formatAgo(at(-3000), nowMs)).toBe('just now');
    expect(formatAgo(at(-180_000), nowMs)).toBe('3 min ago');
    expect(formatAgo(at(60_000), nowMs)).toBe('just now');
  });

  it('gives the date after a month', () => {
    expect(formatAgo(at(-60 * 86_400_000), nowMs)).toContain('2025');
  });

  it('says both sides of an expiry', () => {
    expect(formatExpiry(at(3 * 3_600_000), nowMs)).toBe('expires in 3 h');
    expect(formatExpiry(at(-14_000), nowMs)).toBe('expired 14 s ago');
    expect(formatExpiry(at(0), nowMs)).toBe('expired 0 s ago');
  });
});

describe('formatBitrate', () => {
  it.each([
    [640_000, '640 kb/s'],
    [999_499, '999 kb/s'],
    [999_500, '1 Mb/s'],
    [4_512_000, '4.5 Mb/s'],
  ])('writes %d as %s', (rate, text) => expect(formatBitrate(rate)).toBe(text));
});

describe('languageName', () => {
  it('names what the browser knows and shows the rest as it is', () => {
    expect(languageName('und')).toBe('');
    expect(languageName('')).toBe('');
    expect(languageName('fr')).not.toBe('fr');
    expect(languageName('not a tag!')).toBe('not a tag!');
  });
});
