import { describe, expect, it } from 'vitest';
import { columnsOf, topOf, withSample } from './window';

const at = (...times: number[]): { atMs: number }[] => times.map((atMs) => ({ atMs }));

describe('the window of a chart', () => {
  it('holds what is within its span of the newest', () => {
    expect(withSample(at(0, 2000, 4000), { atMs: 6000 }, 4000)).toEqual(at(2000, 4000, 6000));
    expect(withSample([], { atMs: 6000 }, 4000)).toEqual(at(6000));
    expect(withSample(at(0, 2000), { atMs: 90_000 }, 4000)).toEqual(at(90_000));
  });

  it('never goes back', () => {
    const samples = at(2000, 4000);
    expect(withSample(samples, { atMs: 4000 }, 4000)).toBe(samples);
    expect(withSample(samples, { atMs: 1000 }, 4000)).toBe(samples);
  });
});

describe('the columns of a chart', () => {
  const value = (sample: { atMs: number }): number | null => (sample.atMs === 4000 ? null : sample.atMs);

  it('are seconds and a value for each line', () => {
    expect(columnsOf(at(2000, 4000, 6000), [value, () => 1], 6000)).toEqual([
      [2, 4, 6],
      [2000, null, 6000],
      [1, 1, 1],
    ]);
    expect(columnsOf([], [value, value], 6000)).toEqual([[], [], []]);
  });

  it('break the lines where nobody looked', () => {
    expect(columnsOf(at(1000, 7000, 15_000), [value], 6000)).toEqual([
      [1, 7, 11, 15],
      [1000, 7000, null, 15_000],
    ]);
  });
});

it('leaves air above, and shows silence as silence', () => {
  expect(topOf(1000, 100)).toBeCloseTo(1150);
  expect(topOf(10, 100)).toBe(100);
  expect(topOf(null, 100)).toBe(100);
});
