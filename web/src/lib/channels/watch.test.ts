import { expect, it } from 'vitest';
import { fakeApi } from './fakeApi';
import { channelWith } from './fixtures';
import { ChannelSession } from './watch.svelte';

const api = fakeApi();
const origin = 'https://tv.example';
const one = 'GET /api/v1/channels/news';

async function opened(token: string | null): Promise<ChannelSession> {
  const session = new ChannelSession('news', token, origin);
  await session.open();
  return session;
}

it('plays with the token of a link, and asks for nothing else', async () => {
  const session = await opened('a.b');
  expect(session.links).toEqual({
    hls: 'https://tv.example/live/news/index.m3u8?token=a.b',
    ts: 'https://tv.example/live/news?token=a.b',
    watch: 'https://tv.example/channels/news?token=a.b',
    expiresAt: null,
  });
  expect([session.channel, api.asked]).toEqual([null, []]);
});

it('plays for the operator, by the links that the server gives', async () => {
  const playback = {
    hls: 'http://127.0.0.1:8000/live/news/index.m3u8?token=t',
    ts: 'http://127.0.0.1:8000/live/news?token=t',
    watch: 'http://127.0.0.1:8000/channels/news?token=t',
    token: 't',
    expiresAt: '2025-06-15T12:00:00Z',
  };
  api.answers[one] = [200, channelWith({ playback })];
  const session = await opened(null);
  expect(session.links).toEqual({
    hls: 'https://tv.example/live/news/index.m3u8?token=t',
    ts: 'https://tv.example/live/news?token=t',
    watch: 'https://tv.example/channels/news?token=t',
    expiresAt: '2025-06-15T12:00:00Z',
  });
  expect([session.channel?.name, api.asked]).toEqual(['news', [one]]);
});

it('lets anybody try a channel that may be public, and asks for the key only when the stream says no', async () => {
  api.answers[one] = [401, { code: 'key-missing' }];
  const session = await opened(null);
  expect([session.links?.hls, session.locked]).toEqual(['https://tv.example/live/news/index.m3u8', false]);
  await session.refused({ title: 'A token is needed.', status: 403, code: 'token-missing' });
  expect(session.locked).toBe(true);
});

it('does not ask whoever has a link for a key', async () => {
  const session = await opened('dead');
  await session.refused({ title: 'Missing.', status: 403, code: 'token-missing' });
  expect(session.locked).toBe(false);
});

it('says that there is no such channel', async () => {
  api.answers[one] = [404, { title: 'There is no such channel.', code: 'channel-unknown' }];
  const session = await opened(null);
  expect([session.problem?.code, session.links]).toEqual(['channel-unknown', null]);
});

it('gets the operator new links when the old ones have run out, but not again and again', async () => {
  let nowMs = 0;
  const session = new ChannelSession('news', null, origin, () => nowMs);
  api.answers[one] = [200, channelWith()];
  await session.open();
  const first = session.links;
  const expired = { title: 'Expired.', status: 403, code: 'token-expired' };
  await session.refused(expired);
  expect(session.links).not.toBe(first);
  await session.refused(expired);
  expect(api.asked).toEqual([one, one]);
  nowMs = 60_001;
  await session.refused(expired);
  await session.refused({ title: 'Gone.', status: 404, code: 'channel-unknown' });
  expect(api.asked).toHaveLength(3);
});

it('has no old links to be refused by while it asks again with a key', async () => {
  api.answers[one] = [401, { code: 'key-missing' }];
  const session = await opened(null);
  await session.refused({ title: 'A token is needed.', status: 403, code: 'token-missing' });
  api.answers[one] = [200, channelWith()];
  const opening = session.open();
  expect([session.links, session.locked]).toEqual([null, false]);
  await opening;
  expect(session.links).not.toBeNull();
});
