import { ApiError, networkProblem, type CreatedAsset, type Problem } from '../api';
import { TransferRate } from './rate';

export type UploadState = 'waiting' | 'sending' | 'checking' | 'done' | 'failed' | 'cancelled';

/** One file on its way, as the page shows it. */
export interface Upload {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly state: UploadState;
  readonly sentBytes: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
  readonly asset: CreatedAsset | null;
  readonly problem: Problem | null;
}

export interface UploadOptions {
  /** Minutes until the title expires; null keeps it for good. */
  expiresInMinutes: number | null;
}

/** Sends one file. Rejects with ApiError, or with an AbortError once `signal` fired. */
export type SendFile = (
  file: File,
  options: UploadOptions,
  onProgress: (sentBytes: number, totalBytes: number) => void,
  signal: AbortSignal,
) => Promise<CreatedAsset>;

interface Job {
  file: File;
  options: UploadOptions;
  abort: AbortController;
}

/** Files sent one after another: two at once would only share the same line, and both would finish late. */
export class UploadQueue {
  #uploads: Upload[] = [];
  readonly #jobs = new Map<number, Job>();
  #nextId = 1;
  #running = false;

  constructor(
    private readonly send: SendFile,
    private readonly onChange: (uploads: readonly Upload[]) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  add(files: Iterable<File>, options: UploadOptions): void {
    for (const file of files) {
      const id = this.#nextId++;
      this.#jobs.set(id, { file, options, abort: new AbortController() });
      this.#uploads.push(fresh(id, file));
    }
    this.#changed();
    void this.#run();
  }

  /** Takes a file out of the queue, or stops it where it is. */
  cancel(id: number): void {
    const upload = this.#uploads.find((candidate) => candidate.id === id);
    if (upload === undefined || isOver(upload.state)) {
      return;
    }
    this.#jobs.get(id)?.abort.abort();
    this.#update(id, { state: 'cancelled' });
  }

  /** Puts a failed or cancelled file back into the queue, from its first byte. */
  retry(id: number): void {
    const job = this.#jobs.get(id);
    const upload = this.#uploads.find((candidate) => candidate.id === id);
    if (job === undefined || (upload?.state !== 'failed' && upload?.state !== 'cancelled')) {
      return;
    }
    job.abort = new AbortController();
    this.#update(id, fresh(id, job.file));
    void this.#run();
  }

  /** Sends again what only lacked the operator key. */
  retryLocked(isLocked: (problem: Problem) => boolean): void {
    for (const upload of this.#uploads.filter(({ problem }) => problem !== null && isLocked(problem))) {
      this.retry(upload.id);
    }
  }

  /** Forgets a finished row. */
  dismiss(id: number): void {
    this.#uploads = this.#uploads.filter((upload) => upload.id !== id || !isOver(upload.state));
    if (!this.#uploads.some((upload) => upload.id === id)) {
      this.#jobs.delete(id);
    }
    this.#changed();
  }

  async #run(): Promise<void> {
    if (this.#running) {
      return;
    }
    this.#running = true;
    for (let next = this.#nextWaiting(); next !== undefined; next = this.#nextWaiting()) {
      await this.#sendOne(next.id);
    }
    this.#running = false;
  }

  #nextWaiting(): Upload | undefined {
    return this.#uploads.find((upload) => upload.state === 'waiting');
  }

  async #sendOne(id: number): Promise<void> {
    const job = this.#jobs.get(id);
    if (job === undefined) {
      return;
    }
    const { signal } = job.abort;
    const rate = new TransferRate(this.nowMs());
    this.#update(id, { state: 'sending' });
    try {
      const asset = await this.send(
        job.file,
        job.options,
        (sentBytes, totalBytes) => {
          if (signal.aborted) {
            return;
          }
          rate.sample(sentBytes, this.nowMs());
          this.#update(id, {
            state: sentBytes >= totalBytes ? 'checking' : 'sending',
            // The form around the file adds a few bytes that nobody wants to see.
            sentBytes: Math.min(sentBytes, job.file.size),
            bytesPerSecond: rate.bytesPerSecond,
            secondsLeft: rate.secondsLeft(sentBytes, totalBytes),
          });
        },
        signal,
      );
      this.#update(id, { state: 'done', sentBytes: job.file.size, asset });
    } catch (error) {
      if (!signal.aborted) {
        this.#update(id, { state: 'failed', problem: problemOf(error) });
      }
    }
  }

  #update(id: number, change: Partial<Upload>): void {
    this.#uploads = this.#uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload));
    this.#changed();
  }

  #changed(): void {
    this.onChange([...this.#uploads]);
  }
}

export function isOver(state: UploadState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

function fresh(id: number, file: File): Upload {
  return {
    id,
    name: file.name,
    sizeBytes: file.size,
    state: 'waiting',
    sentBytes: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    asset: null,
    problem: null,
  };
}

function problemOf(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : networkProblem(true);
}
