/**
 * What had the focus went away: it goes to the title at a place, or to where the first title comes from.
 * @param place Of the title that something was done to, or of the one that took its place.
 * @param count Of the titles that there are.
 */
export function goOnAt(place: number, count: number): void {
  const { activeElement } = document;
  // What is on its way out is inert already.
  if (activeElement === document.body || activeElement?.closest('[inert]')) {
    const next =
      document.querySelector<HTMLElement>(
        `[data-place="${Math.min(Math.max(0, place), count - 1)}"] [data-main]`,
      ) ?? document.querySelector<HTMLElement>('[data-testid=choose-files]');
    next?.focus();
  }
}
