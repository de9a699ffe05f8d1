import { describe, expect, it } from 'vitest';
import type { Asset } from './api';
import { arrivedPercent, lineOfArrival, withArrival, type Arrival } from './arrival';

const arrival: Arrival = {
  id: 'a',
  plays: 'now',
  landedBytes: 349,
  totalBytes: 1000,
  playableSeconds: 754.9,
  durationSeconds: 2000,
};

describe('arrivedPercent', () => {
  it('counts whole percent and never says that all is there', () => {
    expect(arrivedPercent(arrival)).toBe(34);
    expect(arrivedPercent({ ...arrival, landedBytes: 1000 })).toBe(99);
    expect(arrivedPercent({ ...arrival, landedBytes: 0, totalBytes: 0 })).toBe(0);
  });
});

describe('lineOfArrival', () => {
  it('says how much has come and how far it plays', () => {
    expect(lineOfArrival(arrival)).toBe('Arriving, 34 % · plays up to 12:34');
  });

  it('leaves out what is not known', () => {
    expect(lineOfArrival({ ...arrival, playableSeconds: 0.4 })).toBe('Arriving, 34 %');
    expect(lineOfArrival(null)).toBe('Arriving');
  });
});

describe('withArrival', () => {
  const one = { id: 'a', state: 'arriving', arrival: null } as Asset;
  const done = { id: 'a', state: 'ready', arrival: null } as Asset;

  it('changes the title that is arriving and no other', () => {
    const other = { ...one, id: 'b' };
    expect(withArrival([one, other], arrival)).toEqual([{ ...one, arrival }, other]);
  });

  it('leaves a title alone that has arrived meanwhile', () => {
    expect(withArrival([done], arrival)).toEqual([done]);
  });
});
