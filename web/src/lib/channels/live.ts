import { networkProblem, parseProblem, type Problem } from '../api';

/** Whether a channel can be played now; if not, why, and after how many milliseconds to ask again (null: not by itself). */
export type Readiness =
  { ready: true } | { ready: false; warming: boolean; problem: Problem; againMs: number | null };

/** Where nothing is said, and where an upstream does not work: every round of it costs its server something. */
const soonMs = 2000;
const laterMs = 10_000;

/**
 * Asks for a playlist as a player would, which has the server fetch the channel. The player libraries drop the body of an error
 * answer, and with it the reason.
 */
export async function readiness(
  url: string,
  get: typeof fetch,
  online: () => boolean,
  signal: AbortSignal,
): Promise<Readiness> {
  let response: Response;
  try {
    response = await get(url, { cache: 'no-store', signal });
    if (response.ok) {
      await response.body?.cancel();
      return { ready: true };
    }
  } catch {
    return { ready: false, warming: false, problem: networkProblem(online()), againMs: laterMs };
  }
  const { status } = response;
  const problem = parseProblem(status, await response.text());
  const asked = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const againMs = Number.isFinite(asked) ? Math.min(Math.max(asked * 1000, 500), laterMs) : null;
  if (status === 503) {
    return { ready: false, warming: problem.code !== 'channel-off', problem, againMs: againMs ?? soonMs };
  }
  return { ready: false, warming: false, problem, againMs: status >= 500 ? (againMs ?? laterMs) : null };
}

/** Where in a live stream somebody is. `atEdge`: no further behind than the player keeps away from the end by itself. */
export interface Edge {
  atEdge: boolean;
  /** Whole seconds behind the newest picture there is. */
  behindSeconds: number;
}

/** A player wanders around its own distance; only what a person would notice counts as being behind. */
const slackSeconds = 4;

export function edgeOf(latencySeconds: number, ownDistanceSeconds: number): Edge {
  return {
    atEdge: latencySeconds <= ownDistanceSeconds + slackSeconds,
    behindSeconds: Math.max(0, Math.round(latencySeconds)),
  };
}
