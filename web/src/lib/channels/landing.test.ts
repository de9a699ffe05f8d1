import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fakeApi } from './fakeApi';
import { RecordingLanding } from './landing.svelte';

const api = fakeApi();
const path = 'GET /api/v1/imports/r1';
const recording = {
  id: 'r1',
  title: 'News',
  startedAt: '2026-01-01T00:00:00Z',
  beginsAt: '2026-01-01T00:00:00Z',
  endsAt: null,
  bytes: 1000,
  gaps: 0,
  missedBytes: 0,
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false, addEventListener: vi.fn(), removeEventListener: vi.fn() });
});

afterEach(() => vi.useRealTimers());

it('knows nothing before there was a recording', async () => {
  const landing = new RecordingLanding();
  landing.heard(null);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([landing.ended, api.asked]).toEqual([false, []]);
});

it('finds the title that a recording became, whoever ended it', async () => {
  const landing = new RecordingLanding();
  landing.heard(recording);
  api.answers[path] = [200, { state: 'running', mediaId: null, reason: null }];
  landing.heard(null);
  landing.heard(null);
  await vi.advanceTimersByTimeAsync(500);
  expect([landing.ended, landing.mediaId, api.asked]).toEqual([true, null, [path]]);
  api.answers[path] = [200, { state: 'done', mediaId: 'm1', reason: null }];
  await vi.advanceTimersByTimeAsync(10_000);
  expect([landing.mediaId, landing.problem, api.asked.length]).toEqual(['m1', '', 2]);
});

it('says why nothing came of it', async () => {
  const landing = new RecordingLanding();
  landing.heard(recording);
  api.answers[path] = [200, { state: 'failed', mediaId: null, reason: 'No picture came.' }];
  landing.heard(null);
  await vi.advanceTimersByTimeAsync(0);
  expect([landing.mediaId, landing.problem]).toEqual([null, 'No picture came.']);
});

it('forgets the last one when the next begins, and asks nothing once it is closed', async () => {
  const landing = new RecordingLanding();
  landing.heard(recording);
  api.answers[path] = [200, { state: 'running', mediaId: null, reason: null }];
  landing.heard(null);
  await vi.advanceTimersByTimeAsync(0);
  landing.heard({ ...recording, id: 'r2' });
  expect(landing.ended).toBe(false);
  landing.close();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(api.asked).toEqual([path]);
});
