import { expect, it } from 'vitest';
import { againOf, sourceOf, torrentAmong } from './wish';

it.each([
  ['https://host/film.mp4', 'https://host/film.mp4'],
  [' magnet:?xt=urn:btih:00&dn=A+film\n', 'magnet:?xt=urn:btih:00&dn=A+film'],
  ['MAGNET:?xt=urn:btih:00', 'MAGNET:?xt=urn:btih:00'],
  ['magnet:', null],
  ['a magnet:?xt=1', null],
  ['ftp://host/a', null],
  ['', null],
])('%s pasted is %s', (text, source) => expect(sourceOf(text)).toBe(source));

it('finds the torrent among files that were dropped', () => {
  const film = new File([], 'film.mp4', { type: 'video/mp4' });
  const byName = new File([], 'Film.TORRENT');
  const byType = new File([], 'film', { type: 'application/x-bittorrent' });
  expect(torrentAmong([film, byName])).toBe(byName);
  expect(torrentAmong([byType])).toBe(byType);
  expect(torrentAmong([film])).toBeNull();
});

it('begins again only with all of an address', () => {
  expect(againOf('https://host/film.mp4')).toBe('https://host/film.mp4');
  expect(againOf('magnet:?xt=urn:btih:00')).toBe('magnet:?xt=urn:btih:00');
  expect(againOf('https://host/film.mp4?…')).toBeNull();
  expect(againOf('a1b2c3')).toBeNull();
});
