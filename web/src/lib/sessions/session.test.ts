import { describe, expect, it } from 'vitest';
import { kept, sessionWith, torrentWith } from './fixtures';
import {
  fetchedLine,
  imageLabel,
  isKeepable,
  keptLine,
  keyOf,
  openingLine,
  peersLine,
  startPath,
  torrentLine,
  waitingLine,
  wordOf,
  type Session,
  type TorrentView,
} from './session';

it.each<[Partial<Session>, string]>([
  [{}, 'Ready'],
  [{ state: 'opening' }, 'Opening…'],
  [{ state: 'failed', torrent: torrentWith({ state: 'waiting' }) }, 'Failed'],
  [{ torrent: torrentWith() }, 'Ready'],
  [{ torrent: torrentWith({ state: 'waiting' }) }, 'Waiting for peers'],
])('a session with %o is told in a word', (changes, word) => expect(wordOf(sessionWith(changes))).toBe(word));

it.each<[number, number | null, string]>([
  [12_000_000, 2_200_000_000, '12 MB of 2.2 GB fetched'],
  [12_000_000, null, '12 MB fetched'],
  [0, null, ''],
])('%d of %s bytes are told', (fetchedBytes, sizeBytes, line) =>
  expect(fetchedLine({ fetchedBytes, sizeBytes })).toBe(line),
);

describe('while it opens', () => {
  it.each<[TorrentView | null, string]>([
    [null, 'Looking at what it is…'],
    [torrentWith({ state: 'metadata', peers: 0 }), 'Looking for peers who know this torrent…'],
    [torrentWith({ state: 'metadata', peers: 1, seeds: 0 }), 'Asking what is in the torrent… (1 peer)'],
    [
      torrentWith({ state: 'waiting', peers: 0 }),
      'Waiting for peers: nobody who is there has what is needed.',
    ],
    [torrentWith(), 'Fetching the beginning of the file… (3 peers, 1 with all of it)'],
  ])('%o is told as %s', (torrent, line) => expect(openingLine({ torrent })).toBe(line));
});

it.each<[Partial<TorrentView>, string]>([
  [{}, '12 % here'],
  [{ state: 'complete', progress: 1 }, 'All of it is here'],
  [{ state: 'waiting' }, 'Waiting for peers: nobody who is there has what is needed.'],
  [{ state: 'metadata', peers: 0 }, 'Looking for peers who know this torrent…'],
])('a torrent with %o is told as %s', (changes, line) =>
  expect(torrentLine(torrentWith(changes))).toBe(line),
);

it.each([
  ['hdmv_pgs_subtitle', 'en', 'Signs', 'English, Signs (Blu-ray)'],
  ['dvd_subtitle', 'de', null, 'German (DVD)'],
  ['dvb_subtitle', null, null, 'Track 3 (TV)'],
  ['xsub', null, 'Film', 'Film (xsub)'],
])('subtitles of %s in %s named %s are called %s', (codec, language, name, label) =>
  expect(imageLabel({ track: 3, codec, language, name })).toBe(label),
);

it('counts peers', () => {
  expect(peersLine({ peers: 0, seeds: 0 })).toBe('0 peers');
  expect(peersLine({ peers: 1, seeds: 1 })).toBe('1 peer, 1 with all of it');
});

it('knows what is played from what was played', () => {
  expect(keyOf(null)).toBeNull();
  expect(keyOf({ kind: 'asset', id: 'a', film: 'a' })).not.toBe(
    keyOf({ kind: 'channel', id: 'a', film: 'a' }),
  );
});

it('offers to keep what is a file, lies elsewhere, and is not kept yet, to who may', () => {
  expect(isKeepable(sessionWith())).toBe(true);
  expect(isKeepable(sessionWith({ may: { control: true, keep: false } }))).toBe(false);
  expect(isKeepable(sessionWith({ may: null }))).toBe(false);
  expect(isKeepable(sessionWith({ kept }))).toBe(false);
  expect(isKeepable(sessionWith({ source: 'a' }))).toBe(false);
  expect(isKeepable(sessionWith({ playable: { kind: 'channel', id: 'c', film: 'c' } }))).toBe(false);
  expect(isKeepable(sessionWith({ playable: null }))).toBe(false);
});

it('tells what becomes of what is kept', () => {
  expect(keptLine(kept)).toBe('Being fetched into the library…');
  expect(keptLine({ ...kept, state: 'failed', reason: 'The disk is full.' })).toBe(
    'It was not kept. The disk is full.',
  );
  expect(keptLine({ ...kept, state: 'cancelled' })).toBe('It was not kept.');
  expect(keptLine({ ...kept, state: 'done', mediaId: 'm' })).toBe('Kept in the library.');
});

it('tells what a player waits for that plays from a swarm', () => {
  expect(waitingLine({ torrent: null })).toBeUndefined();
  expect(waitingLine({ torrent: torrentWith() })).toBe('Fetching this part…');
  expect(waitingLine({ torrent: torrentWith({ state: 'waiting' }) })).toBe('Waiting for peers…');
});

it('begins anew with the address that it was', () => {
  expect(startPath(null)).toBe('/sessions');
  expect(startPath('magnet:?xt=a&dn=b')).toBe('/sessions?source=magnet%3A%3Fxt%3Da%26dn%3Db');
});
