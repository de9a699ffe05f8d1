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
  ['/api/v1/media', '', { page: 'unknown', path: '/api/v1/media' }],
])('reads %s%s', (path, search, route) => expect(parseRoute(path, search)).toEqual(route));
