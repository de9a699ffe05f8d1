import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeApi } from '../channels/fakeApi';
import { pulseMs } from '../pulse';
import { kept, playbackWith, sessionWith, torrentWith } from './fixtures';
import { OpenSession } from './open.svelte';

const api = fakeApi();
const one = 'GET /api/v1/sessions/s';
const beat = 'POST /api/v1/sessions/s/heartbeat';
const unknown: [number, unknown] = [404, { code: 'session-unknown', title: 'There is no such session.' }];

const page = { hidden: false };
vi.stubGlobal('document', {
  get hidden() {
    return page.hidden;
  },
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
});

beforeEach(() => {
  vi.useFakeTimers();
  page.hidden = false;
});
afterEach(() => vi.useRealTimers());

async function opened(open = new OpenSession('s')): Promise<OpenSession> {
  api.answers[one] = [200, sessionWith()];
  await open.ask();
  return open;
}

it('keeps the links that play while the server gives newer ones', async () => {
  const open = await opened();
  const first = open.playback;
  api.answers[one] = [200, sessionWith({ playback: playbackWith('t2'), viewers: 2 })];
  expect(await open.ask()).toBe(5000);
  expect([open.phase, open.session?.viewers, open.key]).toEqual(['open', 2, 'asset:a']);
  expect(open.playback).toBe(first);
});

it('gets new links when the old ones are of no use', async () => {
  const open = await opened();
  api.answers[one] = [200, sessionWith({ playback: playbackWith('t2') })];
  expect(await open.renew()).toBe('t2');
  expect([open.playback?.token, open.key]).toEqual(['t2', 'asset:a']);
  api.answers = {};
  expect(await open.renew()).toBeNull();
  expect(open.playback?.token).toBe('t2');
});

it('asks for new links once a minute at most when a stream says no to each', async () => {
  let now = 0;
  const open = await opened(new OpenSession('s', () => now));
  const refusal = { title: '', status: 403, code: 'token-expired' };
  api.asked.length = 0;
  await open.refused(refusal);
  await open.refused(refusal);
  await open.refused({ ...refusal, code: 'network' });
  expect(api.asked).toEqual([one]);
  now = 61_000;
  await open.refused(refusal);
  expect(api.asked).toHaveLength(2);
});

it('follows to another file: nothing plays while it opens, and then what is new', async () => {
  const open = await opened();
  api.answers['POST /api/v1/sessions/s/file'] = [200, {}];
  const torrent = torrentWith();
  api.answers[one] = [200, sessionWith({ state: 'opening', playable: null, playback: null, torrent })];
  await open.choose(3);
  expect(api.sent).toContainEqual({ index: 3 });
  expect([open.playback, open.key]).toEqual([null, null]);
  api.answers[one] = [
    200,
    sessionWith({ playable: { kind: 'asset', id: 'b', film: 'b' }, playback: playbackWith('t2'), torrent }),
  ];
  await open.ask();
  expect([open.key, open.playback?.token]).toEqual(['asset:b', 't2']);
});

it('draws subtitles into the picture, and stays where the film is', async () => {
  const open = await opened(new OpenSession('s', Date.now, true));
  const first = open.place;
  [first.seconds, first.playing] = [90, false];
  api.answers['PUT /api/v1/sessions/s/subtitles/burned'] = [200, {}];
  api.answers[one] = [
    200,
    sessionWith({ playable: { kind: 'asset', id: 'b', film: 'a' }, playback: playbackWith('t2') }),
  ];
  await open.draw(2);
  expect(api.sent).toContainEqual({ track: 2 });
  expect([open.key, open.place]).toEqual(['asset:b', { seconds: 90, playing: false }]);
  api.answers[one] = [
    200,
    sessionWith({ playable: { kind: 'asset', id: 'c', film: 'c' }, playback: playbackWith('t3') }),
  ];
  await open.ask();
  expect(open.place).toEqual({ seconds: 0, playing: true });
});

it.each([
  [sessionWith({ state: 'opening', playable: null, playback: null }), 1000],
  [sessionWith({ torrent: torrentWith() }), 2000],
  [sessionWith({ torrent: torrentWith({ state: 'complete' }) }), 5000],
  [sessionWith({ state: 'failed', playback: null, reason: 'No.' }), null],
  [sessionWith({ state: 'failed', playback: null, torrent: torrentWith() }), 2000],
])('looks again as soon as there may be news', async (session, pause) => {
  api.answers[one] = [200, session];
  expect(await new OpenSession('s').ask()).toBe(pause);
});

