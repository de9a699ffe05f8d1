import { describe, expect, it } from 'vitest';
import {
  consequenceOf,
  formatMilliseconds,
  lineOf,
  nextOf,
  pageOf,
  playlistOf,
  timeOf,
  titleOf,
  type Publication,
} from './published';

const publication = (over: Partial<Publication>): Publication => ({
  target: 'kv',
  form: 'ts',
  state: 'published',
  progress: 1,
  entrances: [],
  bytes: 0,
  reason: null,
  job: 'job',
  publishedAt: null,
  ...over,
});

describe('names', () => {
  it.each([
    ['Meer. Teil 2_1700000000000.m3u8', 'Meer. Teil 2', 1_700_000_000_000],
    ['a_1_1700000000000', 'a_1', 1_700_000_000_000],
    ['film.m3u8', 'film', null],
    ['film_170000000000.m3u8', 'film_170000000000', null],
  ])('%s', (name, title, time) => {
    expect(titleOf(name)).toBe(title);
    expect(timeOf(name)?.getTime() ?? null).toBe(time);
  });

  it('lead to pages and playlists, whatever is in them', () => {
    expect(playlistOf('海 100%?_1700000000000.m3u8')).toBe('/m3u8/%E6%B5%B7%20100%25%3F_1700000000000.m3u8');
    expect(playlistOf('film')).toBe('/m3u8/film.m3u8');
    expect(new URL(pageOf('a&b=c #1.m3u8'), 'http://x').searchParams.get('name')).toBe('a&b=c #1.m3u8');
  });
});

it('the next one is the one below, and none after the last', () => {
  expect(nextOf(['a', 'b'], 'a')).toBe('b');
  expect(nextOf(['a', 'b'], 'b')).toBeNull();
  expect(nextOf(['a', 'b'], 'c')).toBeNull();
});

it.each([
  [0.346, '0.35 ms'],
  [4.21, '4.2 ms'],
  [119.6, '120 ms'],
])('%d milliseconds', (value, text) => {
  expect(formatMilliseconds(value)).toBe(text);
});

it('says how a publication stands', () => {
  expect(lineOf(undefined)).toBe('Not published here.');
  expect(lineOf(publication({ state: 'publishing', progress: 0.57 }))).toBe('Publishing 57 %');
  expect(lineOf(publication({ state: 'publishing', progress: 1 }))).toBe('Publishing 99 %');
  expect(lineOf(publication({ state: 'failed' }))).toBe('It was not published.');
  expect(lineOf(publication({ state: 'failed', publishedAt: '2026-01-01T00:00:00Z' }))).toContain(
    'still there',
  );
});

it('says what cannot be removed before it is asked for', () => {
  expect(consequenceOf({ name: 'kv', form: 'ts', canRemove: false })).toContain('removes no files');
  expect(consequenceOf({ name: 'web', form: 'cmaf', canRemove: true })).toContain('are removed');
});
