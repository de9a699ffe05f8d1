/** What is used of the element around a player, media-chrome's. */
export interface Controller extends HTMLElement {
  /** Does what a key stands for. */
  keyboardShortcutHandler(event: KeyboardEvent): void;
}

type Act = (video: HTMLVideoElement, controller: Controller, event: KeyboardEvent) => void;

const stepSeconds = 10;
const stepVolume = 0.1;

const playOrPause: Act = (video) => {
  if (video.paused) {
    void video.play().catch(() => undefined); // Why it does not play is shown where it plays.
  } else {
    video.pause();
  }
};

const step =
  (seconds: number): Act =>
  (video) => {
    if (!Number.isNaN(video.duration)) {
      video.currentTime = Math.min(Math.max(0, video.currentTime + seconds), video.duration);
    }
  };

const louder =
  (by: number): Act =>
  (video) => {
    video.muted = false;
    video.volume = Math.min(1, Math.max(0, video.volume + by));
  };

/** Ways that browsers have to fill the screen are media-chrome's to know. */
const fillScreen: Act = (_, controller) => {
  const name =
    document.fullscreenElement === null ? 'mediaenterfullscreenrequest' : 'mediaexitfullscreenrequest';
  controller.dispatchEvent(new CustomEvent(name, { composed: true, bubbles: true }));
};

const left: Act = (_, controller, event) => controller.keyboardShortcutHandler(event);

/**
 * What keys do. media-chrome's own go by the last word of its element, so of two quick presses they lose one: what depends on how
 * things are now is done here.
 */
const acts = new Map<string, Act>([
  [' ', playOrPause],
  ['k', playOrPause],
  ['j', step(-stepSeconds)],
  ['ArrowLeft', step(-stepSeconds)],
  ['l', step(stepSeconds)],
  ['ArrowRight', step(stepSeconds)],
  ['ArrowUp', louder(stepVolume)],
  ['ArrowDown', louder(-stepVolume)],
  ['m', (video) => (video.muted = !video.muted)],
  ['f', fillScreen],
  ['c', left],
  ['p', left],
]);

const speedActs = new Map<string, Act>([
  ['<', left],
  ['>', left],
]);

/** Whether somebody wants to know the keys, where nothing is written. */
export function asksForKeys(event: KeyboardEvent): boolean {
  return (
    event.key === '?' &&
    !(event.target instanceof Element && event.target.closest('dialog, input, select, textarea') !== null)
  );
}

/**
 * What a key does for this player, wherever it was pressed; null when it is not meant for it.
 * @param main Keys that are pressed beside any player are meant for this one.
 * @param ownSpeed The speed is this viewer's to choose.
 */
export function actOf(
  event: KeyboardEvent,
  controller: Controller,
  main: boolean,
  ownSpeed: boolean,
): Act | null {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
    return null;
  }
  const act = acts.get(key) ?? (ownSpeed ? speedActs.get(key) : undefined) ?? null;
  if (!(target instanceof Element)) {
    return main ? act : null;
  }
  const player = target.closest('media-controller');
  const isForThis = player === null ? main : player === controller;
  return isForThis && !hasOwnUse(target, key) ? act : null;
}

/** Buttons, ranges and fields have their own use of a key. */
function hasOwnUse(target: Element, key: string): boolean {
  if (target.closest('dialog, input, select, textarea, summary') !== null) {
    return true;
  }
  const isButton = target.matches('button, a, [role=tab], [role=button], [role=switch]');
  if (key === ' ') {
    return isButton;
  }
  const isRange = target.matches('media-time-range, media-volume-range');
  return key.startsWith('Arrow') && (isRange || target.matches('button, a, [role=tab]'));
}
