import { expect, it } from 'vitest';
import { parseRoute } from './route';

it.each([
  ['/', '', { page: 'library' }],
  ['/upload', '', { page: 'upload' }],
  ['/upload/', '?x', { page: 'upload' }],
  ['/uploads', '', { page: 'unknown', path: '/uploads' }],
  ['/watch/abc', '?token=t', { page: 'watch', id: 'abc', token: 't' }],
  ['/watch/abc/', '', { page: 'watch', id: 'abc', token: null }],
  ['/watch/a%2Fb', '', { page: 'watch', id: 'a/b', token: null }],
  ['/watch/%', '', { page: 'watch', id: '%', token: null }],
  ['/watch/', '', { page: 'unknown', path: '/watch/' }],
  ['/watch/a/b', '', { page: 'unknown', path: '/watch/a/b' }],
  ['/channels', '', { page: 'channels' }],
  ['/channels/', '', { page: 'channels' }],
  ['/channels/news', '', { page: 'channel', name: 'news', token: null }],
  ['/channels/news/', '?token=t', { page: 'channel', name: 'news', token: 't' }],
  ['/channels/news/x', '', { page: 'unknown', path: '/channels/news/x' }],
  ['/sessions', '', { page: 'sessions', source: '' }],
  ['/sessions/', '?source=magnet%3A%3Fxt%3D1', { page: 'sessions', source: 'magnet:?xt=1' }],
  ['/sessions/abc', '?room=1', { page: 'session', id: 'abc' }],
  ['/sessions/abc/x', '', { page: 'unknown', path: '/sessions/abc/x' }],
  ['/published', '', { page: 'published', name: '' }],
  ['/published/', '?name=a%26b_1.m3u8', { page: 'published', name: 'a&b_1.m3u8' }],
  ['/published/x', '', { page: 'unknown', path: '/published/x' }],
  ['/channels.m3u', '', { page: 'unknown', path: '/channels.m3u' }],
  ['/api/v1/media', '', { page: 'unknown', path: '/api/v1/media' }],
])('reads %s%s', (path, search, route) => expect(parseRoute(path, search)).toEqual(route));
