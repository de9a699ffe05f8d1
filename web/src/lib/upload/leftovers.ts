import type { Remembered } from './memory';
import { newJob, type Job, type Rows } from './rows';
import { problemOf, type Transfers } from './transfers';
import type { Standing, Transport } from './transport';
import { isArriving } from './upload';

/** What earlier pages left: listed as it is remembered, then as the server knows it. */
export class Leftovers {
  constructor(
    private readonly rows: Rows,
    private readonly transport: Pick<Transport, 'ask' | 'title'>,
    private readonly transfers: Pick<Transfers, 'forget'>,
  ) {}

  async restore(all: readonly Remembered[]): Promise<void> {
    await Promise.all(
      all.map(({ url, name, sizeBytes, lastModified, acceptedBytes, expiresInMinutes }) => {
        const job = newJob(null, lastModified, { expiresInMinutes }, url);
        const id = this.rows.append({ name, sizeBytes, state: 'unfinished' }, job);
        this.rows.update(id, { acceptedBytes });
        return this.ask(id);
      }),
    );
  }

  /** Asks how far an upload without its file is. Unanswered, it stands as it was known. */
  async ask(id: number): Promise<void> {
    const job = this.rows.job(id);
    if (job === undefined || job.url === null) {
      return;
    }
    try {
      await this.#show(id, job, await this.transport.ask(job.url));
    } catch (error) {
      this.#failed(id, job, error);
    }
  }

  /** Asks whether one that is on its way plays already. */
  async askPlays(id: number): Promise<void> {
    const url = this.rows.job(id)?.url ?? null;
    if (url === null) {
      return;
    }
    try {
      const { plays } = await this.transport.ask(url);
      this.rows.update(id, { plays });
    } catch (error) {
      // It may have become a title, or the line is broken: what sends it will tell.
      problemOf(error);
    }
  }

  async #show(id: number, job: Job, { acceptedBytes, sizeBytes, mediaId, plays }: Standing): Promise<void> {
    if (!this.#isLeft(id)) {
      return;
    }
    this.rows.update(id, { acceptedBytes, plays });
    if (mediaId !== null && acceptedBytes === sizeBytes) {
      // The page was closed between the last byte and the answer to it.
      const asset = await this.transport.title(mediaId);
      if (!isArriving(asset)) {
        this.transfers.forget(job);
        this.rows.update(id, { state: 'done', asset });
      }
    }
  }

  #failed(id: number, job: Job, error: unknown): void {
    const problem = problemOf(error);
    if (!this.#isLeft(id) || (problem.status !== 404 && problem.status !== 410)) {
      return;
    }
    this.transfers.forget(job);
    this.rows.update(id, {
      acceptedBytes: 0,
      mediaId: null,
      ...(problem.status === 410 ? { state: 'failed' as const, problem } : {}),
    });
  }

  #isLeft(id: number): boolean {
    return this.rows.find(id)?.state === 'unfinished';
  }
}
