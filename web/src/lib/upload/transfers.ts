import { ApiError, isKeyProblem, networkProblem, type Asset, type Problem } from '../api';
import type { UploadMemory } from './memory';
import { isPassing, pauseMs } from './pace';
import { TransferRate } from './rate';
import { mediaIdOf, type Job, type Rows } from './rows';
import type { Transport } from './transport';
import { isArriving, type UploadState } from './upload';

/**
 * Brings files to the server, however many attempts that takes:
 *
 *     run ──► send what is missing ──► ask for the title ──► done
 *      ▲            └──────── broken ────────┘
 *      │ 1, 2, 4… 30 s           ├── it may pass: retrying
 *      └─────────────────────────┘   it will not: failed
 */
export class Transfers {
  constructor(
    private readonly rows: Rows,
    private readonly transport: Transport,
    private readonly memory: UploadMemory,
    private readonly nowMs: () => number,
    /** A file takes no room any more. */
    private readonly freed: () => void,
  ) {}

  async run(id: number): Promise<void> {
    const job = this.rows.job(id);
    if (job === undefined || job.file === null) {
      return;
    }
    clearTimeout(job.timer);
    job.abort = new AbortController();
    const { signal } = job.abort;
    this.rows.update(id, { state: 'sending', bytesPerSecond: 0, secondsLeft: null });
    try {
      const { mediaId, adminKey } = (job.arrived ??= await this.#send(id, job, job.file, signal));
      const asset = await this.#title(mediaId);
      if (!signal.aborted) {
        this.forget(job);
        this.rows.update(id, { state: 'done', acceptedBytes: job.file.size, asset, adminKey, problem: null });
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#broken(id, job, problemOf(error));
      }
    }
    this.freed();
  }

  /** Stops what is under way for a row, which is then in the state `next`. */
  stop(id: number, next: UploadState): void {
    const job = this.rows.job(id);
    job?.abort.abort();
    clearTimeout(job?.timer);
    this.rows.update(id, { state: next, bytesPerSecond: 0, secondsLeft: null, problem: null });
  }

  /** There is nothing of it on the server any more, or nothing that could be gone on with. */
  forget(job: Job): void {
    if (job.url !== null) {
      this.memory.forget(job.url);
      job.url = null;
    }
  }

  #send(id: number, job: Job, file: File, signal: AbortSignal): ReturnType<Transport['send']> {
    let rate: TransferRate | null = null;
    const remember = (url: string, acceptedBytes: number, expiresAt: Date | null): void =>
      this.memory.set({
        url,
        name: file.name,
        sizeBytes: file.size,
        lastModified: job.lastModified,
        acceptedBytes,
        expiresInMinutes: job.options.expiresInMinutes,
        expiresAt: expiresAt?.getTime() ?? null,
      });
    const attempt = {
      file,
      options: job.options,
      url: job.url,
      announced: (url: string): void => {
        if (job.url !== url && !signal.aborted) {
          job.url = url;
          remember(url, 0, null);
          this.rows.update(id, { mediaId: mediaIdOf(url) });
        }
      },
      accepted: (bytes: number, expiresAt: Date | null): void => {
        if (signal.aborted) {
          return;
        }
        if (bytes > (this.rows.find(id)?.acceptedBytes ?? 0)) {
          job.failures = 0;
        }
        if (job.url !== null) {
          remember(job.url, bytes, expiresAt);
        }
        // What was there before took no time now.
        rate ??= new TransferRate(this.nowMs(), bytes);
        rate.sample(bytes, this.nowMs());
        this.rows.update(id, {
          acceptedBytes: bytes,
          bytesPerSecond: rate.bytesPerSecond,
          secondsLeft: rate.secondsLeft(bytes, file.size),
          problem: null,
        });
      },
      sentAll: (): void => {
        if (!signal.aborted) {
          this.rows.update(id, { state: 'checking', problem: null });
        }
      },
    };
    return this.transport.send(attempt, signal);
  }

  async #title(mediaId: string): Promise<Asset> {
    const asset = await this.transport.title(mediaId);
    if (isArriving(asset)) {
      throw new ApiError({
        title: 'The server still looks at what has arrived.',
        status: 423,
        code: 'unknown',
      });
    }
    return asset;
  }

  #broken(id: number, job: Job, problem: Problem): void {
    const unknown = job.url !== null && problem.code === 'upload-unknown';
    if (unknown || !(isPassing(problem) || isKeyProblem(problem) || problem.status === 0)) {
      // The server has nothing of it: the next attempt begins anew.
      this.forget(job);
      this.rows.update(id, { acceptedBytes: 0, mediaId: null, plays: 'unknown' });
    }
    if (!unknown && !isPassing(problem)) {
      this.rows.update(id, { state: 'failed', problem });
      return;
    }
    job.failures += 1;
    job.timer = setTimeout(() => void this.run(id), pauseMs(job.failures, problem));
    this.rows.update(id, { state: 'retrying', bytesPerSecond: 0, secondsLeft: null, problem });
  }
}

export function problemOf(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : networkProblem(navigator.onLine);
}
