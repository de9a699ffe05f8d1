import { expect, it } from 'vitest';
import type { Asset } from '../api';
import { fakeApi } from '../channels/fakeApi';
import { ManyPublications } from './many.svelte';
import type { Publication, Target } from './published';

const api = fakeApi();
const web: Target = { name: 'web', form: 'cmaf', canRemove: true };
const titles = ['a', 'b'].map((id) => ({ id, title: id }) as Asset);
const path = (id: string): string => `/api/v1/media/${id}/publish`;

const there = (state: Publication['state'], progress = 0): Publication => ({
  target: 'web',
  form: 'ts',
  state,
  progress,
  entrances: [],
  bytes: 0,
  reason: null,
  job: 'job',
  publishedAt: null,
});

function lists(a: Publication[], b: Publication[]): void {
  api.answers[`GET ${path('a')}`] = [200, { items: a, targets: [web] }];
  api.answers[`GET ${path('b')}`] = [200, { items: b, targets: [web] }];
}

it('publishes what is missing, in the form that it has, and asks about what goes on alone', async () => {
  lists([there('published')], [there('failed')]);
  api.answers[`POST ${path('b')}`] = [202, there('publishing', 0.1)];
  const book = new ManyPublications(titles);
  await book.ask();
  expect(book.missing('web').map(({ id }) => id)).toEqual(['b']);
  await book.publish(web);
  expect(api.sent).toEqual([{ target: 'web', form: 'ts' }]);
  expect(book.missing('web')).toEqual([]);
  api.asked = [];
  lists([], [there('published', 1)]);
  await book.ask();
  await book.ask();
  expect(api.asked).toEqual([`GET ${path('b')}`]);
  expect(titles.map((title) => book.at(title, 'web')?.state)).toEqual(['published', 'published']);
});

it('tells of each that is refused why, and goes on with the others', async () => {
  lists([], []);
  api.answers[`POST ${path('a')}`] = [409, { title: 'Not yet.', code: 'media-not-ready' }];
  api.answers[`POST ${path('b')}`] = [202, there('publishing')];
  const book = new ManyPublications(titles);
  await book.ask();
  await book.publish(web);
  expect([book.standings['a']?.problem?.code, book.standings['b']?.problem]).toEqual([
    'media-not-ready',
    null,
  ]);
  expect([book.at(titles[1] as Asset, 'web')?.state, book.busy]).toEqual(['publishing', false]);
});

it('asks again about what could not be asked, and not about what is gone', async () => {
  api.answers[`GET ${path('b')}`] = [404, { title: 'There is no such media.', code: 'media-unknown' }];
  const book = new ManyPublications(titles);
  await book.ask();
  expect([book.phase, book.problem?.code]).toEqual(['failed', 'network']);
  lists([], []);
  api.asked = [];
  await book.ask();
  expect([book.phase, api.asked]).toEqual(['ready', [`GET ${path('a')}`]]);
  expect(book.standings['b']?.problem?.code).toBe('media-unknown');
});
