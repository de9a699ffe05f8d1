import { apiError, isKeyProblem, type Problem } from '../api';
import { endSession, listSessions } from './api';
import type { Session } from './session';

/** How often the list is asked for, and how often once that failed. */
const everyMs = 3000;
const afterFailureMs = 10_000;

/** The sessions that run on this server, for its operator. */
export class SessionBook {
  /** `locked`: only the operator may see them. */
  phase = $state<'loading' | 'ready' | 'locked' | 'failed'>('loading');
  sessions: readonly Session[] = $state.raw([]);
  /** Why there is no list. */
  problem: Problem | null = $state.raw(null);
  /** The list is an old one: why there is no newer. */
  stale = $state('');
  /** What was asked for last and not done. */
  refusal: Problem | null = $state.raw(null);

  /** Sessions that were ended here: a list that was asked for before that still has them. */
  #ended: readonly string[] = [];

  /** Asks for the list. Answers after how many milliseconds to ask again; null: not by itself. */
  async ask(): Promise<number | null> {
    try {
      const sessions = await listSessions();
      this.sessions = sessions.filter(({ id }) => !this.#ended.includes(id));
      this.phase = 'ready';
      this.stale = '';
      return everyMs;
    } catch (error) {
      const { problem } = apiError(error);
      if (isKeyProblem(problem)) {
        this.phase = 'locked';
        return null;
      }
      if (this.phase === 'ready') {
        this.stale = problem.title;
      } else {
        this.problem = problem;
        this.phase = 'failed';
      }
      return afterFailureMs;
    }
  }

  /** Ends one for everybody. */
  async end(id: string): Promise<void> {
    this.refusal = null;
    try {
      await endSession(id);
    } catch (error) {
      const { problem } = apiError(error);
      // It came to its end by itself: it is gone, as asked.
      if (problem.code !== 'session-unknown') {
        this.refusal = problem;
        return;
      }
    }
    this.#ended = [...this.#ended, id];
    this.sessions = this.sessions.filter((session) => session.id !== id);
  }
}
