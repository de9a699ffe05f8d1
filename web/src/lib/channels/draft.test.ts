import { describe, expect, it } from 'vitest';
import { changesOf, definitionOf, draftOf, emptyDraft, faultsOf, questionOf, type Draft } from './draft';
import { channelWith } from './fixtures';

const draft = (changes: Partial<Draft> = {}): Draft => ({
  ...emptyDraft,
  url: 'https://host/news.m3u8',
  name: 'news',
  ...changes,
});

describe('what is wrong with a form', () => {
  it('is nothing when it can be sent', () => {
    expect(faultsOf(draft(), ['other'])).toEqual({});
    expect(faultsOf(draft({ backups: '\n https://b/1.m3u8 \n\nhttp://c/2.m3u8\n' }), [])).toEqual({});
    expect(faultsOf(draft({ name: 'a-1' }), [])).toEqual({});
  });

  it.each([
    ['', 'Give the address of a stream.'],
    ['host/news.m3u8', 'An address begins with http:// or https://.'],
    ['ftp://host/news.m3u8', 'An address begins with http:// or https://.'],
    ['https://host/news.m3u8?…', 'Give the whole address: “…” stands for a part that is not shown.'],
  ])('is the address %s', (url, fault) => expect(faultsOf(draft({ url }), [])).toEqual({ url: fault }));

  it.each([
    ['', 'Give it a name.'],
    ['News', 'A name has only lower-case letters, digits and hyphens.'],
    ['news 24', 'A name has only lower-case letters, digits and hyphens.'],
    ['n'.repeat(65), 'A name has at most 64 characters.'],
    ['taken', 'There is a channel of that name already.'],
  ])('is the name %s', (name, fault) =>
    expect(faultsOf(draft({ name }), ['taken'])).toEqual({ name: fault }),
  );

  it('is the line of a backup', () => {
    const fault = { backups: 'Line 2 is no whole address that begins with http:// or https://.' };
    expect(faultsOf(draft({ backups: 'https://b/1.m3u8\nb/2.m3u8' }), [])).toEqual(fault);
    expect(faultsOf(draft({ backups: 'https://b/1.m3u8\nhttps://b/2.m3u8?…' }), [])).toEqual(fault);
  });
});

it('sends a new channel without what was left empty', () => {
  expect(
    definitionOf(draft({ url: ' https://host/news.m3u8 ', backups: 'https://b/1\n', title: ' ' })),
  ).toEqual({
    urls: ['https://host/news.m3u8', 'https://b/1'],
    title: null,
    public: false,
    userAgent: null,
    maxHeight: null,
    maxViewers: null,
    resolver: null,
  });
  expect(questionOf(draft({ userAgent: ' VLC ', maxHeight: 720, resolver: 'yt-dlp' }), null)).toEqual({
    url: 'https://host/news.m3u8',
    userAgent: 'VLC',
    maxHeight: 720,
    resolver: 'yt-dlp',
  });
});

it('takes a number of viewers as it is written, and says what is none', () => {
  const fault = (maxViewers: string): string | undefined =>
    faultsOf(draft({ url: 'https://h/n', name: 'n', maxViewers }), []).maxViewers;
  expect(['', ' ', '1', ' 250 ', '1000000'].map(fault)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(['0', '-1', '1.5', 'many', '1000001'].filter((text) => fault(text) === undefined)).toEqual([]);
  expect(definitionOf(draft({ maxViewers: ' 250 ' })).maxViewers).toBe(250);
});

describe('a channel that is changed', () => {
  const channel = channelWith({ title: 'News', maxHeight: 720, maxViewers: 10 });

  it('sends nothing when nobody touched anything', () => {
    expect(faultsOf(draftOf(channel), [], channel.urls)).toEqual({});
    expect(changesOf(draftOf(channel), channel)).toEqual({});
  });

  it('sends what is different, and clears what was emptied', () => {
    const changed = { ...draftOf(channel), title: '', public: true, maxHeight: null, maxViewers: '' };
    expect(changesOf(changed, channel)).toEqual({
      title: null,
      public: true,
      maxHeight: null,
      maxViewers: null,
    });
  });

  it('sends addresses back as they were shown beside new ones, which keeps their secrets', () => {
    const changed = { ...draftOf(channel), backups: 'https://new/news.m3u8' };
    expect(faultsOf(changed, [], channel.urls)).toEqual({});
    expect(changesOf(changed, channel)).toEqual({
      urls: ['https://host/news.m3u8?…', 'https://new/news.m3u8'],
    });
  });

  it('cannot make up the secret of an address that it does not have', () => {
    const changed = { ...draftOf(channel), url: 'https://other/news.m3u8?…' };
    expect(faultsOf(changed, [], channel.urls).url).toContain('Give the whole address');
  });

  it('is tested with what is not shown of it', () => {
    expect(questionOf(draftOf(channel), channel).channel).toBe('news');
    expect(questionOf(draftOf(channel), null)).not.toHaveProperty('channel');
  });
});
