import { describe, expect, it } from 'vitest';
import { isKeyProblem, onThisOrigin, parseProblem } from './api';

describe('parseProblem', () => {
  it('reads problem+json with its extensions', () => {
    const body = JSON.stringify({
      type: 'about:blank',
      title: 'The link has expired.',
      status: 403,
      detail: 'At noon.',
      code: 'token-expired',
      hint: 'Ask for a new link.',
      expiredAt: '2025-06-15T12:00:00Z',
    });
    expect(parseProblem(403, body)).toEqual({
      title: 'The link has expired.',
      status: 403,
      code: 'token-expired',
      detail: 'At noon.',
      hint: 'Ask for a new link.',
      expiredAt: '2025-06-15T12:00:00Z',
    });
  });

  it('drops a detail that only repeats the title', () => {
    expect(parseProblem(403, '{"title":"Revoked.","detail":"Revoked."}').detail).toBeUndefined();
  });

  it.each(['<html>502 Bad Gateway</html>', '', 'null', '"text"', '[]', '{"title":5,"code":null}'])(
    'gives %s a sentence all the same',
    (body) => {
      const problem = parseProblem(502, body);
      expect(problem.title).toBe('The server answered 502.');
      expect(problem.code).toBe('unknown');
    },
  );
});

it('knows which problems a key would solve', () => {
  expect(isKeyProblem(parseProblem(401, '{"code":"key-missing"}'))).toBe(true);
  expect(isKeyProblem(parseProblem(403, '{"code":"key-invalid"}'))).toBe(true);
  expect(isKeyProblem(parseProblem(403, '{"code":"token-expired"}'))).toBe(false);
});

it('loads only from the origin of the page', () => {
  const origin = 'https://video.example';
  const link = 'http://127.0.0.1:8000/stream/a/master.m3u8?token=x.y-z';
  expect(onThisOrigin(link, origin)).toBe('https://video.example/stream/a/master.m3u8?token=x.y-z');
  expect(onThisOrigin('/stream/a/manifest.mpd', origin)).toBe('https://video.example/stream/a/manifest.mpd');
});
