import { expect, it } from 'vitest';
import { untilThere } from './comeBack';
import type { Failure } from './errors';

const failure = (code: string): Failure => ({ code, title: '', hint: '', detail: '', expiredAt: null });

/** Looks that are answered so, one after the other, and how many were made. */
function answers(...codes: string[]): { look: () => Promise<Failure>; asked: () => number } {
  let asked = 0;
  return {
    look: () => Promise.resolve(failure(codes[asked++] ?? 'no more')),
    asked: () => asked,
  };
}

const noPause = (): Promise<void> => Promise.resolve();

it('asks until somebody has it, through a server that is away', async () => {
  const { look, asked } = answers('source-pending', 'network', 'source-pending', 'interrupted');
  expect(await untilThere(look, () => true, noPause)).toBeNull();
  expect(asked()).toBe(4);
});

it('ends with what the server says instead', async () => {
  const { look } = answers('source-pending', 'token-revoked');
  expect((await untilThere(look, () => true, noPause))?.code).toBe('token-revoked');
});

it('asks no more when nobody wants it', async () => {
  const { look, asked } = answers('source-pending', 'source-pending');
  expect(await untilThere(look, () => asked() < 1, noPause)).toBeNull();
  expect(asked()).toBe(1);
});
