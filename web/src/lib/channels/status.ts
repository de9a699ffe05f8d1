import type { ChannelState, Variant } from './channel';

/** How a channel does right now. Rates are bits per second, sizes bytes, times ISO 8601. */
export interface ChannelStatus {
  name: string;
  state: ChannelState;
  reason: string | null;
  since: string;
  upstream: { index: number; url: string; variant: Variant | null; kind: string | null } | null;
  lastSwitch: { at: string; reason: string; from: string; to: string } | null;
  viewers: { endless: number; hls: number; recording: number };
  bitrate: { in: number; out: number };
  log: { bytes: number; budgetBytes: number; seconds: number; segments: number };
  /** From the request of a segment to its first byte; null before the first. */
  latency: { lastMs: number; medianMs: number; p95Ms: number } | null;
  counters: Record<string, number>;
  recording: Recording | null;
}

/** A channel being kept as a title of the library. */
export interface Recording {
  /** Of the import that it ends as. */
  id: string;
  startedAt: string;
  /** When it ends by itself; null when it does not. */
  endsAt: string | null;
  bytes: number;
}

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
