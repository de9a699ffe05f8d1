export type Route =
  | { page: 'library' }
  | { page: 'upload' }
  | { page: 'watch'; id: string; token: string | null }
  | { page: 'unknown'; path: string };

/** The page that an address names. */
export function parseRoute(pathname: string, search: string): Route {
  if (pathname === '/' || pathname === '/index.html') {
    return { page: 'library' };
  }
  if (pathname === '/upload' || pathname === '/upload/') {
    return { page: 'upload' };
  }
  const id = /^\/watch\/([^/]+)\/?$/.exec(pathname)?.[1];
  return id === undefined
    ? { page: 'unknown', path: pathname }
    : { page: 'watch', id: decoded(id), token: new URLSearchParams(search).get('token') };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A lone `%`: no id of ours has one, so the server will say that it does not know it.
    return part;
  }
}
