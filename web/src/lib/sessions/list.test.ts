import { expect, it } from 'vitest';
import { fakeApi } from '../channels/fakeApi';
import { sessionWith } from './fixtures';
import { SessionBook } from './list.svelte';

const api = fakeApi();
const all = 'GET /api/v1/sessions';
const end = 'DELETE /api/v1/sessions/s';

async function asked(): Promise<SessionBook> {
  api.answers[all] = [200, { items: [sessionWith(), sessionWith({ id: 'other' })] }];
  const book = new SessionBook();
  await book.ask();
  return book;
}

it('lists what runs, again and again', async () => {
  const book = await asked();
  expect([book.phase, book.sessions.map(({ id }) => id)]).toEqual(['ready', ['s', 'other']]);
  expect(await book.ask()).toBe(3000);
});

it.each<[number, unknown]>([
  [204, undefined],
  [404, { code: 'session-unknown', title: 'Gone.' }],
])('what was ended (%d) is gone, also from a list that was on its way', async (status, body) => {
  const book = await asked();
  api.answers[end] = [status, body];
  await book.end('s');
  await book.ask();
  expect([book.sessions.map(({ id }) => id), book.refusal]).toEqual([['other'], null]);
});

it('what was not ended stays, and says why', async () => {
  const book = await asked();
  api.answers[end] = [500, { code: 'internal', title: 'Broken.' }];
  await book.end('s');
  expect([book.sessions.length, book.refusal?.title]).toEqual([2, 'Broken.']);
});
