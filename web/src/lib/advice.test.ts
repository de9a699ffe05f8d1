import { expect, it } from 'vitest';
import { adviceOn } from './advice';

it('is given on refused addresses alone', () => {
  expect(adviceOn('The address cannot be fetched.')).toContain('outbound.allow');
  expect(adviceOn('The other server answered with status 404.')).toBe('');
  expect(adviceOn(null)).toBe('');
});
