import type { Arrived } from './transport';
import type { Upload, UploadOptions } from './upload';

/** What belongs to a row and is nobody's to see. */
export interface Job {
  /** Null when an earlier page had it. */
  file: File | null;
  /** Epoch milliseconds: with name and size, what tells a file from another. */
  readonly lastModified: number;
  readonly options: UploadOptions;
  /** Where the upload is on the server; null when nothing of it is there. */
  url: string | null;
  /** Stops what is under way. */
  abort: AbortController;
  /** In a row, without a byte in between. */
  failures: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  arrived: Arrived | null;
}

/** The rows of the page, each with its job; whoever listens gets all of them anew with every change. */
export class Rows {
  #uploads: readonly Upload[] = [];
  readonly #jobs = new Map<number, Job>();
  #nextId = 1;

  constructor(private readonly onChange: (uploads: readonly Upload[]) => void) {}

  get all(): readonly Upload[] {
    return this.#uploads;
  }

  append(row: Pick<Upload, 'name' | 'sizeBytes' | 'state'>, job: Job): number {
    const id = this.#nextId++;
    this.#jobs.set(id, job);
    this.#set([
      ...this.#uploads,
      {
        ...row,
        id,
        acceptedBytes: 0,
        bytesPerSecond: 0,
        secondsLeft: null,
        mediaId: mediaIdOf(job.url),
        plays: 'unknown',
        asset: null,
        adminKey: null,
        problem: null,
      },
    ]);
    return id;
  }

  find(id: number): Upload | undefined {
    return this.#uploads.find((upload) => upload.id === id);
  }

  job(id: number): Job | undefined {
    return this.#jobs.get(id);
  }

  update(id: number, change: Partial<Upload>): void {
    this.#set(this.#uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)));
  }

  delete(id: number): void {
    this.#jobs.delete(id);
    this.#set(this.#uploads.filter((upload) => upload.id !== id));
  }

  #set(uploads: readonly Upload[]): void {
    this.#uploads = uploads;
    this.onChange(uploads);
  }
}

export function newJob(
  file: File | null,
  lastModified: number,
  options: UploadOptions,
  url: string | null,
): Job {
  return {
    file,
    lastModified,
    options,
    url,
    abort: new AbortController(),
    failures: 0,
    timer: undefined,
    arrived: null,
  };
}

/** The title that an upload becomes has the upload's id, which is the last part of its address. */
export function mediaIdOf(url: string | null): string | null {
  return url === null ? null : url.slice(url.lastIndexOf('/') + 1);
}
