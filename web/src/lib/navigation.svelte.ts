import { parseRoute, type Route } from './route';

const here = (): Route => parseRoute(location.pathname, location.search);

/** The page on show. Moving between pages keeps the document alive, so that uploads go on. */
export const navigation = $state<{ route: Route }>({ route: here() });

export function navigate(url: string): void {
  history.pushState(null, '', url);
  navigation.route = here();
  scrollTo(0, 0);
  // As after a real page load: the keyboard and the screen reader start at the new page's content.
  document.querySelector('main')?.focus();
}

/** The address in the bar becomes `url`, without a new page: used when a link was renewed. */
export function replaceAddress(url: string): void {
  history.replaceState(null, '', url);
}

/** Plain links become in-page moves; modified clicks, new tabs and other origins stay the browser's. */
export function followLink(event: MouseEvent): void {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  ) {
    return;
  }
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (
    link === null ||
    link.target !== '' ||
    link.hasAttribute('download') ||
    link.origin !== location.origin
  ) {
    return;
  }
  const route = parseRoute(link.pathname, link.search);
  if (route.page !== 'unknown') {
    event.preventDefault();
    navigate(link.href);
  }
}

addEventListener('popstate', () => {
  navigation.route = here();
});
