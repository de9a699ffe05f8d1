import Hls, { ErrorTypes, Events, type HlsConfig, type LoadPolicy } from 'hls.js';
import workerPath from 'hls.js/dist/hls.worker.js?url';
import { causeOf, isCodecError, qualityOf } from './hls';
import { causeOfMediaError } from './mediaError';
import type { LiveEvents, LivePlayer, StartLive } from './types';

/** A channel that stopped is reported after some seconds: then the page asks the server for the reason, and tries again by itself. */
const patience: LoadPolicy = {
  default: {
    maxTimeToFirstByteMs: 15_000,
    maxLoadTimeMs: 30_000,
    timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 4, retryDelayMs: 500, maxRetryDelayMs: 2000 },
  },
};

const config: Partial<HlsConfig> = {
  enableWorker: true,
  workerPath,
  manifestLoadPolicy: patience,
  playlistLoadPolicy: patience,
  fragLoadPolicy: patience,
  // A channel that runs for days may not fill the memory; what is this far back has left the server's window as well.
  backBufferLength: 30,
};

/** A channel goes on for days: hiccups that are so far apart have nothing to do with each other. */
const oneHiccupMs = 30_000;

/** Starts at the live edge. */
export const startLive: StartLive = (video, url, events) => {
  if (Hls.isSupported()) {
    return startHlsJs(video, url, events);
  }
  if (video.canPlayType('application/vnd.apple.mpegurl') !== '') {
    return startNative(video, url, events);
  }
  events.onFailure({ kind: 'unsupported' });
  return { toEdge: () => undefined, latency: () => null, rest: () => undefined, destroy: () => undefined };
};

function startHlsJs(video: HTMLVideoElement, url: string, events: LiveEvents): LivePlayer {
  const hls = new Hls(config);
  let recoveredAt = Number.NEGATIVE_INFINITY;
  let resting = false;

  hls.on(Events.ERROR, (_, data) => {
    if (!data.fatal) {
      return;
    }
    // Chromium's decoder survives most hiccups with one fresh MediaSource; a second failure soon after it is real.
    const now = performance.now();
    if (data.type === ErrorTypes.MEDIA_ERROR && !isCodecError(data) && now - recoveredAt > oneHiccupMs) {
      recoveredAt = now;
      hls.recoverMediaError();
      return;
    }
    events.onFailure(causeOf(data, url));
  });
  hls.on(Events.LEVEL_SWITCHED, (_, { level }) => {
    const rung = hls.levels[level];
    if (rung !== undefined) {
      events.onQuality(qualityOf(rung));
    }
  });

  function seekToEdge(): void {
    if (hls.liveSyncPosition !== null) {
      video.currentTime = hls.liveSyncPosition;
    }
  }

  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    toEdge: () => {
      if (resting) {
        resting = false;
        // The edge that it knows is where the stream was when it went to rest.
        hls.once(Events.LEVEL_UPDATED, seekToEdge);
        hls.startLoad(-1);
      } else {
        seekToEdge();
      }
    },
    latency: () =>
      hls.targetLatency === null || resting ? null : { seconds: hls.latency, ownSeconds: hls.targetLatency },
    rest: () => {
      resting = true;
      hls.stopLoad();
    },
    destroy: () => hls.destroy(),
  };
}

/** Safari without MSE (older iPhones) plays HLS by itself, three segments behind the edge. */
function startNative(video: HTMLVideoElement, url: string, events: LiveEvents): LivePlayer {
  const ownSeconds = 10;
  const onError = (): void => events.onFailure(causeOfMediaError(video.error, url));
  const edge = (): number | null =>
    video.seekable.length === 0 ? null : video.seekable.end(video.seekable.length - 1);
  video.addEventListener('error', onError);
  video.src = url;
  return {
    toEdge: () => {
      const end = edge();
      if (end !== null) {
        video.currentTime = end;
      }
    },
    latency: () => {
      const end = edge();
      return end === null ? null : { seconds: end - video.currentTime, ownSeconds };
    },
    // It decides for itself when to load.
    rest: () => undefined,
    destroy: () => {
      video.removeEventListener('error', onError);
      video.removeAttribute('src');
      video.load();
    },
  };
}
