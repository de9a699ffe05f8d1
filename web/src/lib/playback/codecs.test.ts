import { expect, it } from 'vitest';
import type { Track } from '../api';
import { missingCodecs } from './codecs';

const track = (kind: Track['kind'], codecs: string | null, action: Track['action'] = 'copy'): Track => ({
  id: codecs ?? 'x',
  kind,
  description: '',
  action,
  reason: '',
  codecs,
  language: null,
  name: null,
});
const supports = (type: string): boolean => type.includes('avc1') || type.includes('mp4a');

it('finds nothing missing in what the browser plays', () => {
  expect(missingCodecs([track('video', 'avc1.640028'), track('audio', 'mp4a.40.2')], supports)).toEqual([]);
});

it('refuses a picture that cannot be shown although the sound could play', () => {
  expect(missingCodecs([track('video', 'hvc1.1.6.L93.B0'), track('audio', 'mp4a.40.2')], supports)).toEqual([
    'hvc1.1.6.L93.B0',
  ]);
});

it('needs one playable audio track, not all of them', () => {
  const video = track('video', 'avc1.640028');
  expect(missingCodecs([video, track('audio', 'ac-3'), track('audio', 'mp4a.40.2')], supports)).toEqual([]);
  expect(missingCodecs([video, track('audio', 'ac-3')], supports)).toEqual(['ac-3']);
});

it('ignores what is left out, what is no media and what is not known', () => {
  const tracks = [track('video', 'hvc1.1', 'drop'), track('other', 'tmcd'), track('video', null)];
  expect(missingCodecs(tracks, supports)).toEqual([]);
});

it('asks with the type of the track', () => {
  const asked: string[] = [];
  missingCodecs([track('audio', 'opus')], (type) => asked.push(type) > 0);
  expect(asked).toEqual(['audio/mp4; codecs="opus"']);
});
