import { expect, it } from 'vitest';
import type { Asset } from '../api';
import { withTitle } from './titles';

const title = (id: string, minute: number, state: Asset['state'] = 'ready'): Asset =>
  ({ id, state, createdAt: `2026-03-01T12:0${minute}:00Z` }) as Asset;

const list = [title('c', 3), title('b', 2, 'processing'), title('a', 1)];
const ids = (assets: readonly Asset[]): string => assets.map(({ id }) => id).join('');

it('a known title is replaced where it stands', () => {
  const after = withTitle(list, title('b', 2), false);
  expect(ids(after)).toBe('cba');
  expect(after[1]?.state).toBe('ready');
});

it('a new title is put by its age', () => {
  expect(ids(withTitle(list, title('d', 4), false))).toBe('dcba');
  expect(ids(withTitle([title('c', 3), title('a', 1)], title('b', 2), false))).toBe('cba');
});

it('a title older than all that is loaded comes only when there is no more to load', () => {
  expect(ids(withTitle(list, title('z', 0), false))).toBe('cba');
  expect(ids(withTitle(list, title('z', 0), true))).toBe('cbaz');
  expect(ids(withTitle([], title('z', 0), true))).toBe('z');
});
