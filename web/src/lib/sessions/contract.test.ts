import { expect, it } from 'vitest';
import description from '../../../../src/Sluice.Server/Hosting/openapi.json';
import type {
  Drawn,
  ImageSubtitles,
  Kept,
  Playable,
  Session,
  SessionPlayback,
  TorrentFile,
  TorrentView,
} from './session';

type Members<T> = Record<keyof T, true>;

const session: Members<Session> = {
  id: true,
  link: true,
  state: true,
  reason: true,
  title: true,
  source: true,
  createdAt: true,
  viewers: true,
  fetchedBytes: true,
  sizeBytes: true,
  playable: true,
  playback: true,
  room: true,
  torrent: true,
  subtitles: true,
  kept: true,
  may: true,
};
const playable: Members<Playable> = { kind: true, id: true, film: true };
const playback: Members<SessionPlayback> = {
  hls: true,
  dash: true,
  ts: true,
  watch: true,
  token: true,
  expiresAt: true,
};
const torrent: Members<TorrentView> = {
  name: true,
  state: true,
  peers: true,
  seeds: true,
  downBytesPerSecond: true,
  upBytesPerSecond: true,
  progress: true,
  files: true,
};
const file: Members<TorrentFile> = { index: true, name: true, sizeBytes: true, isVideo: true, chosen: true };
const drawn: Members<Drawn> = { burned: true, images: true };
const images: Members<ImageSubtitles> = { track: true, codec: true, language: true, name: true };
const kept: Members<Kept> = { importId: true, mediaId: true, state: true, reason: true };

const schemas = description.components.schemas as unknown as Record<string, { properties?: object }>;

it.each<[string, object]>([
  ['SessionView', session],
  ['PlayableView', playable],
  ['SessionPlayback', playback],
  ['TorrentView', torrent],
  ['TorrentFileView', file],
  ['DrawnView', drawn],
  ['ImageSubtitlesView', images],
  ['KeptView', kept],
  ['SessionAbilities', { control: true, keep: true }],
])('%s of the server is what these pages take it for', (name, members) => {
  expect(Object.keys(schemas[name]?.properties ?? {}).toSorted()).toEqual(Object.keys(members).toSorted());
});
