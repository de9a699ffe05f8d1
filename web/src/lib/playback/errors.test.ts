import { describe as group, expect, it } from 'vitest';
import { networkProblem, parseProblem } from '../api';
import { describe, failureOfCause, failureOfLoad, failureOfNotReady, failureOfProblem } from './errors';

const nowMs = Date.UTC(2025, 5, 15, 12, 0, 0);
const answer =
  (status: number, body: string): typeof fetch =>
  async () =>
    new Response(body, { status });

group('failureOfProblem', () => {
  it('says when a link expired', () => {
    const body = JSON.stringify({
      code: 'token-expired',
      detail: 'The link expired 14 s ago.',
      expiredAt: new Date(nowMs - 14_000).toISOString(),
    });
    const failure = failureOfProblem(parseProblem(403, body));
    expect(describe(failure, nowMs)).toBe('This link expired 14 s ago.');
    expect(describe(failure, nowMs + 60_000)).toBe('This link expired 1 min ago.');
    expect(failure.detail).toBe('');
  });

  it.each([undefined, 'yesterday'])('does without a readable expiredAt (%s)', (expiredAt) => {
    const failure = failureOfProblem(parseProblem(403, JSON.stringify({ code: 'token-expired', expiredAt })));
    expect(describe(failure, nowMs)).toBe('This link expired.');
  });

  it('never counts into the future when the clocks differ', () => {
    const body = JSON.stringify({ code: 'media-expired', expiredAt: new Date(nowMs + 5000).toISOString() });
    expect(describe(failureOfProblem(parseProblem(403, body)), nowMs)).toBe('This title expired 0 s ago.');
  });

  it('lets an unknown code speak for itself', () => {
    const failure = failureOfProblem(
      parseProblem(
        421,
        '{"code":"host-refused","title":"Wrong name.","hint":"Add it.","detail":"x.example"}',
      ),
    );
    expect(failure).toMatchObject({
      code: 'host-refused',
      title: 'Wrong name.',
      hint: 'Add it.',
      detail: 'x.example',
    });
  });

  it('tells offline from a dead server', () => {
    expect(failureOfProblem(networkProblem(false)).title).toBe('This device is offline.');
    expect(failureOfProblem(networkProblem(true)).title).toBe('The server cannot be reached.');
  });
});

it('passes the reason of a title that is not ready', () => {
  expect(
    failureOfNotReady({ state: 'needs-transcode', reason: 'browsers cannot play ProRes' }),
  ).toMatchObject({
    code: 'media-not-ready',
    detail: 'browsers cannot play ProRes',
  });
});

group('failureOfLoad', () => {
  it('asks for one byte and reads the problem behind the status', async () => {
    let asked: RequestInit | undefined;
    const get: typeof fetch = async (_, init) => {
      asked = init;
      return new Response('{"code":"token-revoked"}', { status: 403 });
    };
    expect((await failureOfLoad('/s', get, true)).code).toBe('token-revoked');
    expect(asked?.headers).toEqual({ Range: 'bytes=0-0' });
  });

  it.each([200, 206, 416])('calls it interrupted when the server answers %d by now', async (status) => {
    expect((await failureOfLoad('/s', answer(status, 'x'), true)).code).toBe('interrupted');
  });

  it('calls it network when nobody answers', async () => {
    const dead: typeof fetch = async () => Promise.reject(new TypeError('Failed to fetch'));
    expect((await failureOfLoad('/s', dead, true)).code).toBe('network');
  });
});

group('failureOfCause', () => {
  it('names codec, decoder and browser', () => {
    expect(failureOfCause({ kind: 'codec', codecs: 'hvc1.1.6.L93.B0' })).toMatchObject({
      code: 'codec-unsupported',
      detail: 'hvc1.1.6.L93.B0',
    });
    expect(failureOfCause({ kind: 'decode', message: 'PIPELINE_ERROR_DECODE' }).code).toBe('decode-failed');
    expect(failureOfCause({ kind: 'unsupported' }).code).toBe('player-unsupported');
  });
});
