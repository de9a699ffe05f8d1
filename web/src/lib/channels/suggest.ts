/** Words that addresses of streams have in common, and that tell nothing about the channel. */
const empty = new Set(
  'www cdn live stream streams streaming hls tv video playlist index master manifest main chunklist chunks media channel channels out v1 v2 com net org m3u8'.split(
    ' ',
  ),
);

/**
 * A name for a channel, from its address: the last part of the path that says something, else the host. Empty when there is
 * nothing to go by. One that is taken gets a number.
 */
export function suggestName(address: string, taken: readonly string[]): string {
  const url = parsed(address);
  if (url === null) {
    return '';
  }
  const parts = url.pathname
    .split('/')
    .map((part) => nameOf(decoded(part).replace(/\.(m3u8?|mpd|ts|php)$/i, '')))
    .toReversed();
  const labels = /^[\d.]+$|:/.test(url.hostname)
    ? []
    : url.hostname.split('.').toReversed().slice(1).map(nameOf);
  const base = [...parts, ...labels].find((part) => part !== '' && !empty.has(part)) ?? '';
  return base === '' ? '' : free(base, taken);
}

/** Text as a name may be written: lower-case letters, digits, hyphens. */
function nameOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
    .replace(/-$/, '');
}

function free(base: string, taken: readonly string[]): string {
  let name = base;
  for (let number = 2; taken.includes(name); number += 1) {
    name = `${base}-${number}`;
  }
  return name;
}

function parsed(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    // Not yet an address: somebody is still typing.
    return null;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A lone `%`.
    return part;
  }
}
