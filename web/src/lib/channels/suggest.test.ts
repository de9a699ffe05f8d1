import { expect, it } from 'vitest';
import { suggestName } from './suggest';

it.each([
  ['https://cdn.example.org/live/news24/master.m3u8', 'news24'],
  ['https://cdn.example.org/live/News%2024/index.m3u8?token=x', 'news-24'],
  ['https://host/tv/ZDF_neo.m3u8', 'zdf-neo'],
  ['https://host/L%C3%A4ndle/playlist.m3u8', 'landle'],
  ['https://live.example.org/hls/stream.m3u8', 'example'],
  ['https://www.arte.tv/', 'arte'],
  ['http://192.168.1.20:8080/live/index.m3u8', ''],
  ['http://[::1]/live/index.m3u8', ''],
  ['http://localhost:8080/hls/index.m3u8', ''],
  ['https://host/%/index.m3u8', ''],
  ['https://host/Канал/index.m3u8', ''],
  ['not an address', ''],
  ['', ''],
])('calls %s %s', (address, name) => expect(suggestName(address, [])).toBe(name));

it('gives what is taken a number', () => {
  expect(suggestName('https://host/news/a.m3u8', ['a'])).toBe('a-2');
  expect(suggestName('https://host/news/a.m3u8', ['a', 'a-2', 'a-3'])).toBe('a-4');
});

it('keeps within the length of a name', () => {
  expect(suggestName(`https://host/${'x'.repeat(200)}.m3u8`, ['x'.repeat(60)])).toBe(`${'x'.repeat(60)}-2`);
  expect(suggestName(`https://host/${'x'.repeat(59)}-yy.m3u8`, [])).toBe('x'.repeat(59));
});
