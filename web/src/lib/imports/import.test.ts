import { describe, expect, it } from 'vitest';
import { addressOf, lineOf, nameOf, percentOf, withImport, type Import } from './import';

const item = (changes: Partial<Import> = {}): Import => ({
  id: 'i1',
  kind: 'url',
  source: 'https://host/clip.mp4?…',
  state: 'running',
  title: null,
  fileName: null,
  bytes: 430_000,
  totalBytes: 1_000_000,
  reason: null,
  mediaId: null,
  ...changes,
});

describe('the line of an import', () => {
  it.each<[Partial<Import>, string]>([
    [{}, 'Fetching 43 % of 1 MB'],
    [{ bytes: 0 }, 'Fetching 0 % of 1 MB'],
    [{ bytes: 999_999 }, 'Fetching 99 % of 1 MB'],
    [{ bytes: 1_000_000 }, 'Arrived. Looking at what is in it…'],
    [{ totalBytes: null }, 'Fetching · 430 KB'],
    [{ totalBytes: null, bytes: 0 }, 'Asking for it…'],
    [{ kind: 'channel', totalBytes: null }, 'Recording · 430 KB'],
    [{ kind: 'torrent', totalBytes: null, bytes: 0 }, 'Asking what is in it…'],
    [{ kind: 'torrent' }, 'Fetching 43 % of 1 MB'],
    [{ kind: 'channel', bytes: 1_000_000 }, 'Arrived. Looking at what is in it…'],
    [{ state: 'queued' }, 'Waiting for its turn'],
    [{ state: 'done' }, 'In the library'],
    [{ state: 'failed' }, 'Failed'],
    [{ state: 'cancelled' }, 'Cancelled'],
  ])('%o is told as %s', (changes, line) => {
    expect(lineOf(item(changes))).toBe(line);
  });
});

it('has the best name that is known', () => {
  expect(nameOf(item())).toBe('https://host/clip.mp4?…');
  expect(nameOf(item({ fileName: 'clip.mp4' }))).toBe('clip.mp4');
  expect(nameOf(item({ fileName: 'clip.mp4', title: 'Clip' }))).toBe('Clip');
});

it('has no percentage without a size', () => {
  expect(percentOf(item({ totalBytes: null }))).toBeNull();
  expect(percentOf(item({ totalBytes: 0 }))).toBeNull();
});

it('replaces in place, and puts what is new first', () => {
  const list = [item({ id: 'a' }), item({ id: 'b' })];
  expect(withImport(list, item({ id: 'b', state: 'done' })).map(({ id, state }) => [id, state])).toEqual([
    ['a', 'running'],
    ['b', 'done'],
  ]);
  expect(withImport(list, item({ id: 'c' })).map(({ id }) => id)).toEqual(['c', 'a', 'b']);
});

describe('a pasted text', () => {
  it.each([' https://host/clip.mp4\n', 'http://host', 'HTTPS://host:8443/a?b=c#d'])(
    '%s is an address',
    (text) => {
      expect(addressOf(text)).toBe(text.trim());
    },
  );

  it.each([
    '',
    'clip.mp4',
    'ftp://host/clip.mp4',
    'https://',
    'https:///clip.mp4',
    'see https://host/',
    'https://a b',
  ])('%s is none', (text) => {
    expect(addressOf(text)).toBeNull();
  });
});