it('knows an answer to an older question for what it is', async () => {
  const open = await opened();
  const answers: ((response: Response) => void)[] = [];
  const usual = globalThis.fetch;
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => answers.push(resolve)));
  const asking = [open.ask(), open.ask()];
  answers[1]?.(Response.json(sessionWith({ viewers: 7 })));
  await asking[1];
  answers[0]?.(Response.json(sessionWith({ viewers: 3 })));
  await asking[0];
  vi.stubGlobal('fetch', usual);
  expect(open.session?.viewers).toBe(7);
});

describe('a server that does not answer', () => {
  it('is told, and asked again, when nothing is known yet', async () => {
    const open = new OpenSession('s');
    expect(await open.ask()).toBe(5000);
    expect([open.phase, open.problem?.code]).toEqual(['failed', 'network']);
    await opened(open);
    expect([open.phase, open.problem]).toEqual(['open', null]);
  });

  it('takes nothing from what plays', async () => {
    const open = await opened();
    api.answers = {};
    expect(await open.ask()).toBe(5000);
    expect([open.phase, open.stale]).toEqual(['open', 'The server cannot be reached.']);
    expect(open.playback).not.toBeNull();
    await opened(open);
    expect(open.stale).toBe('');
  });
});

describe('followed', () => {
  it('is heard of by heartbeats, also while nobody looks', async () => {
    api.answers[one] = [200, sessionWith({ kept })];
    api.answers[beat] = [200, sessionWith({ playback: null, may: null, viewers: 4 })];
    const open = new OpenSession('s');
    await open.ask();
    page.hidden = true;
    const stop = open.follow('me');
    await vi.advanceTimersByTimeAsync(pulseMs);
    expect(api.asked).toEqual([one, beat, beat]);
    expect(open.session?.viewers).toBe(4);
    expect([open.session?.may, open.session?.kept]).toEqual([{ control: true, keep: true }, kept]);
    expect(open.playback?.token).toBe('t1');
    stop();
    const before = api.asked.length;
    await vi.advanceTimersByTimeAsync(3 * pulseMs);
    expect(api.asked).toHaveLength(before);
  });

  it('asks for links when a heartbeat tells of something else to play', async () => {
    const open = await opened();
    api.answers[beat] = [
      200,
      sessionWith({ playback: null, playable: { kind: 'asset', id: 'b', film: 'b' } }),
    ];
    api.answers[one] = [
      200,
      sessionWith({ playable: { kind: 'asset', id: 'b', film: 'b' }, playback: playbackWith('t2') }),
    ];
    page.hidden = true;
    open.follow('me')();
    await vi.advanceTimersByTimeAsync(0);
    expect(open.key).toBe('asset:b');
  });

  it('is over when the server knows it no more, whoever learns it first', async () => {
    const open = await opened();
    api.answers[beat] = unknown;
    open.follow('me');
    await vi.advanceTimersByTimeAsync(0);
    expect([open.phase, open.playback, open.session?.title]).toEqual(['over', null, 'Film']);
    const before = api.asked.length;
    await vi.advanceTimersByTimeAsync(3 * pulseMs);
    expect(api.asked).toHaveLength(before);
  });

  it('says nothing more of what will never play', async () => {
    api.answers[one] = [200, sessionWith({ state: 'failed', playback: null, reason: 'No.' })];
    api.answers[beat] = [200, sessionWith({ state: 'failed', playback: null })];
    const open = new OpenSession('s');
    open.follow('me');
    await vi.advanceTimersByTimeAsync(0);
    const before = api.asked.length;
    await vi.advanceTimersByTimeAsync(3 * pulseMs);
    expect(api.asked).toHaveLength(before);
    expect(open.isLost).toBe(true);
  });
});

describe('what is asked for', () => {
  it('is ended for everybody', async () => {
    const open = await opened();
    api.answers['DELETE /api/v1/sessions/s'] = [204];
    await open.end();
    expect([open.phase, open.playback, open.busy]).toEqual(['over', null, false]);
  });

  it('is told when it was not done, and goes on', async () => {
    const open = await opened();
    api.answers['DELETE /api/v1/sessions/s'] = [403, { code: 'key-missing', title: 'No.' }];
    await open.end();
    expect([open.phase, open.refusal?.title, open.busy]).toEqual(['open', 'No.', false]);
  });

  it('is kept, and looked at', async () => {
    const open = await opened();
    api.answers['POST /api/v1/sessions/s/keep'] = [202, {}];
    api.answers[one] = [200, sessionWith({ kept })];
    await open.keep();
    expect([open.session?.kept?.importId, open.refusal]).toEqual(['i', null]);
  });
});
