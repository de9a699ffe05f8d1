import {
  MediaPlayer,
  type ErrorEvent,
  type MediaInfo,
  type MediaPlayerSettingClass,
  type Representation,
} from 'dashjs';
import { audioLabel } from './audioLabel';
import { fillHoles } from './dashHoles';
import { causeOfMediaError } from './mediaError';
import { askAgain, PartWait, pendingStatus } from './partWait';
import { withFullTracks } from './shortTracks';
import { labelsOfQualities } from './quality';
import { automatic, type PlaybackCause, type StartPlayer } from './types';

const settings: MediaPlayerSettingClass = {
  debug: { logLevel: 0 },
  streaming: {
    // On by default and pointed at a third party's clock: we ask nobody but our own server.
    utcSynchronization: { enabled: false, useManifestDateHeaderTimeSource: false },
    // What was chosen for one title says nothing about the next one, and nothing is written to the browser.
    lastBitrateCachingInfo: { enabled: false },
    lastMediaSettingsCachingInfo: { enabled: false },
    // Subtitles are shown when the viewer chooses them.
    text: { defaultEnabled: false },
    retryAttempts: { MPD: 2, InitializationSegment: 2, MediaSegment: askAgain.times },
    retryIntervals: { MPD: 500, InitializationSegment: 500, MediaSegment: askAgain.everyMs },
    // The server may hold a request for ten seconds before it says that the part is not there yet.
    fragmentRequestTimeout: 20_000,
  },
};

/** dash.js error codes, from its Errors reference. */
const capabilityErrors = new Set<number>([23, 35]);
const noPlayableStreams = 32;
const downloadErrors = new Set<number>([11, 15, 17, 25, 26, 27, 28]);

