import { describe, expect, it } from 'vitest';
import { ClockSync } from './clockSync';

/** A room whose clock is `ahead` of ours, at the end of a network of these delays. */
function round(clock: ClockSync, atMs: number, aheadMs: number, thereMs: number, backMs: number): void {
  const received = atMs + thereMs + aheadMs;
  clock.add(atMs, received, received + 3, atMs + thereMs + 3 + backMs);
}

describe('ClockSync', () => {
  it('finds the room’s time where the ways there and back take equally long', () => {
    const clock = new ClockSync();
    round(clock, 1000, 5_000_000, 40, 40);
    expect(clock.roomTime(2000)).toBeCloseTo(5_002_000, 6);
  });

  it('believes the quickest round, whatever the others say', () => {
    const clock = new ClockSync();
    round(clock, 1000, 5000, 400, 20);
    round(clock, 2000, 5000, 10, 12);
    round(clock, 3000, 5000, 20, 900);
    expect(Math.abs(clock.roomTime(0) - 5000)).toBeLessThanOrEqual(1);
  });

  it('forgets what is long ago', () => {
    const clock = new ClockSync();
    round(clock, 0, 5000, 1, 1);
    for (let i = 1; i <= 8; i += 1) {
      round(clock, i * 1000, 5200, 20, 20);
    }
    expect(clock.roomTime(0)).toBeCloseTo(5200, 6);
  });

  it('guesses from the first message, and anew when a server has begun anew', () => {
    const clock = new ClockSync();
    clock.reset(7000, 1000);
    expect(clock.roomTime(1500)).toBe(7500);
    round(clock, 1000, 6000, 5, 5);
    clock.reset(90, 2000);
    expect(clock.roomTime(2010)).toBe(100);
    expect(clock.rounds).toBe(0);
  });

  it('takes no round that was over before it began', () => {
    const clock = new ClockSync();
    clock.add(1000, 2000, 2600, 1500);
    expect(clock.rounds).toBe(0);
  });
});
