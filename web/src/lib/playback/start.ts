import type { LiveEvents, LivePlayer, Player, PlayerEvents, StartPlayer, StreamKind } from './types';

/** The player libraries arrive when they are needed: the library page never loads them. */
const engines: Record<StreamKind, () => Promise<StartPlayer>> = {
  hls: async () => (await import('./hls')).startHls,
  dash: async () => (await import('./dash')).startDash,
};

/** Has a player's code, and that of its controls, come while its title is still asked for. Whoever needs them notices when they do not. */
export function expectPlayer(kind: StreamKind): void {
  for (const load of [engines[kind], () => import('./chrome')]) {
    load().catch(() => undefined);
  }
}

/** Starts a player; the function it returns stops it, also while its code is still on the way. */
export function startPlayer(
  kind: StreamKind,
  video: HTMLVideoElement,
  url: string,
  startSeconds: number,
  events: PlayerEvents,
  onStarted: (player: Player) => void,
): () => void {
  return startWhenLoaded(
    engines[kind],
    (start) => start(video, url, startSeconds, events),
    // The player's own script did not load: the server is gone, or was replaced by a newer build.
    () => events.onFailure({ kind: 'load', url }),
    onStarted,
  );
}

/** Starts a player on a stream without an end; otherwise as `startPlayer`. */
export function startLivePlayer(
  video: HTMLVideoElement,
  url: string,
  events: LiveEvents,
  onStarted: (player: LivePlayer) => void,
): () => void {
  return startWhenLoaded(
    async () => (await import('./live')).startLive,
    (start) => start(video, url, events),
    () => events.onFailure({ kind: 'load', url }),
    onStarted,
  );
}

function startWhenLoaded<Engine, Started extends { destroy(): void }>(
  load: () => Promise<Engine>,
  start: (engine: Engine) => Started,
  onMissing: () => void,
  onStarted: (player: Started) => void,
): () => void {
  let player: Started | null = null;
  let stopped = false;
  load().then((engine) => {
    if (!stopped) {
      player = start(engine);
      onStarted(player);
    }
  }, onMissing);
  return () => {
    stopped = true;
    player?.destroy();
  };
}
