import { apiError, changeJob, listJobs } from '../api';
import { withJob, type Job, type JobAction } from './job';

/** What the server works on, as a page follows it. */
export class Desk {
  /** Newest first. */
  jobs: Job[] = $state.raw([]);

  /** Told while the list is being asked for: newer than what the answer will say. */
  #meanwhile: Job[] | null = null;
  /** Changes that the stream told. */
  #told = 0;

  /** What the stream says. */
  heard(job: Job): void {
    this.#told += 1;
    this.#meanwhile?.push(job);
    this.jobs = withJob(this.jobs, job);
  }

  /** Asks for all of them. Rejects with ApiError. */
  async ask(): Promise<void> {
    const meanwhile: Job[] = (this.#meanwhile = []);
    try {
      this.jobs = meanwhile.reduce(withJob, await listJobs());
    } finally {
      this.#meanwhile = null;
    }
  }

  /** Does something to a job. Answers why it was not done; empty when it was. */
  async change(job: Job, action: JobAction): Promise<string> {
    try {
      const before = this.#told;
      const changed = await changeJob(job.id, action);
      // The stream tells all changes in their order: what it told meanwhile may be newer than the answer.
      if (this.#told === before) {
        this.jobs = withJob(this.jobs, changed);
      }
      return '';
    } catch (error) {
      return `Nothing was changed. ${apiError(error).problem.title}`;
    }
  }
}
