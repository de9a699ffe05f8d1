import type { Narrowed } from '../narrowed';
import type { components } from '../api.gen';
import { formatBytes, languageName } from '../format';
import type { Import } from '../imports/import';

/** Where a session is in its life. */
export type SessionState = 'opening' | 'ready' | 'failed';

type Schemas = components['schemas'];

/**
 * What a session plays: the id of an asset, or the name of a channel. Its film is the same for all that is made of one
 * film: who goes from one to the other stays where they are.
 */
export type Playable = Narrowed<Schemas['PlayableView'], { kind: 'asset' | 'channel' }>;

/** Links of who asked, each with its token. */
export type SessionPlayback = Schemas['SessionPlayback'];

/** One file of a torrent, named with its folders; one of them is chosen to be played. */
export type TorrentFile = Schemas['TorrentFileView'];

/** `waiting`: nobody has what is needed. */
export type TorrentState = 'metadata' | 'waiting' | 'downloading' | 'complete';

/** How a session gets what it plays from a swarm. Seeds have all of it; progress is of the chosen file, 0 to 1. */
export type TorrentView = Narrowed<Schemas['TorrentView'], { state: TorrentState }>;

/** Subtitles that are pictures: their place among the tracks of the source, ffmpeg's name of their codec, a BCP 47 tag. */
export type ImageSubtitles = Schemas['ImageSubtitlesView'];

/** Subtitles that are shown when they are drawn into the picture, for all who watch. */
export type Drawn = Schemas['DrawnView'];

/** What is kept of a session in the library. */
export type Kept = Narrowed<Schemas['KeptView'], { state: Import['state'] }>;

/**
 * One source that is watched together. Its id is its name in the link, the invitation: whoever has it may join. `playback`
 * and `may` are null in lists and in answers to heartbeats; `room` is the path of the WebSocket of those who watch.
 */
export type Session = Narrowed<
  Required<Schemas['SessionView']>,
  { state: SessionState; playable: Playable | null; torrent: TorrentView | null; kept: Kept | null }
>;

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
