// Controls of media-chrome, one by one: what is not imported is not sent. Their styles are allowed by their hashes (vite.config.ts).
import 'media-chrome/dist/media-controller.js';
import 'media-chrome/dist/media-control-bar.js';
import 'media-chrome/dist/media-play-button.js';
import 'media-chrome/dist/media-mute-button.js';
import 'media-chrome/dist/media-volume-range.js';
import 'media-chrome/dist/media-time-range.js';
import 'media-chrome/dist/media-time-display.js';
import 'media-chrome/dist/media-captions-button.js';
import 'media-chrome/dist/media-pip-button.js';
import 'media-chrome/dist/media-fullscreen-button.js';

/** What is used of the element around a player. */
export interface Controller extends HTMLElement {
  /** Does what a key stands for. */
  keyboardShortcutHandler(event: KeyboardEvent): void;
}

/** Keys that do something wherever they are pressed, where nobody writes or chooses something. */
const keys = new Set([
  ' ',
  'k',
  'j',
  'l',
  'f',
  'm',
  'c',
  'p',
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
]);

/** Whether somebody wants to know the keys, where nothing is written. */
export function asksForKeys(event: KeyboardEvent): boolean {
  return (
    event.key === '?' &&
    !(event.target instanceof Element && event.target.closest('dialog, input, select, textarea') !== null)
  );
}

/** Whether a key that was pressed anywhere on the page is meant for the player. */
export function isForPlayer(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!keys.has(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
    return false;
  }
  if (!(target instanceof Element) || target === document.body || target.matches('main')) {
    return true;
  }
  // The player answers for itself; buttons and fields have their own use of a key.
  return (
    target.closest('media-controller, dialog, input, select, textarea, summary') === null &&
    !(target.matches('button, a, [role=tab]') && (event.key === ' ' || event.key.startsWith('Arrow')))
  );
}
