import { apiError, type Problem } from '../api';
import { Book } from '../book.svelte';
import { endSession, listSessions } from './api';
import type { Session } from './session';

/** The sessions that run on this server, for its operator. */
export class SessionBook extends Book {
  sessions: readonly Session[] = $state.raw([]);
  /** What was asked for last and not done. */
  refusal: Problem | null = $state.raw(null);

  /** Sessions that were ended here: a list that was asked for before that still has them. */
  #ended: readonly string[] = [];

  constructor(everyMs = 3000) {
    super(everyMs);
  }

  protected override async load(): Promise<void> {
    const sessions = await listSessions();
    this.sessions = sessions.filter(({ id }) => !this.#ended.includes(id));
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
