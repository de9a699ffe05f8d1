import type { Kept, Session, TorrentView } from './session';

/** A session of a file on another server, as its operator sees it, with what a test is about. */
export function sessionWith(changes: Partial<Session> = {}): Session {
  return {
    id: 's',
    link: 'http://127.0.0.1:8000/sessions/s',
    state: 'ready',
    reason: null,
    title: 'Film',
    source: 'https://host/film.mp4',
    createdAt: '2025-06-15T12:00:00Z',
    viewers: 1,
    fetchedBytes: 12_000_000,
    sizeBytes: 2_200_000_000,
    playable: { kind: 'asset', id: 'a', film: 'a' },
    playback: playbackWith('t1'),
    room: '/api/v1/sessions/s/room',
    torrent: null,
    subtitles: null,
    kept: null,
    may: { control: true, keep: true },
    ...changes,
  };
}

/** Links with this token. */
export function playbackWith(token: string): Session['playback'] {
  return {
    hls: `http://127.0.0.1:8000/stream/a/master.m3u8?token=${token}`,
    dash: `http://127.0.0.1:8000/stream/a/manifest.mpd?token=${token}`,
    ts: null,
    watch: `http://127.0.0.1:8000/watch/a?token=${token}`,
    token,
    expiresAt: null,
  };
}

/** A torrent on its way, with what a test is about. */
export function torrentWith(changes: Partial<TorrentView> = {}): TorrentView {
  return {
    name: 'A film',
    state: 'downloading',
    peers: 3,
    seeds: 1,
    downBytesPerSecond: 1_200_000,
    upBytesPerSecond: 0,
    progress: 0.129,
    files: [],
    ...changes,
  };
}

/** What is kept is on its way. */
export const kept: Kept = { importId: 'i', mediaId: null, state: 'running', reason: null };
