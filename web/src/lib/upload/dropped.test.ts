import { expect, it } from 'vitest';
import { isMedia, mediaOf } from './dropped';

const file = (name: string, type = ''): File =>
  Object.assign(new File([], name, { type }), { webkitRelativePath: '' });

it.each([
  ['a.mp4', 'video/mp4', true],
  ['a', 'audio/x-new', true],
  ['a.MKV', '', true],
  ['a.m2ts', '', true],
  ['a.ts', 'video/mp2t', true],
  ['a.nfo', '', false],
  ['a.jpg', 'image/jpeg', false],
  ['mp4', '', false],
])('%s of type “%s”: %s', (name, type, media) => {
  expect(isMedia({ name, type })).toBe(media);
});

it('takes of a folder what may be video or sound, in the order of the names, and counts the rest', () => {
  const found = mediaOf(['b 10.mp4', 'b 9.mp4', '.b.mp4', 'a.mp4', 'a.srt'].map((name) => file(name)));
  expect(found.files.map(({ name }) => name)).toEqual(['a.mp4', 'b 9.mp4', 'b 10.mp4']);
  expect(found.leftOut).toBe(2);
});
