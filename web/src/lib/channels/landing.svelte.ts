import { ApiError, getImport } from '../api';
import { isOpen } from '../imports/import';
import { pollWhileSeen } from '../poll';
import type { Recording } from './status';

const everyMs = 1000;

/** What becomes of a recording after its end: it is an import then, and soon a title. */
export class RecordingLanding {
  /** The title; null while there is none. */
  mediaId: string | null = $state(null);
  /** Why there will be none; empty while there is hope. */
  problem = $state('');
  /** There was a recording, and it has ended. */
  ended = $state(false);

  #id = '';
  #stop: (() => void) | null = null;

  /** What the status says now. */
  heard(recording: Recording | null): void {
    if (recording !== null) {
      this.close();
      this.#id = recording.id;
      this.ended = false;
    } else if (this.#id !== '' && !this.ended) {
      this.ended = true;
      this.mediaId = null;
      this.problem = '';
      this.#stop = pollWhileSeen(() => this.ask());
    }
  }

  /** Asks once. Answers after how many milliseconds to ask again; null when it is known. */
  async ask(): Promise<number | null> {
    try {
      const item = await getImport(this.#id);
      this.mediaId = item.mediaId;
      this.problem = isOpen(item) || item.mediaId !== null ? '' : (item.reason ?? 'Nothing came of it.');
      return isOpen(item) ? everyMs : null;
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.problem = error.problem.title;
      return null;
    }
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