export const startDash: StartPlayer = (video, url, startSeconds, events) => {
  const player = MediaPlayer().create();
  player.updateSettings(settings);
  const wait = new PartWait(events.onEncoding);
  /** Answers that are held back: without an answer dash.js does not ask again, and what it has plays on. */
  let held: (() => void)[] = [];

  const onSeeking = (): void => wait.forget();
  video.addEventListener('seeking', onSeeking);
  player.addResponseInterceptor(async (response) => {
    if (isManifest(response.request.customData) && typeof response.data === 'string') {
      response.data = withFullTracks(response.data);
      return response;
    }
    const part = partOf(response.request.customData);
    if (part === null) {
      return response;
    }
    if (response.status !== undefined && response.status >= 200 && response.status <= 299) {
      wait.arrived(part.kind);
      return response;
    }
    if (!(response.status === pendingStatus ? wait.pending(part.kind) : wait.failed())) {
      return response;
    }
    events.onFailure({ kind: 'load', url: part.url });
    return new Promise((resolve) => held.push(() => resolve(response)));
  });

  // dash.js adds its subtitles to the video element in its own order, but does not look at what is chosen in the browser's menu.
  const onTextChosen = (): void => {
    const chosen = [...video.textTracks]
      .filter(({ kind }) => kind !== 'metadata')
      .findIndex((track) => track.mode === 'showing');
    if (chosen !== player.getCurrentTextTrackIndex()) {
      player.setTextTrack(chosen);
    }
  };
  player.on('allTextTracksAdded', () => {
    video.textTracks.addEventListener('change', onTextChosen);
    onTextChosen(); // The browser's menu lists them a moment earlier.
  });

  // dash.js puts cues into the track when time passes: who chose subtitles while the film stands would see none.
  let nudge: ReturnType<typeof setInterval> | undefined;
  player.on('fragmentLoadingCompleted', ({ request }) => {
    if (request.mediaType === 'text' && video.paused) {
      clearInterval(nudge);
      let left = 10;
      nudge = setInterval(() => {
        left -= 1;
        if (left === 0 || !video.paused) {
          clearInterval(nudge);
        }
        video.dispatchEvent(new Event('timeupdate'));
      }, 100);
    }
  });

  player.on('error', (event) => events.onFailure(causeOf(event, url)));
  player.on('playbackError', () => events.onFailure(causeOfMediaError(video.error, url)));
  player.on('streamInitialized', () => {
    reportAudio();
    events.onQualities(
      labelsOfQualities(
        player.getRepresentationsByType('video').map(({ width, height, bandwidth, frameRate, codecs }) => ({
          width,
          height,
          bitsPerSecond: bandwidth,
          framesPerSecond: frameRate,
          codecs: codecs ?? '',
        })),
      ),
    );
    reportQuality();
  });
  player.on('trackChangeRendered', () => reportAudio());
  player.on('qualityChangeRendered', () => reportQuality());
  player.on('canPlay', () => reportQuality());
  video.addEventListener('resize', reportQuality);

  function reportAudio(): void {
    const tracks = player.getTracksFor('audio');
    const selected = player.getCurrentTrackFor('audio');
    const choices = tracks.map((track, index) => ({ id: idOf(track), label: labelOf(track, index) }));
    events.onAudio(choices, selected === null ? '' : idOf(selected));
  }

  function reportQuality(): void {
    const picture = pictureShown();
    const audio = player.getCurrentRepresentationForType('audio');
    if (picture !== null || audio !== null) {
      events.onQuality({
        width: picture?.width ?? 0,
        height: picture?.height ?? 0,
        bitsPerSecond: (picture?.bandwidth ?? 0) + (audio?.bandwidth ?? 0),
        framesPerSecond: picture?.frameRate ?? 0,
        codecs: [picture?.codecs, audio?.codecs].filter(Boolean).join(', '),
      });
    }
  }

  /** Its current one is what dash.js loads; after two choices in a row it does not tell when the second one is on the screen. */
  function pictureShown(): Representation | null {
    const isShown = ({ width, height }: Representation): boolean =>
      width === video.videoWidth && height === video.videoHeight;
    const current = player.getCurrentRepresentationForType('video');
    return current === null || isShown(current)
      ? current
      : (player.getRepresentationsByType('video').find(isShown) ?? current);
  }

  fillHoles(player, video);
  player.initialize(video, url, false, startSeconds);
  return {
    selectAudio: (id) => {
      const track = player.getTracksFor('audio').find((candidate) => idOf(candidate) === id);
      if (track !== undefined) {
        player.setCurrentTrack(track);
      }
    },
    selectQuality: (id) => {
      const own = id === automatic.id;
      player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: own } } } });
      const chosen = own ? undefined : player.getRepresentationsByType('video')[Number(id)];
      if (chosen !== undefined) {
        player.setRepresentationForTypeById('video', chosen.id, true);
      }
    },
    resume: () => {
      wait.forget();
      held.forEach((answer) => answer());
      held = [];
    },
    destroy: () => {
      clearInterval(nudge);
      video.textTracks.removeEventListener('change', onTextChosen);
      video.removeEventListener('seeking', onSeeking);
      video.removeEventListener('resize', reportQuality);
      player.destroy();
    },
  };
};

function isManifest(custom: unknown): boolean {
  return (custom as { request?: { type?: string } }).request?.type === 'MPD';
}

/** The part of the title that was asked for; null for a manifest or an initialization segment. */
function partOf(custom: unknown): { kind: string; url: string } | null {
  const { request } = custom as { request?: { type?: string; mediaType?: string; url?: string } };
  return request?.type === 'MediaSegment' && request.url !== undefined
    ? { kind: request.mediaType ?? '', url: request.url }
    : null;
}

function idOf(track: MediaInfo): string {
  return String(track.index);
}

function labelOf(track: MediaInfo, index: number): string {
  const label = track.labels[0] as { text?: string } | undefined;
  return audioLabel(label?.text ?? '', track.lang ?? '', index);
}

function causeOf(event: ErrorEvent, manifestUrl: string): PlaybackCause {
  const { error } = event;
  if (typeof error !== 'object') {
    return { kind: 'load', url: manifestUrl };
  }
  if (capabilityErrors.has(error.code)) {
    return { kind: 'unsupported' };
  }
  if (error.code === noPlayableStreams) {
    return { kind: 'codec', codecs: '' };
  }
  if (downloadErrors.has(error.code)) {
    const { request } = error.data as { request?: { url?: string } };
    return { kind: 'load', url: request?.url ?? manifestUrl };
  }
  return { kind: 'decode', message: error.message };
}
