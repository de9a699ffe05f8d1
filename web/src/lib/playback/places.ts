/** Where somebody stopped watching, in this browser: so that they go on there. */
const name = 'sluice.places';

/** Titles that are remembered, those watched last. */
const most = 200;

/** Shorter ones are seen from the beginning, and so is what was hardly begun or nearly seen to its end. */
const shortestSeconds = 60;
const begunSeconds = 10;
const endSeconds = 15;

type Places = [id: string, seconds: number][];

function read(): Places {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? '[]');
    return Array.isArray(kept) ? (kept as Places) : [];
  } catch {
    // Somebody else wrote there.
    return [];
  }
}

/** Where to begin, in seconds. */
export function placeOf(id: string): number {
  const seconds = read().find(([known]) => known === id)?.[1];
  return typeof seconds === 'number' && seconds > 0 ? seconds : 0;
}

/** Remembers a place, or forgets it where there is nothing to go on with. */
export function keepPlace(id: string, seconds: number, durationSeconds: number): void {
  const others = read().filter(([known]) => known !== id);
  const isWorthIt =
    durationSeconds >= shortestSeconds && seconds >= begunSeconds && seconds <= durationSeconds - endSeconds;
  const places: Places = isWorthIt ? [[id, Math.floor(seconds)], ...others] : others;
  try {
    localStorage.setItem(name, JSON.stringify(places.slice(0, most)));
  } catch {
    // No room, or not allowed: then it begins at the beginning.
  }
}
