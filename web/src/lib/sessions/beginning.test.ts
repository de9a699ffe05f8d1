import { expect, it } from 'vitest';
import { fakeApi } from '../channels/fakeApi';
import { Beginning } from './beginning.svelte';
import { sessionWith } from './fixtures';

const api = fakeApi();
const begin = 'POST /api/v1/sessions';
const wish = { url: 'https://host/film.mkv' };

function beginning(): { form: Beginning; begun: string[] } {
  const begun: string[] = [];
  return { form: new Beginning(({ id }) => begun.push(id)), begun };
}

it('leads to the session, once', async () => {
  api.answers[begin] = [201, sessionWith()];
  const { form, begun } = beginning();
  const first = form.begin(wish, ' Our film ');
  expect(form.pending).toBe(wish);
  await form.begin(wish);
  await first;
  expect([begun, api.asked, form.pending]).toEqual([['s'], [begin], null]);
  expect(api.sent).toEqual([{ url: 'https://host/film.mkv', title: 'Our film' }]);
});

it('says why there is none, until it is tried again', async () => {
  api.answers[begin] = [422, { code: 'source-unsupported', title: 'It does not play.' }];
  const { form, begun } = beginning();
  await form.begin(wish);
  expect([begun, form.problem?.title, form.pending]).toEqual([[], 'It does not play.', null]);
  api.answers[begin] = [201, sessionWith()];
  await form.begin(wish);
  expect([begun, form.problem]).toEqual([['s'], null]);
});

it('keeps what was wished for while it asks for the key', async () => {
  api.answers[begin] = [401, { code: 'key-missing', title: 'A key is needed.' }];
  const { form } = beginning();
  await form.begin(wish);
  expect([form.locked, form.problem]).toEqual([wish, null]);
});
