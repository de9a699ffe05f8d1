import { beforeEach, expect, it, vi } from 'vitest';
import { keepPlace, placeOf } from './places';

let kept: Map<string, string>;

beforeEach(() => {
  kept = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
});

it('goes on where it was left', () => {
  keepPlace('a', 33.7, 600);
  keepPlace('b', 50, 600);
  expect([placeOf('a'), placeOf('b'), placeOf('c')]).toEqual([33, 50, 0]);
});

it.each([
  ['hardly begun', 5, 600],
  ['nearly at its end', 590, 600],
  ['short', 20, 45],
])('begins anew what is %s', (_, seconds, duration) => {
  keepPlace('a', 100, 600);
  keepPlace('a', seconds, duration);
  expect(placeOf('a')).toBe(0);
});

it('forgets what was watched longest ago', () => {
  for (let number = 0; number < 205; number += 1) {
    keepPlace(`t${number}`, 100, 600);
  }
  expect([placeOf('t4'), placeOf('t5'), placeOf('t204')]).toEqual([0, 100, 100]);
});

it.each(['{', '{"a":1}', 'null', '[["a","x"]]'])('begins at the beginning where %s is kept', (text) => {
  kept.set('sluice.places', text);
  expect(placeOf('a')).toBe(0);
});
