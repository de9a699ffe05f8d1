import { describe, expect, it } from 'vitest';
import { edgeOf, readiness } from './live';

const asks = (response: Response | null, online = true): ReturnType<typeof readiness> =>
  readiness(
    '/live/news/index.m3u8',
    () => (response === null ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(response)),
    () => online,
    new AbortController().signal,
  );

const refusal = (status: number, retryAfter?: string): Response =>
  new Response(JSON.stringify({ title: 'No.', code: 'some-code', detail: 'Because.' }), {
    status,
    headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter },
  });

describe('whether a channel can be played', () => {
  it('is yes when its playlist is there', async () => {
    expect(await asks(new Response('#EXTM3U'))).toEqual({ ready: true });
  });

  it.each([
    [refusal(503), 2000],
    [refusal(503, '4'), 4000],
    [refusal(503, '0'), 500],
    [refusal(503, '3600'), 10_000],
    [refusal(503, 'Fri, 13 Jun 2025 12:00:00 GMT'), 2000],
  ])('is soon while it starts (%#)', async (response, againMs) => {
    expect(await asks(response)).toMatchObject({ ready: false, warming: true, againMs });
  });

  it('is not soon while it is switched off, but whoever waits is let in when it is on', async () => {
    const off = new Response(JSON.stringify({ code: 'channel-off' }), {
      status: 503,
      headers: { 'Retry-After': '5' },
    });
    expect(await asks(off)).toMatchObject({ ready: false, warming: false, againMs: 5000 });
  });

  it('is perhaps later when its upstream fails, and says why', async () => {
    expect(await asks(refusal(502))).toEqual({
      ready: false,
      warming: false,
      againMs: 10_000,
      problem: { title: 'No.', status: 502, code: 'some-code', detail: 'Because.' },
    });
    expect(await asks(refusal(502, '3'))).toMatchObject({ warming: false, againMs: 3000 });
  });

  it.each([401, 403, 404])('is no with status %d, whoever waits', async (status) => {
    expect(await asks(refusal(status, '1'))).toMatchObject({ ready: false, warming: false, againMs: null });
  });

  it('is unknown while the server does not answer', async () => {
    expect(await asks(null)).toMatchObject({ problem: { code: 'network' }, againMs: 10_000 });
    expect(await asks(null, false)).toMatchObject({ problem: { title: 'This device is offline.' } });
  });
});

it('calls live what the player keeps away from the end by itself', () => {
  expect(edgeOf(6.4, 6)).toEqual({ atEdge: true, behindSeconds: 6 });
  expect(edgeOf(10, 6)).toEqual({ atEdge: true, behindSeconds: 10 });
  expect(edgeOf(10.1, 6)).toEqual({ atEdge: false, behindSeconds: 10 });
  expect(edgeOf(-0.2, 6)).toEqual({ atEdge: true, behindSeconds: 0 });
});
