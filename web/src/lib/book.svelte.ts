import { apiError, isKeyProblem, type Problem } from './api';
import { pollWhileSeen } from './poll';

/** How long a list that could not be had is not asked for. */
const afterFailureMs = 10_000;

/** A list of the server's as a page follows it: how it stands, and why there is none, or no newer one. */
export abstract class Book {
  /** `locked`: only the operator may see it. */
  phase = $state<'loading' | 'ready' | 'locked' | 'failed'>('loading');
  /** Why there is no list. */
  problem: Problem | null = $state.raw(null);
  /** The list is an old one: why there is no newer. */
  stale = $state('');

  #attempt = $state(0);

  constructor(
    /** How often the list is asked for. */
    private readonly everyMs: number,
  ) {}

  /** Takes the newest list. Rejects with ApiError. */
  protected abstract load(): Promise<void>;

  /** Asks for the list while the page is seen, until the answer is called. For an effect: `again` begins it anew. */
  follow(): () => void {
    void this.#attempt;
    return pollWhileSeen(() => this.ask());
  }

  /** Asks at once, as if it had never been asked. */
  again(): void {
    this.phase = 'loading';
    this.#attempt += 1;
  }

  /** Asks for the list. Answers after how many milliseconds to ask again; null: not by itself. */
  async ask(): Promise<number | null> {
    try {
      await this.load();
      this.phase = 'ready';
      this.stale = '';
      return this.everyMs;
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
}
