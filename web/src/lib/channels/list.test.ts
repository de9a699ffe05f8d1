import { describe, expect, it } from 'vitest';
import { draftOf, emptyDraft } from './draft';
import { fakeApi } from './fakeApi';
import { channelWith } from './fixtures';
import { ChannelBook, withChannel } from './list.svelte';

const api = fakeApi();
const list = 'GET /api/v1/channels';
const one = '/api/v1/channels/news';

async function opened(...items: ReturnType<typeof channelWith>[]): Promise<ChannelBook> {
  api.answers[list] = [200, { items }];
  const book = new ChannelBook();
  await book.ask();
  return book;
}

describe('the list', () => {
  it('is asked for again and again', async () => {
    api.answers[list] = [200, { items: [channelWith()], configurationProblem: 'line 3' }];
    const book = new ChannelBook();
    expect(await book.ask()).toBe(4000);
    expect([book.phase, book.channels.length, book.configurationProblem]).toEqual(['ready', 1, 'line 3']);
  });

  it('that was asked for before a change does not undo it', async () => {
    const book = await opened(channelWith());
    const asking = book.ask();
    api.answers[`DELETE ${one}`] = [204];
    await book.remove(channelWith());
    await asking;
    expect(book.channels).toEqual([]);
  });

  it('is sorted by name', () => {
    const names = withChannel(
      [channelWith({ name: 'a' }), channelWith({ name: 'c' })],
      channelWith({ name: 'b' }),
    );
    expect(names.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });
});

describe('saving', () => {
  it('adds', async () => {
    const book = await opened();
    api.answers[`PUT ${one}`] = [201, channelWith()];
    expect(await book.add({ ...emptyDraft, url: 'https://host/n.m3u8', name: 'news' })).toBe('');
    expect(api.sent).toEqual([
      {
        urls: ['https://host/n.m3u8'],
        title: null,
        public: false,
        userAgent: null,
        maxHeight: null,
        maxViewers: null,
        resolver: null,
      },
    ]);
    expect(book.channels.map(({ name }) => name)).toEqual(['news']);
  });

  it('tells the reason of a refusal', async () => {
    const book = await opened();
    api.answers[`PUT ${one}`] = [400, { title: 'Not so.', detail: 'urls[0]: no host.', hint: 'Look at it.' }];
    expect(await book.add({ ...emptyDraft, url: 'https://h', name: 'news' })).toBe(
      'Not so. urls[0]: no host. Look at it.',
    );
    expect(book.channels).toEqual([]);
  });

  it('sends what was changed, and nothing when nothing was', async () => {
    const channel = channelWith();
    const book = await opened(channel);
    expect(await book.change(channel, draftOf(channel))).toBe('');
    expect(api.sent).toEqual([]);
    api.answers[`PATCH ${one}`] = [200, channelWith({ title: 'News' })];
    expect(await book.change(channel, { ...draftOf(channel), title: 'News' })).toBe('');
    expect(api.sent).toEqual([{ title: 'News' }]);
    expect(book.channels[0]?.title).toBe('News');
  });

  it('turns on and off', async () => {
    const book = await opened(channelWith());
    api.answers[`PATCH ${one}`] = [200, channelWith({ enabled: false, state: 'off' })];
    await book.toggle(channelWith());
    expect(api.sent).toEqual([{ enabled: false }]);
    expect(book.channels[0]?.state).toBe('off');
    api.answers[`PATCH ${one}`] = [409, { title: 'It is busy.' }];
    await book.toggle(channelWith({ enabled: false }));
    expect(book.failure).toBe('“news” was not turned on. It is busy.');
  });
});

describe('deleting', () => {
  it('takes it off the list, also when somebody was quicker', async () => {
    const book = await opened(channelWith());
    api.answers[`DELETE ${one}`] = [404, { title: 'Unknown.' }];
    await book.remove(channelWith());
    expect([book.channels.length, book.failure]).toEqual([0, '']);
  });

  it('says why it was not done', async () => {
    const book = await opened(channelWith());
    api.answers[`DELETE ${one}`] = [409, { title: 'It stands in the configuration file.' }];
    await book.remove(channelWith());
    expect(book.channels).toHaveLength(1);
    expect(book.failure).toBe('“news” was not deleted. It stands in the configuration file.');
  });
});
