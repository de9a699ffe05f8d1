import { expect, it } from 'vitest';
import { embedCode, embedUrl, qrPath } from './share';

it('the embed address is the watch address with the player alone', () => {
  expect(embedUrl('https://v.example/watch/abc?token=t.k')).toBe('https://v.example/embed/abc?token=t.k');
});

it('a title with markup stays text in the embed code', () => {
  const code = embedCode('https://v.example/watch/abc?token=t&x=1', '"><script>alert(1)</script>');
  expect(code).not.toContain('<script>');
  expect(code).toContain('title="&quot;&gt;&lt;script&gt;');
  expect(code).toContain('?token=t&amp;x=1"');
});

it('a code has its finder in the corner, behind the quiet zone', () => {
  const { path, size } = qrPath('https://v.example/');
  expect(size).toBe(33);
  expect(path).toContain('M4 4h1v1h-1z');
  expect(path).toContain('M10 10h1v1h-1z');
  expect(path).not.toContain('M3 ');
  expect(path).not.toContain('M5 5h');
});
