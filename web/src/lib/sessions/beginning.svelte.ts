import { apiError, isKeyProblem, type Problem } from '../api';
import { beginSession, type Wish } from './api';
import type { Session } from './session';

/** How a session is begun, as a form follows it. */
export class Beginning {
  /** What was asked for, until the server has answered. */
  pending: Wish | null = $state.raw(null);
  /** Why it was not begun. */
  problem: Problem | null = $state.raw(null);
  /** What waits for the operator's key. */
  locked: Wish | null = $state.raw(null);

  constructor(private readonly onbegun: (session: Session) => void) {}

  /** Begins one, or joins the one that plays this already; one at a time. */
  async begin(wish: Wish, title = ''): Promise<void> {
    if (this.pending !== null) {
      return;
    }
    this.problem = null;
    this.locked = null;
    this.pending = wish;
    try {
      this.onbegun(await beginSession(wish, title.trim()));
    } catch (error) {
      const { problem } = apiError(error);
      if (isKeyProblem(problem)) {
        this.locked = wish;
      } else {
        this.problem = problem;
      }
    } finally {
      this.pending = null;
    }
  }
}
