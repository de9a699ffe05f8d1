import { expect, it } from 'vitest';
import { fakeApi } from './fakeApi';
import { StatusFeed } from './feed.svelte';
import { statusWith } from './fixtures';

const api = fakeApi();
const path = 'GET /api/v1/channels/news/status';
let nowMs = 0;
const feed = (): StatusFeed => new StatusFeed('news', () => nowMs);

it('keeps the last minutes', async () => {
  const news = feed();
  for (nowMs = 0; nowMs <= 300_000; nowMs += 60_000) {
    api.answers[path] = [200, statusWith({ bitrate: { in: nowMs, out: 0 } })];
    expect(await news.ask()).toBe(2000);
  }
  expect(news.samples.map(({ bitsIn }) => bitsIn)).toEqual([120_000, 180_000, 240_000, 300_000]);
  expect(news.status?.bitrate.in).toBe(300_000);
});

it('keeps what it knows while the server does not answer, and asks less often', async () => {
  const news = feed();
  api.answers[path] = [200, statusWith()];
  await news.ask();
  api.answers = {};
  expect(await news.ask()).toBe(10_000);
  expect([news.status?.name, news.samples.length, news.problem]).toEqual([
    'news',
    1,
    'The server cannot be reached.',
  ]);
  api.answers[path] = [200, statusWith()];
  nowMs += 1;
  await news.ask();
  expect([news.samples.length, news.problem]).toEqual([2, '']);
});

it.each([401, 404])('asks no more after status %d', async (status) => {
  api.answers[path] = [status, { title: 'No.' }];
  const news = feed();
  expect(await news.ask()).toBeNull();
  expect(news.problem).toBe('No.');
});
