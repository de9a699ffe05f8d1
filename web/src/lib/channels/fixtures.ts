import type { Channel } from './channel';
import type { ChannelStatus } from './status';

/** A channel for tests. */
export const channelWith = (changes: Partial<Channel> = {}): Channel => ({
  name: 'news',
  title: null,
  urls: ['https://host/news.m3u8?…', 'https://backup/news.m3u8'],
  origin: 'api',
  enabled: true,
  public: false,
  userAgent: null,
  maxHeight: null,
  maxBitrate: null,
  maxViewers: null,
  resolver: null,
  state: 'idle',
  reason: null,
  viewers: 0,
  playback: {
    hls: 'http://127.0.0.1:8000/live/news/index.m3u8',
    ts: 'http://127.0.0.1:8000/live/news',
    watch: 'http://127.0.0.1:8000/channels/news',
    token: null,
    expiresAt: null,
  },
  ...changes,
});

/** A status for tests. */
export const statusWith = (changes: Partial<ChannelStatus> = {}): ChannelStatus => ({
  name: 'news',
  state: 'live',
  reason: null,
  since: '2025-06-15T12:00:00Z',
  upstream: { index: 0, url: 'https://host/news.m3u8?…', variant: null, kind: 'ts' },
  lastSwitch: null,
  viewers: { endless: 2, hls: 3, recording: 1 },
  bitrate: { in: 4_000_000, out: 20_000_000 },
  log: { bytes: 15_000_000, budgetBytes: 16_777_216, seconds: 30, segments: 15 },
  latency: { lastMs: 120, medianMs: 110, p95Ms: 300 },
  counters: { starts: 1, bytesIn: 1000 },
  recording: null,
  ...changes,
});
