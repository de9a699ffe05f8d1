import { beforeEach, vi } from 'vitest';

type Answer = [status: number, body?: unknown];

/** A server for tests: what it answers by method and path, and what it was asked. What is not listed does not answer at all. */
export interface FakeApi {
  answers: Record<string, Answer>;
  asked: string[];
  /** What was sent, as it was parsed. */
  sent: unknown[];
}

/** Stands in for the server in all tests of a file, each of which begins with an empty one. */
export function fakeApi(): FakeApi {
  const api: FakeApi = { answers: {}, asked: [], sent: [] };
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('sessionStorage', { getItem: () => null });
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const request = `${init.method} ${path}`;
    api.asked.push(request);
    if (typeof init.body === 'string') {
      api.sent.push(JSON.parse(init.body));
    }
    const answer = api.answers[request];
    if (answer === undefined) {
      throw new TypeError('Failed to fetch');
    }
    const [status, body] = answer;
    return new Response(body === undefined ? null : JSON.stringify(body), { status });
  });
  beforeEach(() => {
    api.answers = {};
    api.asked = [];
    api.sent = [];
  });
  return api;
}
