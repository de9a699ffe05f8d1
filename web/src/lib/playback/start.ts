import type { Player, PlayerEvents, StartPlayer, StreamKind } from './types';

/** The player libraries arrive when they are needed: the library page never loads them. */
const engines: Record<StreamKind, () => Promise<StartPlayer>> = {
  hls: async () => (await import('./hls')).startHls,
  dash: async () => (await import('./dash')).startDash,
};

/** Starts a player; the function it returns stops it, also while its code is still on the way. */
export function startPlayer(
  kind: StreamKind,
  video: HTMLVideoElement,
  url: string,
  startSeconds: number,
  events: PlayerEvents,
  onStarted: (player: Player) => void,
): () => void {
  let player: Player | null = null;
  let stopped = false;
  engines[kind]().then(
    (start) => {
      if (!stopped) {
        player = start(video, url, startSeconds, events);
        onStarted(player);
      }
    },
    // The player's own script did not load: the server is gone, or was replaced by a newer build.
    () => events.onFailure({ kind: 'load', url }),
  );
  return () => {
    stopped = true;
    player?.destroy();
  };
}
