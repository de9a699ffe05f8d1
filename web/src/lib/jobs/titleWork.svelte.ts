import { ApiError, getMedia, getShared, listJobs } from '../api';
import type { Arriving } from '../arrival';
import type { WatchSession } from '../watch.svelte';
import { follow } from './follow';
import { isActive, jobOf, withJob, type Job } from './job';

/** What the server does for the title that is being watched. */
export class TitleWork {
  /** Newest first. */
  #jobs: Job[] = $state.raw([]);
  #arrival: Arriving | null = $state.raw(null);

  constructor(
    private readonly session: WatchSession,
    /** The title plays from now on. */
    private readonly onready: () => void,
  ) {}

  /** The job to tell of; null when nothing is left to be done. */
  get job(): Job | null {
    const job = jobOf(this.#jobs, this.session.id);
    return job !== null && (isActive(job) || this.session.asset?.state === 'processing') ? job : null;
  }

  /** How far it has come; null when it is not arriving. */
  get arrival(): Arriving | null {
    const { asset } = this.session;
    return asset?.state === 'arriving' ? (this.#arrival ?? asset.arrival) : null;
  }

  /** Follows the title until the answer is called. */
  follow(): () => void {
    const { id, token } = this.session;
    const path = `/api/v1/media/${encodeURIComponent(id)}/events`;
    const url = token !== null ? `${path}?${new URLSearchParams({ token })}` : path;
    return follow(url, {
      // This stream begins with all that there is to know.
      opened: () => undefined,
      poll: () => this.#poll(token),
      job: (job) => {
        this.#jobs = withJob(this.#jobs, job);
      },
      media: ({ state }) => void this.#changed(state),
      arrival: (arrival) => {
        this.#arrival = arrival;
      },
    });
  }

  async #poll(token: string | null): Promise<boolean> {
    const { id } = this.session;
    try {
      if (token === null) {
        this.#jobs = await listJobs(id);
      }
      const asset = await (token === null ? getMedia(id) : getShared(id, token));
      this.#arrival = asset.arrival;
      await this.#changed(asset.state);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      // A server that does not answer may come back; one that says no goes on saying it.
      return error.problem.status === 0 || error.problem.status >= 500;
    }
    return true;
  }

  /** Only a title that waits is opened anew: one that plays gets what is new the next time it is loaded. */
  async #changed(state: string): Promise<void> {
    const { session } = this;
    if (session.asset?.state === 'processing' && state !== 'processing') {
      this.onready();
      await session.open();
    } else if (session.asset?.state === 'arriving' && state !== 'arriving') {
      // What plays goes on as it is: the same segments at the same addresses.
      await (state === 'ready' ? session.refresh() : session.open());
    }
  }
}
