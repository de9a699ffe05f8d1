import type { Failure } from './errors';

/** Between two looks: the server holds each of them for some seconds by itself. */
const everyMs = 2000;

/** Nobody has the part yet: it may come at any time. */
export function mayCome({ code }: Failure): boolean {
  return code === 'source-pending';
}

/**
 * Asks for a part that nobody has, until somebody has it. Answers null then, and the failure when the server says no; a server that
 * does not answer for a while is asked on. Ends with null, too, when it is no longer wanted.
 */
export async function untilThere(
  look: () => Promise<Failure>,
  isWanted: () => boolean,
  pause: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<Failure | null> {
  while (isWanted()) {
    await pause(everyMs);
    const now = await look();
    if (now.code === 'interrupted') {
      return null; // It would have answered.
    }
    if (!mayCome(now) && now.code !== 'network') {
      return now;
    }
  }
  return null;
}
