import { describe, expect, it } from 'vitest';
import type { Asset } from '../api';
import type { Upload } from './upload';
import { announcementOf, lineOf, summaryOf } from './words';

const upload = (changes: Partial<Upload> = {}): Upload => ({
  id: 1,
  name: 'a.mp4',
  sizeBytes: 1_000_000,
  state: 'sending',
  acceptedBytes: 345_000,
  bytesPerSecond: 0,
  secondsLeft: null,
  mediaId: null,
  plays: 'unknown',
  asset: null,
  adminKey: null,
  problem: null,
  ...changes,
});
const asset = (state: Asset['state']): Asset => ({ state }) as Asset;
const problem = { title: 'The server cannot be reached.', status: 0, code: 'network' };

describe('the line of a file', () => {
  it.each<[Partial<Upload>, string]>([
    [{ state: 'waiting', acceptedBytes: 0 }, 'Waiting · 1 MB'],
    [{ state: 'waiting' }, 'Waiting to go on at 34 % of 1 MB'],
    [{}, '34 % of 1 MB'],
    [{ bytesPerSecond: 50_000, secondsLeft: 13.1 }, '34 % of 1 MB · 50 KB/s · 14 s left'],
    [{ acceptedBytes: 999_999 }, '99 % of 1 MB'],
    [{ sizeBytes: 0, acceptedBytes: 0 }, '0 % of 0 B'],
    [{ state: 'retrying', problem }, 'The server cannot be reached. It goes on by itself at 34 %.'],
    [{ state: 'checking' }, 'Arrived. Looking at what is in it…'],
    [{ state: 'paused' }, 'Paused at 34 % of 1 MB'],
    [{ state: 'unfinished' }, 'Choose the file again to go on at 34 % of 1 MB'],
    [{ state: 'unfinished', acceptedBytes: 0 }, 'Choose the file again to send it · 1 MB'],
    [{ state: 'removing' }, 'Removing…'],
    [{ state: 'failed', problem }, 'The server cannot be reached.'],
    [{ state: 'done', asset: asset('ready') }, 'Ready to watch'],
    [{ state: 'done', asset: asset('processing') }, 'Arrived. It plays as soon as it is prepared'],
    [{ state: 'done', asset: asset('failed') }, 'Kept, but it cannot be played'],
    [
      { state: 'done', asset: asset('needs-transcode') },
      'Kept, but it needs encoding before it can be watched',
    ],
  ])('%o is told as %s', (changes, line) => {
    expect(lineOf(upload(changes))).toBe(line);
  });
});

it('sums up what is open, done and failed', () => {
  const done = upload({ state: 'done', acceptedBytes: 1_000_000 });
  const fast = upload({ acceptedBytes: 500_000, bytesPerSecond: 100_000 });
  expect(summaryOf([done, fast, upload({ state: 'paused', acceptedBytes: 0 })])).toBe(
    '1 of 3 done · 50 % of 3 MB · 100 KB/s · 5 s left',
  );
  expect(summaryOf([done, upload({ state: 'failed' })])).toBe('1 of 2 done, 1 failed');
});

it('tells a listener of ends, of a line that is broken, and of each quarter', () => {
  expect(announcementOf([upload({ acceptedBytes: 100_000 })])).toBe('');
  expect(announcementOf([upload({ acceptedBytes: 260_000 })])).toBe('Uploads: 25 %.');
  expect(announcementOf([upload({ acceptedBytes: 490_000 })])).toBe('Uploads: 25 %.');
  expect(announcementOf([upload({ state: 'retrying', problem, acceptedBytes: 0 })])).toBe(
    'The server cannot be reached.',
  );
  expect(announcementOf([upload({ state: 'done', acceptedBytes: 1_000_000 })])).toBe('a.mp4: uploaded.');
});
