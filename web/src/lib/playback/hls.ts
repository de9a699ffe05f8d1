import Hls, {
  type ErrorData,
  ErrorDetails,
  ErrorTypes,
  Events,
  type HlsConfig,
  type Level,
  type LoadPolicy,
} from 'hls.js';
// A file of our own instead of a blob:, so that the policy `worker-src 'self'` is enough.
import workerPath from 'hls.js/dist/hls.worker.js?url';
import { audioLabel } from './audioLabel';
import { causeOfMediaError } from './mediaError';
import { askAgain, PartWait, pendingStatus } from './partWait';
import { labelsOfQualities } from './quality';
import {
  automatic,
  type PlaybackCause,
  type Player,
  type PlayerEvents,
  type Quality,
  type StartPlayer,
} from './types';

/** A dead server is reported after about four seconds, not after the library's forty. */
const patience: LoadPolicy = {
  default: {
    maxTimeToFirstByteMs: 15_000,
    maxLoadTimeMs: 60_000,
    timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 3, retryDelayMs: 500, maxRetryDelayMs: 2000 },
  },
};

/** Parts are asked for until `PartWait` says that it is enough. */
const partPatience: LoadPolicy = {
  default: {
    ...patience.default,
    errorRetry: {
      maxNumRetry: askAgain.times,
      retryDelayMs: askAgain.everyMs,
      maxRetryDelayMs: askAgain.everyMs,
    },
  },
};

const config: Partial<HlsConfig> = {
  enableWorker: true,
  workerPath,
  manifestLoadPolicy: patience,
  playlistLoadPolicy: patience,
  fragLoadPolicy: partPatience,
};

export const startHls: StartPlayer = (video, url, startSeconds, events) => {
  if (Hls.isSupported()) {
    return startHlsJs(video, url, startSeconds, events);
  }
  if (video.canPlayType('application/vnd.apple.mpegurl') !== '') {
    return startNative(video, url, startSeconds, events);
  }
  events.onFailure({ kind: 'unsupported' });
  return {
    selectAudio: () => undefined,
    selectQuality: () => undefined,
    resume: () => undefined,
    destroy: () => undefined,
  };
};

function startHlsJs(
  video: HTMLVideoElement,
  url: string,
  startSeconds: number,
  events: PlayerEvents,
): Player {
  const hls = new Hls({ ...config, startPosition: startSeconds > 0 ? startSeconds : -1 });
  const wait = new PartWait(events.onEncoding);
  let triedRecovery = false;

  const onSeeking = (): void => wait.forget();
  video.addEventListener('seeking', onSeeking);
  hls.on(Events.FRAG_LOADED, (_, { frag }) => wait.arrived(frag.type));
  hls.on(Events.ERROR, (_, data) => {
    if (data.frag !== undefined && data.details === ErrorDetails.FRAG_LOAD_ERROR && !isRefusal(data)) {
      const pending = data.response?.code === pendingStatus;
      if ((pending ? wait.pending(data.frag.type) : wait.failed()) || data.fatal) {
        hls.stopLoad();
        events.onFailure(causeOf(data, url));
      }
      return;
    }
    if (!data.fatal && !isRefusal(data)) {
      return;
    }
    // Chromium's decoder survives most hiccups with one fresh MediaSource; a second failure is real.
    if (data.type === ErrorTypes.MEDIA_ERROR && !isCodecError(data) && !triedRecovery) {
      triedRecovery = true;
      hls.recoverMediaError();
      return;
    }
    events.onFailure(causeOf(data, url));
  });
  hls.on(Events.MANIFEST_PARSED, () => events.onQualities(labelsOfQualities(hls.levels.map(qualityOf))));
  hls.on(Events.AUDIO_TRACKS_UPDATED, () => reportAudio());
  hls.on(Events.AUDIO_TRACK_SWITCHED, () => reportAudio());
  hls.on(Events.LEVEL_SWITCHED, (_, { level }) => {
    const rung = hls.levels[level];
    if (rung !== undefined) {
      events.onQuality(qualityOf(rung));
    }
  });

  function reportAudio(): void {
    const choices = hls.audioTracks.map((track, index) => ({
      id: String(index),
      label: audioLabel(track.name, track.lang ?? '', index),
    }));
    events.onAudio(choices, String(hls.audioTrack));
  }

  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    selectAudio: (id) => {
      hls.audioTrack = Number(id);
    },
    selectQuality: (id) => {
      hls.nextLevel = id === automatic.id ? -1 : Number(id);
    },
    resume: () => {
      wait.forget();
      hls.startLoad(video.currentTime > 0 ? video.currentTime : startSeconds);
    },
    destroy: () => {
      video.removeEventListener('seeking', onSeeking);
      hls.destroy();
    },
  };
}

/** What one rung of the ladder says about itself. */
export function qualityOf(rung: Level): Quality {
  return {
    width: rung.width,
    height: rung.height,
    bitsPerSecond: rung.averageBitrate > 0 ? rung.averageBitrate : rung.bitrate,
    framesPerSecond: rung.frameRate,
    codecs: [rung.videoCodec, rung.audioCodec].filter(Boolean).join(', '),
  };
}

/** Safari without MSE (older iPhones) plays HLS by itself. */
function startNative(
  video: HTMLVideoElement,
  url: string,
  startSeconds: number,
  events: PlayerEvents,
): Player {
  const onError = (): void => events.onFailure(causeOfMediaError(video.error, url));
  let from = startSeconds;
  const onMetadata = (): void => {
    video.currentTime = from;
    events.onQuality({
      width: video.videoWidth,
      height: video.videoHeight,
      bitsPerSecond: 0,
      framesPerSecond: 0,
      codecs: '',
    });
  };
  video.addEventListener('error', onError);
  video.addEventListener('loadedmetadata', onMetadata);
  video.src = url;
  return {
    selectAudio: () => undefined,
    selectQuality: () => undefined,
    resume: () => {
      const { paused } = video;
      from = video.currentTime > 0 ? video.currentTime : from;
      video.load();
      if (!paused) {
        video.play().catch(() => undefined); // Its controls are there.
      }
    },
    destroy: () => {
      video.removeEventListener('error', onError);
      video.removeEventListener('loadedmetadata', onMetadata);
      video.removeAttribute('src');
      video.load();
    },
  };
}

/** A dead link stays dead: hls.js would ask three times more, with nothing on the screen to say why. */
function isRefusal(data: ErrorData): boolean {
  return data.type === ErrorTypes.NETWORK_ERROR && data.response?.code === 403;
}

export function isCodecError(data: ErrorData): boolean {
  return (
    data.details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR ||
    data.details === ErrorDetails.BUFFER_ADD_CODEC_ERROR ||
    data.details === ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR
  );
}

export function causeOf(data: ErrorData, manifestUrl: string): PlaybackCause {
  if (isCodecError(data)) {
    return { kind: 'codec', codecs: data.mimeType ?? '' };
  }
  if (data.type === ErrorTypes.NETWORK_ERROR) {
    return { kind: 'load', url: data.frag?.url ?? data.context?.url ?? data.url ?? manifestUrl };
  }
  return { kind: 'decode', message: data.error.message };
}
