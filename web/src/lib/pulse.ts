import { ApiError, request } from './api';
import type { Session } from './sessions/session';

/** A session ends of which nothing was heard for 45 seconds. */
export const pulseMs = 15_000;

/** The session that a page's address names; null when it names none. */
export function sessionOf(search: string): string | null {
  return new URLSearchParams(search).get('session');
}

/** Tells one page from others that watch the same. */
export function newViewer(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** What a page wants to know of its heartbeats. */
interface PulseEvents {
  /** The session, as the server answered. */
  heard?: (session: Session) => void;
  /** There is no such session, or none any more. */
  over?: () => void;
}

/**
 * Says again and again that somebody watches, so that a session goes on while its playback is paused. Ends with the session, or when
 * what it answers is called.
 */
export function keepSession(
  session: string | null,
  viewer = newViewer(),
  { heard, over }: PulseEvents = {},
): (() => void) | undefined {
  if (session === null) {
    return undefined;
  }
  const path = `/api/v1/sessions/${encodeURIComponent(session)}/heartbeat`;

  async function beat(): Promise<void> {
    try {
      const answer = await request('POST', path, { body: { viewer }, asOperator: false });
      heard?.((await answer.json()) as Session);
    } catch (error) {
      // Whatever else it is, the next one may get through.
      if (error instanceof ApiError && error.problem.code === 'session-unknown') {
        end();
        over?.();
      }
    }
  }

  const timer = setInterval(() => void beat(), pulseMs);
  void beat();
  const end = (): void => clearInterval(timer);
  return end;
}
