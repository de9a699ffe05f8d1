import { expect, it } from 'vitest';
import { request } from './api';
import { Book } from './book.svelte';
import { fakeApi } from './channels/fakeApi';

const api = fakeApi();
const list = 'GET /list';

class Names extends Book {
  names: string[] = [];

  constructor() {
    super(4000);
  }

  protected override async load(): Promise<void> {
    this.names = (await (await request('GET', '/list')).json()) as string[];
  }
}

it('is asked for again and again', async () => {
  api.answers[list] = [200, ['a']];
  const book = new Names();
  expect([book.phase, await book.ask()]).toEqual(['loading', 4000]);
  expect([book.phase, book.names]).toEqual(['ready', ['a']]);
});

it('is locked without the key, and asks no more', async () => {
  api.answers[list] = [401, { code: 'key-missing', title: 'A key is needed.' }];
  const book = new Names();
  expect([await book.ask(), book.phase]).toEqual([null, 'locked']);
});

it('says why there is none, until there is one', async () => {
  api.answers[list] = [500, { title: 'Broken.' }];
  const book = new Names();
  expect(await book.ask()).toBe(10_000);
  expect([book.phase, book.problem?.title]).toEqual(['failed', 'Broken.']);
  api.answers[list] = [200, ['a']];
  await book.ask();
  expect(book.phase).toBe('ready');
});

it('stays when the server goes away, and says that it is old', async () => {
  api.answers[list] = [200, ['a']];
  const book = new Names();
  await book.ask();
  api.answers = {};
  expect(await book.ask()).toBe(10_000);
  expect([book.phase, book.names, book.stale]).toEqual(['ready', ['a'], 'The server cannot be reached.']);
  api.answers[list] = [200, []];
  await book.ask();
  expect([book.names, book.stale]).toEqual([[], '']);
});
