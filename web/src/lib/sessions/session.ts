import { formatBytes, languageName } from '../format';
import type { Import } from '../imports/import';

/** Where a session is in its life. */
export type SessionState = 'opening' | 'ready' | 'failed';

/** What a session plays. The id of an asset, or the name of a channel. */
export interface Playable {
  kind: 'asset' | 'channel';
  id: string;
  /** The same for all that is made of one film: who goes from one to the other stays where they are. */
  film: string;
}

/** Links of who asked, each with its token. */
export interface SessionPlayback {
  hls: string;
  /** Null for a channel. */
  dash: string | null;
  /** The endless MPEG-TS body; null for an asset. */
  ts: string | null;
  watch: string;
  token: string | null;
  /** ISO 8601; null when they do not expire. */
  expiresAt: string | null;
}

/** One file of a torrent. */
export interface TorrentFile {
  index: number;
  /** With its folders inside the torrent. */
  name: string;
  sizeBytes: number;
  isVideo: boolean;
  /** It is the one that is played. */
  chosen: boolean;
}

/** `waiting`: nobody has what is needed. */
export type TorrentState = 'metadata' | 'waiting' | 'downloading' | 'complete';

/** How a session gets what it plays from a swarm. */
export interface TorrentView {
  /** Null until its metadata is here. */
  name: string | null;
  state: TorrentState;
  peers: number;
  /** Peers that have all of it. */
  seeds: number;
  downBytesPerSecond: number;
  upBytesPerSecond: number;
  /** Of the chosen file, 0 to 1. */
  progress: number;
  files: TorrentFile[];
}

/** Subtitles that are pictures. */
export interface ImageSubtitles {
  /** Their place among the tracks of the source. */
  track: number;
  /** ffmpeg's name, such as `hdmv_pgs_subtitle`. */
  codec: string;
  /** A BCP 47 tag. */
  language: string | null;
  name: string | null;
}

/** Subtitles that are shown when they are drawn into the picture, for all who watch. */
export interface Drawn {
  /** The track of those that are; null for none. */
  burned: number | null;
  images: ImageSubtitles[];
}

/** What is kept of a session in the library. */
export interface Kept {
  importId: string;
  /** The title that it became. */
  mediaId: string | null;
  state: Import['state'];
  /** Why it was not kept. */
  reason: string | null;
}

/** One source that is watched together. */
export interface Session {
  /** Its name in the link; whoever has it may join. */
  id: string;
  /** The invitation. */
  link: string;
  state: SessionState;
  /** Why it does not play. */
  reason: string | null;
  title: string;
  /** What it plays, without secrets. */
  source: string;
  /** ISO 8601. */
  createdAt: string;
  viewers: number;
  fetchedBytes: number;
  /** Null when it is not known, or nothing is fetched. */
  sizeBytes: number | null;
  playable: Playable | null;
  /** Null in lists, in answers to heartbeats, and while there is nothing to play. */
  playback: SessionPlayback | null;
  /** Path of the WebSocket of those who watch. */
  room: string;
  torrent: TorrentView | null;
  /** Null when what is played is no file that lies elsewhere. */
  subtitles: Drawn | null;
  kept: Kept | null;
  /** What who asked may do with it; null in lists and in answers to heartbeats. */
  may: { control: boolean; keep: boolean } | null;
}

/** What makes two playables the same; null for none. */
export function keyOf(playable: Playable | null): string | null {
  return playable === null ? null : `${playable.kind}:${playable.id}`;
}

const makers: Record<string, string> = {
  hdmv_pgs_subtitle: 'Blu-ray',
  dvd_subtitle: 'DVD',
  dvb_subtitle: 'TV',
};

/** What subtitles are called in a list: `English, Signs (Blu-ray)`. */
export function imageLabel({ track, codec, language, name }: ImageSubtitles): string {
  const words = [language === null ? null : languageName(language), name].filter((word) => word !== null);
  return `${words.length === 0 ? `Track ${track}` : words.join(', ')} (${makers[codec] ?? codec})`;
}

/** `12 MB of 2.2 GB fetched`; empty when nothing is fetched. */
export function fetchedLine({
  fetchedBytes,
  sizeBytes,
}: Pick<Session, 'fetchedBytes' | 'sizeBytes'>): string {
  if (sizeBytes !== null) {
    return `${formatBytes(fetchedBytes)} of ${formatBytes(sizeBytes)} fetched`;
  }
  return fetchedBytes > 0 ? `${formatBytes(fetchedBytes)} fetched` : '';
}

/** How a session is, in words for a list. */
export function wordOf({ state, torrent }: Pick<Session, 'state' | 'torrent'>): string {
  if (state === 'failed') {
    return 'Failed';
  }
  if (torrent?.state === 'waiting') {
    return 'Waiting for peers';
  }
  return state === 'ready' ? 'Ready' : 'Opening…';
}

/** What is done while there is nothing to play yet. */
export function openingLine({ torrent }: Pick<Session, 'torrent'>): string {
  if (torrent === null) {
    return 'Looking at what it is…';
  }
  const peers = torrent.peers === 0 ? '' : ` (${peersLine(torrent)})`;
  switch (torrent.state) {
    case 'metadata':
      return torrent.peers === 0
        ? 'Looking for peers who know this torrent…'
        : `Asking what is in the torrent…${peers}`;
    case 'waiting':
      return 'Waiting for peers: nobody who is there has what is needed.';
    default:
      return `Fetching the beginning of the file…${peers}`;
  }
}

/** What is said while a part is waited for that comes from a swarm. */
export function waitingLine({ torrent }: Pick<Session, 'torrent'>): string | undefined {
  if (torrent === null) {
    return undefined;
  }
  return torrent.state === 'waiting' ? 'Waiting for peers…' : 'Fetching this part…';
}

/** `3 peers`; with `1 of them complete` when some have all of it. */
export function peersLine({ peers, seeds }: Pick<TorrentView, 'peers' | 'seeds'>): string {
  const line = peers === 1 ? '1 peer' : `${peers} peers`;
  return seeds === 0 ? line : `${line}, ${seeds} with all of it`;
}

/** How the download is, in one line. */
export function torrentLine(torrent: TorrentView): string {
  switch (torrent.state) {
    case 'metadata':
      return openingLine({ torrent });
    case 'waiting':
      return 'Waiting for peers: nobody who is there has what is needed.';
    case 'downloading':
      return `${Math.floor(torrent.progress * 100)} % here`;
    case 'complete':
      return 'All of it is here';
  }
}

/** Where the page of the sessions is, with an address to begin with in its field. */
export function startPath(source: string | null): string {
  return source === null ? '/sessions' : `/sessions?${new URLSearchParams({ source })}`;
}

/** Whether who asked may have it fetched into the library: not what lies there already, nor what has no end. */
export function isKeepable({ may, kept, playable, source }: Session): boolean {
  return (may?.keep ?? false) && kept === null && playable?.kind === 'asset' && playable.id !== source;
}

/** What becomes of what is kept. */
export function keptLine({ state, reason }: Kept): string {
  switch (state) {
    case 'done':
      return 'Kept in the library.';
    case 'failed':
    case 'cancelled':
      return `It was not kept. ${reason ?? ''}`.trimEnd();
    default:
      return 'Being fetched into the library…';
  }
}
