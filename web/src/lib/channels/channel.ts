import type { components } from '../api.gen';
import type { Narrowed } from '../narrowed';
import { formatAgo, formatBitrate } from '../format';

export type ChannelState = 'off' | 'idle' | 'starting' | 'live' | 'retrying' | 'ended';

export type Resolver = 'streamlink' | 'yt-dlp';

type Schemas = components['schemas'];

/** Where a channel is played: the playlist for browsers and phones, the endless body for players like VLC. */
export type ChannelPlayback = Schemas['ChannelLinks'];

/** One channel as the operator sees it. Rates are bits per second. Its addresses are without user, password and query. */
export type Channel = Narrowed<
  Pick<
    Schemas['ChannelView'],
    | 'name'
    | 'title'
    | 'urls'
    | 'origin'
    | 'enabled'
    | 'public'
    | 'userAgent'
    | 'maxHeight'
    | 'maxBitrate'
    | 'maxViewers'
    | 'resolver'
    | 'state'
    | 'reason'
    | 'viewers'
    | 'playback'
  >,
  {
    /** Those of the configuration file are changed there. */
    origin: 'configuration' | 'api' | 'session';
    resolver: Resolver | null;
    state: ChannelState;
  }
>;

/** One attempt to open an address as a channel would. */
export type TestReport = Narrowed<Schemas['ChannelTestView'], { kind: 'ts' | 'fmp4' | null }>;

/** One quality that a playlist offers. Zero or empty where it does not say. */
export type Variant = Schemas['VariantView'];

/** What to call it. */
export function titleOf({ title, name }: Pick<Channel, 'title' | 'name'>): string {
  return title === null || title === '' ? name : title;
}

/** Something is being fetched for it, so there is something to see. */
export function isRunning(state: ChannelState): boolean {
  return state === 'starting' || state === 'live' || state === 'retrying';
}

export function wordOf(state: ChannelState): string {
  switch (state) {
    case 'off':
      return 'Off';
    case 'idle':
      return 'Idle';
    case 'starting':
      return 'Starting…';
    case 'live':
      return 'Live';
    case 'retrying':
      return 'Trying again';
    case 'ended':
      return 'Ended';
  }
}

/** Why it is as it is: the server's words, or ours where it needs none. */
export function reasonOf({ state, reason }: Pick<Channel, 'state' | 'reason'>): string {
  if (reason !== null && reason !== '') {
    return reason;
  }
  return state === 'idle' ? 'Starts when somebody watches.' : '';
}

export function viewersLine(viewers: number): string {
  return viewers === 1 ? '1 viewer' : `${viewers} viewers`;
}

/** `Switched 3 min ago: the playlist stood still.` */
export function switchLine(at: string, reason: string, nowMs: number): string {
  const sentence = /[.!?]$/.test(reason) ? reason : `${reason}.`;
  return `Switched ${formatAgo(new Date(at), nowMs)}: ${sentence}`;
}

/** `1280×720 · 2.5 Mb/s · avc1.64001f, mp4a.40.2`, without the parts that are not known. */
export function variantLine({ width, height, bandwidth, codecs }: Variant): string {
  const line = [width > 0 ? `${width}×${height}` : '', bandwidth > 0 ? formatBitrate(bandwidth) : '', codecs]
    .filter((part) => part !== '')
    .join(' · ');
  return line === '' ? 'Nothing is said about it' : line;
}

/** What a test found, in one line. */
export function reportLine(report: TestReport): string {
  if (!report.ok) {
    return report.problem ?? 'It cannot be played.';
  }
  return [
    report.live ? 'Live' : 'A film with an end',
    report.kind === 'fmp4' ? 'fragmented MP4' : report.kind === 'ts' ? 'MPEG-TS' : '',
    report.targetDurationSeconds ? `segments of ${report.targetDurationSeconds} s` : '',
    report.encrypted ? 'encrypted, with a key that can be had' : '',
    `answered in ${report.milliseconds} ms`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
