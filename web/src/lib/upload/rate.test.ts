import { expect, it } from 'vitest';
import { TransferRate } from './rate';

it('measures, smooths and foresees', () => {
  const rate = new TransferRate(0);
  expect(rate.secondsLeft(0, 1000)).toBeNull();
  rate.sample(1000, 1000);
  expect(rate.bytesPerSecond).toBe(1000);
  expect(rate.secondsLeft(1000, 6000)).toBe(5);
  rate.sample(3000, 2000);
  expect(rate.bytesPerSecond).toBeCloseTo(1300);
});

it('folds samples that come too fast into the next one', () => {
  const rate = new TransferRate(0);
  rate.sample(1000, 100);
  expect(rate.bytesPerSecond).toBe(0);
  rate.sample(2000, 200);
  expect(rate.bytesPerSecond).toBe(10_000);
});

it('shows a stall as a falling speed', () => {
  const rate = new TransferRate(0);
  rate.sample(1000, 1000);
  rate.sample(1000, 2000);
  expect(rate.bytesPerSecond).toBeCloseTo(700);
});
