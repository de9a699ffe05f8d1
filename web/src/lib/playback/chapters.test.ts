import { describe, expect, it } from 'vitest';
import { chapterAt, nameOf } from './chapters';

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
});
