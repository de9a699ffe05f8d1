import { describe, expect, it } from 'vitest';
import { chapterAt, endOf, nameOf } from './chapters';

const chapters = [
  { startSeconds: 2, endSeconds: 10, title: 'Harbour' },
  { startSeconds: 10, endSeconds: 20, title: null },
];

describe('chapters', () => {
  it('are called by their name, or by their number', () => {
    expect(chapters.map(nameOf)).toEqual(['Harbour', 'Chapter 2']);
  });

  it('go on until the next one begins', () => {
    expect([0, 2, 9.99, 10, 99].map((at) => chapterAt(chapters, at))).toEqual([-1, 0, 0, 1, 1]);
    expect(chapterAt([], 5)).toBe(-1);
  });

  it('end with the stream where the file says nearly so', () => {
    const ends = (duration: number): number[] =>
      chapters.map((_, number) => endOf(chapters, number, duration));
    expect(ends(20.04)).toEqual([10, 20.04]);
    expect(ends(19.98)).toEqual([10, 19.98]);
    expect(ends(25)).toEqual([10, 20]);
    expect(ends(NaN)).toEqual([10, 20]);
  });
});
