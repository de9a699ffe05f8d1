import { describe, expect, it } from 'vitest';
import { actionsOf, formatSpeed, jobOf, lineOf, percentOf, withJob, type Job } from './job';

const job = (changes: Partial<Job> = {}): Job => ({
  id: 'j1',
  asset: 'a',
  kind: 'encode',
  state: 'running',
  progress: 0.43,
  speed: 2.4,
  etaSeconds: 170.2,
  reason: null,
  ...changes,
});

describe('the line of a job', () => {
  it.each<[Partial<Job>, string]>([
    [{}, 'Encoding 43 % · 2.4× · 2 min left'],
    [{ etaSeconds: 59.2 }, 'Encoding 43 % · 2.4× · 1 min left'],
    [{ etaSeconds: 4.1 }, 'Encoding 43 % · 2.4× · 5 s left'],
    [{ speed: null }, 'Encoding 43 % · 2 min left'],
    [{ speed: 0, etaSeconds: null }, 'Encoding 43 %'],
    [{ kind: 'remux', speed: null, etaSeconds: null }, 'Preparing… 43 %'],
    [{ state: 'queued', progress: 0 }, 'Encoding · waiting for its turn'],
    [{ state: 'queued', progress: 0.43 }, 'Encoding · waiting at 43 %'],
    [{ state: 'paused' }, 'Encoding · paused at 43 %'],
    [{ state: 'cancelled' }, 'Encoding · stopped at 43 %'],
    [{ state: 'failed' }, 'Encoding failed'],
  ])('%o is told as %s', (changes, line) => {
    expect(lineOf(job(changes))).toBe(line);
  });

  it('says 100 % at no time before the end', () => {
    expect(percentOf(job({ progress: 0.9999 }))).toBe(99);
    expect(percentOf(job({ progress: 0.57 }))).toBe(57);
  });

  it.each([
    [0.354, '0.35×'],
    [0.999, '1×'],
    [2.44, '2.4×'],
    [9.97, '10×'],
    [31.2, '31×'],
  ])('a speed of %d is %s', (speed, text) => {
    expect(formatSpeed(speed)).toBe(text);
  });
});

describe('the job that is shown for a title', () => {
  it('is the one without which nothing plays', () => {
    const jobs = [job({ id: 'x', kind: 'extras' }), job({ id: 'e' }), job({ id: 'r', kind: 'remux' })];
    expect(jobOf(jobs, 'a')?.id).toBe('r');
    expect(jobOf(jobs.slice(0, 2), 'a')?.id).toBe('e');
  });

  it('goes on, rather than having failed since', () => {
    expect(jobOf([job({ id: 'f', state: 'failed' }), job({ id: 'p', state: 'paused' })], 'a')?.id).toBe('p');
  });

  it('is gone when all is done, and stays when something is missing', () => {
    expect(jobOf([job({ state: 'done' })], 'a')).toBeNull();
    expect(jobOf([job({ state: 'done', reason: '2 parts are black' })], 'a')).not.toBeNull();
    expect(jobOf([job({ state: 'done' }), job({ id: 'old', state: 'failed' })], 'a')).toBeNull();
  });

  it('is no other title’s', () => {
    expect(jobOf([job({ asset: 'b' })], 'a')).toBeNull();
  });
});

it('an event replaces the job in its place, and a new job stands first', () => {
  const jobs = [job({ id: 'j2' }), job()];
  expect(withJob(jobs, job({ progress: 0.5 })).map(({ id, progress }) => [id, progress])).toEqual([
    ['j2', 0.43],
    ['j1', 0.5],
  ]);
  expect(withJob(jobs, job({ id: 'j3' })).map(({ id }) => id)).toEqual(['j3', 'j2', 'j1']);
});

it.each<[Job['state'], string[]]>([
  ['queued', ['pause', 'cancel']],
  ['running', ['pause', 'cancel']],
  ['paused', ['resume', 'cancel']],
  ['failed', ['retry']],
  ['cancelled', ['retry']],
  ['done', []],
])('a job that is %s offers %o', (state, actions) => {
  expect(actionsOf(job({ state }))).toEqual(actions);
});
