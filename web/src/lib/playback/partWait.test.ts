import { beforeEach, expect, it } from 'vitest';
import { PartWait } from './partWait';

let now = 0;
let told: boolean[];
let wait: PartWait;

beforeEach(() => {
  now = 0;
  told = [];
  wait = new PartWait(
    (waiting) => told.push(waiting),
    () => now,
  );
});

it('tells the beginning and the end of a wait, once each', () => {
  wait.pending('video');
  wait.pending('audio');
  wait.arrived('audio');
  wait.pending('video');
  expect(told).toEqual([true]);
  wait.arrived('video');
  wait.arrived('video');
  expect(told).toEqual([true, false]);
});

it('has waited for too long after a minute, whatever else arrived', () => {
  expect(wait.pending('video')).toBe(false);
  now = 60_000;
  wait.arrived('audio');
  expect(wait.pending('video')).toBe(false);
  now = 60_001;
  expect(wait.pending('audio')).toBe(false);
  expect(wait.pending('video')).toBe(true);
});

it('begins anew where the viewer goes', () => {
  wait.pending('video');
  now = 59_000;
  wait.forget();
  expect(told).toEqual([true, false]);
  now = 70_000;
  expect(wait.pending('video')).toBe(false);
});

it('gives up after four other failures in a row', () => {
  const twice = (): boolean[] => [wait.failed(), wait.failed()];
  expect([...twice(), wait.failed()]).toEqual([false, false, false]);
  wait.pending('video');
  expect(twice()).toEqual([false, false]);
  wait.arrived('audio');
  expect(twice()).toEqual([false, false]);
  wait.forget();
  expect([...twice(), ...twice()]).toEqual([false, false, false, true]);
});
