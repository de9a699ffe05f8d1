export type Route =
  | { page: 'library' }
  | { page: 'upload' }
  | { page: 'admin' }
  | { page: 'watch'; id: string; token: string | null }
  | { page: 'embed'; id: string; token: string }
  | { page: 'channels' }
  | { page: 'channel'; name: string; token: string | null }
  | { page: 'sessions'; source: string }
  | { page: 'session'; id: string }
  | { page: 'published'; name: string }
  | { page: 'unknown'; path: string };

/** The page that an address names. */
export function parseRoute(pathname: string, search: string): Route {
  if (pathname === '/' || pathname === '/index.html') {
    return { page: 'library' };
  }
  if (pathname === '/upload' || pathname === '/upload/') {
    return { page: 'upload' };
  }
  if (pathname === '/admin' || pathname === '/admin/') {
    return { page: 'admin' };
  }
  if (pathname === '/channels' || pathname === '/channels/') {
    return { page: 'channels' };
  }
  const query = new URLSearchParams(search);
  if (pathname === '/sessions' || pathname === '/sessions/') {
    return { page: 'sessions', source: query.get('source') ?? '' };
  }
  if (pathname === '/published' || pathname === '/published/') {
    return { page: 'published', name: query.get('name') ?? '' };
  }
  const session = partAfter('/sessions/', pathname);
  if (session !== null) {
    return { page: 'session', id: session };
  }
  const token = query.get('token');
  const id = partAfter('/watch/', pathname);
  if (id !== null) {
    return { page: 'watch', id, token };
  }
  const embedded = partAfter('/embed/', pathname);
  if (embedded !== null) {
    return { page: 'embed', id: embedded, token: token ?? '' };
  }
  const name = partAfter('/channels/', pathname);
  return name === null ? { page: 'unknown', path: pathname } : { page: 'channel', name, token };
}

/** The one part of a path behind a prefix; null when there is none, or more. */
function partAfter(prefix: string, pathname: string): string | null {
  const part = pathname.startsWith(prefix)
    ? /^([^/]+)\/?$/.exec(pathname.slice(prefix.length))?.[1]
    : undefined;
  return part === undefined ? null : decoded(part);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A lone `%`: no id or name of ours has one, so the server will say that it does not know it.
    return part;
  }
}
