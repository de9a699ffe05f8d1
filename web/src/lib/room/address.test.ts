import { expect, it } from 'vitest';
import { asksForRoom, inviteLink, roomUrl, tokenOf } from './address';

it('names the room of what is watched, on the origin of the page', () => {
  expect(roomUrl({ kind: 'asset', id: 'abc' }, 'a.b-c', 'https://v.example:8443')).toBe(
    'wss://v.example:8443/api/v1/rooms/asset/abc?token=a.b-c',
  );
  expect(roomUrl({ kind: 'channel', id: 'news' }, null, 'http://127.0.0.1:8000')).toBe(
    'ws://127.0.0.1:8000/api/v1/rooms/channel/news',
  );
  expect(roomUrl({ kind: 'session', id: 'abc' }, null, 'http://127.0.0.1:8000')).toBe(
    'ws://127.0.0.1:8000/api/v1/sessions/abc/room',
  );
});

it('invites by the link of the page', () => {
  const link = inviteLink('https://v.example/watch/abc?token=x');
  expect(link).toBe('https://v.example/watch/abc?token=x&room=1');
  expect(inviteLink(link)).toBe(link);
  expect(asksForRoom(new URL(link).search)).toBe(true);
  expect(asksForRoom('?token=x')).toBe(false);
  expect(tokenOf(link)).toBe('x');
  expect(tokenOf('https://v.example/channels/news')).toBeNull();
});
