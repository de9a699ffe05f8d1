import { isKeyProblem, type Asset } from '../api';
import type { Arrival } from '../arrival';
import { Leftovers } from './leftovers';
import type { UploadMemory } from './memory';
import { newJob, Rows } from './rows';
import { problemOf, Transfers } from './transfers';
import type { Transport } from './transport';
import { isOver, type Upload, type UploadOptions, type UploadState } from './upload';

/** While one is begun, or looked at, another one comes; more would only share the same line. */
const atOnce = 2;

const busy = new Set<UploadState>(['sending', 'checking', 'retrying']);

/** Files that go to the server, a few at a time (`upload.ts` has the states of one). No row is lost on the way. */
export class UploadQueue {
  readonly #rows: Rows;
  readonly #transfers: Transfers;
  readonly #leftovers: Leftovers;

  constructor(
    private readonly transport: Transport,
    private readonly memory: UploadMemory,
    onChange: (uploads: readonly Upload[]) => void,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#rows = new Rows(onChange);
    this.#transfers = new Transfers(this.#rows, transport, memory, nowMs, () => this.#fill());
    this.#leftovers = new Leftovers(this.#rows, transport, this.#transfers);
  }

  /** Takes files in. One that an earlier page left goes on; the same one twice is one. */
  add(files: Iterable<File>, options: UploadOptions): void {
    for (const file of files) {
      const known = this.#rows.all.find((upload) => !isOver(upload) && this.#isOf(upload, file));
      if (known === undefined) {
        const job = newJob(file, file.lastModified, options, null);
        this.#rows.append({ name: file.name, sizeBytes: file.size, state: 'waiting' }, job);
      } else if (!this.choose(known.id, file)) {
        this.resume(known.id);
      }
    }
    this.#fill();
  }

  /** Lists what earlier pages left, and asks the server how far it is. */
  async restore(): Promise<void> {
    await this.#leftovers.restore(this.memory.all());
  }

  /** The file of a row that lacks it; false, and nothing happens, when it is another one. */
  choose(id: number, file: File): boolean {
    const upload = this.#rows.find(id);
    const job = this.#rows.job(id);
    const lacksIt = upload?.state === 'unfinished' || upload?.state === 'failed';
    if (upload === undefined || job === undefined || !lacksIt || !this.#isOf(upload, file)) {
      return false;
    }
    job.file = file;
    this.#go(id);
    return true;
  }

  hasFile(id: number): boolean {
    return (this.#rows.job(id)?.file ?? null) !== null;
  }

  pause(id: number): void {
    this.#pause(id, ['waiting', 'sending', 'retrying']);
    this.#fill();
  }

  resume(id: number): void {
    if (this.#rows.find(id)?.state === 'paused') {
      this.#go(id);
    }
  }

  /** Tries a failed file again, from where the server has it. */
  retry(id: number): void {
    if (this.#rows.find(id)?.state === 'failed' && this.hasFile(id)) {
      this.#go(id);
    }
  }

  pauseAll(): void {
    for (const { id } of this.#rows.all) {
      this.#pause(id, ['waiting', 'sending', 'retrying']);
    }
  }

  resumeAll(): void {
    for (const { id } of this.#rows.all) {
      this.resume(id);
    }
  }

  /** The line is back: what waits for that goes on now. */
  wake(): void {
    for (const { id } of this.#rows.all.filter(({ state }) => state === 'retrying')) {
      void this.#transfers.run(id);
    }
  }

  /** The key is there: sends again what only lacked it, and asks again what was not answered without. */
  async unlock(): Promise<void> {
    for (const { id, problem } of this.#rows.all) {
      if (problem !== null && isKeyProblem(problem)) {
        this.retry(id);
      }
    }
    const left = this.#rows.all.filter(({ state }) => state === 'unfinished');
    await Promise.all(left.map(({ id }) => this.#leftovers.ask(id)));
  }

  /** Takes a row away, and from the server what is there of a file that did not become a title. */
  async remove(id: number): Promise<void> {
    const job = this.#rows.job(id);
    if (job === undefined || this.#rows.find(id)?.state === 'removing') {
      return;
    }
    this.#transfers.stop(id, 'removing');
    this.#fill();
    if (job.url !== null) {
      try {
        await this.transport.end(job.url);
      } catch (error) {
        this.#rows.update(id, {
          state: job.file === null ? 'unfinished' : 'paused',
          problem: problemOf(error),
        });
        return;
      }
      this.#transfers.forget(job);
    }
    this.#rows.delete(id);
  }

  clearDone(): void {
    for (const { id } of this.#rows.all.filter(({ state }) => state === 'done')) {
      this.#rows.delete(id);
    }
  }

  /** Whether a file plays while it arrives. */
  heard({ id, plays }: Pick<Arrival, 'id' | 'plays'>): void {
    for (const upload of this.#rows.all.filter(({ mediaId }) => mediaId === id)) {
      this.#rows.update(upload.id, { plays });
    }
  }

  /** Asks it, where there are no events. */
  async askPlays(): Promise<void> {
    for (const { id } of this.#rows.all.filter(
      ({ state, plays }) => state === 'sending' && plays === 'unknown',
    )) {
      await this.#leftovers.askPlays(id);
    }
  }

  /** A title changed: the row that it came from shows it. */
  titleIs(title: Asset): void {
    for (const { id } of this.#rows.all.filter(({ asset }) => asset?.id === title.id)) {
      this.#rows.update(id, { asset: title });
    }
  }

  #isOf(upload: Upload, file: File): boolean {
    return (
      upload.name === file.name &&
      upload.sizeBytes === file.size &&
      this.#rows.job(upload.id)?.lastModified === file.lastModified
    );
  }

  #pause(id: number, from: readonly UploadState[]): void {
    const state = this.#rows.find(id)?.state;
    if (state !== undefined && from.includes(state)) {
      this.#transfers.stop(id, 'paused');
    }
  }

  #go(id: number): void {
    this.#rows.update(id, { state: 'waiting', problem: null });
    this.#fill();
  }

  #fill(): void {
    const free = atOnce - this.#rows.all.filter(({ state }) => busy.has(state)).length;
    const next = this.#rows.all.filter(({ state }) => state === 'waiting').slice(0, Math.max(0, free));
    for (const { id } of next) {
      void this.#transfers.run(id);
    }
  }
}
