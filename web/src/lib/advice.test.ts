import { expect, it } from 'vitest';
import { adviceOn } from './advice';

it.each([
  ['The address cannot be fetched.', 'outbound.allow'],
  ['The other server answered with status 404.', 'in a browser'],
  ['The file is no video or audio that can be played.', 'not of a page'],
])('is given where %s', (reason, words) => expect(adviceOn(reason)).toContain(words));

it.each(['The other server answered with status 503.', 'The other server took too long.', null])(
  'is not given where %s',
  (reason) => expect(adviceOn(reason)).toBe(''),
);
