import type { Narrowed } from '../narrowed';
import type { components } from '../api.gen';
import type { ChannelState } from './channel';

/** A channel being kept as a title of the library; its id is that of the import that it ends as. */
export type Recording = components['schemas']['RecordingView'];

/** How a channel does right now. Rates are bits per second, sizes bytes, times ISO 8601. */
export type ChannelStatus = Narrowed<components['schemas']['ChannelStatusView'], { state: ChannelState }>;

/** One moment of a channel, as the charts draw it. */
export interface Sample {
  /** Epoch milliseconds. */
  atMs: number;
  bitsIn: number;
  bitsOut: number;
  latencyMs: number | null;
  depthSeconds: number;
  viewers: number;
}

export function sampleOf(status: ChannelStatus, atMs: number): Sample {
  return {
    atMs,
    bitsIn: status.bitrate.in,
    bitsOut: status.bitrate.out,
    latencyMs: status.latency?.lastMs ?? null,
    depthSeconds: status.log.seconds,
    viewers: watchers(status),
  };
}

/** Who watches; a recording is nobody. */
export function watchers({ viewers }: ChannelStatus): number {
  return viewers.endless + viewers.hls;
}

const names: Record<string, string> = {
  starts: 'Starts of the upstream',
  bytesIn: 'Fetched',
  bytesOut: 'Sent',
  switches: 'Switches to another upstream',
  retries: 'Fetches repeated',
  failedSegments: 'Segments given up',
  gaps: 'Gaps announced by the upstream',
  missed: 'Segments missed',
  resets: 'Upstream began anew',
  lags: 'Playlists that went back',
  losses: 'Holes in the stream',
  lostBytes: 'Bytes lost in them',
  timesAlone: 'Video that went on without its audio',
  lateFrames: 'Audio frames that came too late',
  skips: 'Slow viewers who skipped ahead',
  drops: 'Viewers too slow to keep',
};

/** A counter in words; one that a newer server added is split at its capitals. */
export function counterName(counter: string): string {
  const words = names[counter];
  if (words !== undefined) {
    return words;
  }
  const split = counter.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return split.charAt(0).toUpperCase() + split.slice(1);
}

/** Those counters that are sizes. */
export function isSize(counter: string): boolean {
  return /bytes/i.test(counter);
}
