import type { ActionReturn } from 'svelte/action';

/** A control that is at work answers to no press until it is done. Unlike one that is disabled it keeps the focus. */
export function atWork(control: HTMLElement, busy: boolean): ActionReturn<boolean> {
  let now = busy;

  const swallow = (event: Event): void => {
    if (now) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const show = (): void => {
    if (now) {
      control.setAttribute('aria-disabled', 'true');
    } else {
      control.removeAttribute('aria-disabled');
    }
  };

  control.addEventListener('click', swallow, { capture: true });
  show();
  return {
    update: (next) => {
      now = next;
      show();
    },
    destroy: () => control.removeEventListener('click', swallow, { capture: true }),
  };
}
