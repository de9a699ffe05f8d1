import { describe, expect, it } from 'vitest';
import {
  reasonOf,
  reportLine,
  switchLine,
  titleOf,
  variantLine,
  viewersLine,
  type TestReport,
} from './channel';
import { counterName, isSize, sampleOf, watchers } from './status';
import { channelWith, statusWith } from './fixtures';

describe('what is said of a channel', () => {
  it('is its title, else its name', () => {
    expect(titleOf(channelWith())).toBe('news');
    expect(titleOf(channelWith({ title: '' }))).toBe('news');
    expect(titleOf(channelWith({ title: 'News' }))).toBe('News');
  });

  it('is why it is as it is', () => {
    expect(reasonOf(channelWith({ state: 'retrying', reason: 'status 503' }))).toBe('status 503');
    expect(reasonOf(channelWith({ state: 'idle' }))).toBe('Starts when somebody watches.');
    expect(reasonOf(channelWith({ state: 'live' }))).toBe('');
  });

  it('is who watches, without the recording', () => {
    expect(viewersLine(1)).toBe('1 viewer');
    expect(viewersLine(0)).toBe('0 viewers');
    expect(watchers(statusWith())).toBe(5);
  });

  it('is when and why it went elsewhere', () => {
    const nowMs = Date.parse('2025-06-15T12:03:00Z');
    expect(switchLine('2025-06-15T12:00:00Z', 'the playlist stood still', nowMs)).toBe(
      'Switched 3 min ago: the playlist stood still.',
    );
    expect(switchLine('2025-06-15T12:00:00Z', 'Really?', nowMs)).toBe('Switched 3 min ago: Really?');
  });
});

describe('the result of a test', () => {
  const report: TestReport = {
    ok: true,
    problem: null,
    kind: 'ts',
    live: true,
    encrypted: true,
    targetDurationSeconds: 4,
    variants: [],
    milliseconds: 184,
  };

  it('is one line', () => {
    expect(reportLine(report)).toBe(
      'Live · MPEG-TS · segments of 4 s · encrypted, with a key that can be had · answered in 184 ms',
    );
    expect(
      reportLine({ ...report, live: false, kind: 'fmp4', encrypted: false, targetDurationSeconds: null }),
    ).toBe('A film with an end · fragmented MP4 · answered in 184 ms');
    expect(reportLine({ ...report, ok: false, problem: 'Status 404.' })).toBe('Status 404.');
    expect(reportLine({ ...report, ok: false })).toBe('It cannot be played.');
  });

  it('names what is known of a variant', () => {
    const variant = { bandwidth: 2_500_000, width: 1280, height: 720, codecs: 'avc1.64001f', chosen: true };
    expect(variantLine(variant)).toBe('1280×720 · 2.5 Mb/s · avc1.64001f');
    expect(variantLine({ ...variant, width: 0, height: 0, codecs: '' })).toBe('2.5 Mb/s');
    expect(variantLine({ ...variant, width: 0, height: 0, codecs: '', bandwidth: 0 })).toBe(
      'Nothing is said about it',
    );
  });
});

describe('the numbers of a channel', () => {
  it('are one moment of its charts', () => {
    expect(sampleOf(statusWith(), 5000)).toEqual({
      atMs: 5000,
      bitsIn: 4_000_000,
      bitsOut: 20_000_000,
      latencyMs: 120,
      depthSeconds: 30,
      viewers: 5,
    });
  });

  it('have names, those of a newer server too', () => {
    expect(counterName('failedSegments')).toBe('Segments given up');
    expect(counterName('segments')).toBe('Segments');
    expect(counterName('someNewThing')).toBe('Some new thing');
    expect(['bytesIn', 'lostBytes', 'starts'].map(isSize)).toEqual([true, true, false]);
  });
});
