import { describe, expect, it } from 'vitest';
import { parseProblem } from '../api';
import { firstPieceBytes, isPassing, nextPieceBytes, pauseMs } from './pace';

const mebi = 1024 * 1024;

describe('the next piece', () => {
  it.each([
    ['grows by four at most', 256 * 1024, 1, mebi],
    ['is a second long', 4 * mebi, 2000, 2 * mebi],
    ['is not endless on a fast line', 64 * mebi, 10, 64 * mebi],
    ['is not tiny on a slow one', 256 * 1024, 60_000, firstPieceBytes],
    ['survives a clock that stands still', mebi, 0, 4 * mebi],
  ])('%s', (_, bytes, milliseconds, next) => {
    expect(nextPieceBytes(bytes, milliseconds)).toBe(next);
  });
});

it('waits longer and longer, at most half a minute', () => {
  const pauses = (status: number): number[] =>
    [1, 2, 3, 5, 6, 60].map((failures) => pauseMs(failures, { status }));
  expect(pauses(503)).toEqual([1000, 2000, 4000, 16_000, 30_000, 30_000]);
  expect(pauses(409), 'only once at once').toEqual([0, 2000, 4000, 16_000, 30_000, 30_000]);
});

it.each([
  [0, 'network', true],
  [0, 'file-unreadable', false],
  [400, 'upload-interrupted', true],
  [400, 'request-invalid', false],
  [401, 'key-missing', false],
  [404, 'upload-unknown', false],
  [409, 'upload-offset', true],
  [410, 'upload-gone', false],
  [413, 'upload-too-large', false],
  [415, 'media-unreadable', false],
  [423, 'upload-busy', true],
  [502, 'unknown', true],
  [507, 'disk-full', true],
])('whether %d %s passes by itself: %s', (status, code, passes) => {
  expect(isPassing(parseProblem(status, JSON.stringify({ code })))).toBe(passes);
});
