import { addImport, ApiError, listImports, removeImport } from '../api';
import { isOpen, withImport, type Import } from './import';

/** The imports that a page shows, newest first. Those that were done before it was opened are titles like any other. */
export class Imports {
  list: readonly Import[] = $state.raw([]);

  constructor(
    /** A title came of one. */
    private readonly onlanded: (mediaId: string) => void,
  ) {}

  /** An import changed. */
  heard(item: Import): void {
    const known = this.list.find(({ id }) => id === item.id);
    // The answer to a request may come after what the stream told meanwhile.
    if (known === undefined || isOpen(known)) {
      this.list = withImport(this.list, item);
    }
    if (item.mediaId !== null && known?.mediaId !== item.mediaId) {
      this.onlanded(item.mediaId);
    }
  }

  /** Asks how all of them are. Rejects with ApiError. */
  async ask(): Promise<void> {
    const shownBefore = this.list.map(({ id }) => id);
    for (const item of (await listImports()).toReversed()) {
      if (shownBefore.includes(item.id) || isOpen(item) || item.state === 'failed') {
        this.heard(item);
      }
    }
  }

  /** Has the server fetch a video. Answers why it does not, in words; nothing when it does. */
  async add(url: string, expiresInMinutes: number | null): Promise<string> {
    try {
      this.heard(await addImport(url, expiresInMinutes));
      return '';
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      const { title, detail, hint } = error.problem;
      return [title, detail, hint].filter(Boolean).join(' ');
    }
  }

  /** Calls one off, or forgets one that is over. Answers why it was not done, in words; nothing when it was. */
  async remove(item: Import): Promise<string> {
    try {
      await removeImport(item.id);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      if (error.problem.code !== 'import-unknown') {
        return `Nothing was changed. ${error.problem.title}`;
      }
    }
    this.list = isOpen(item)
      ? this.list.map((known) =>
          known.id === item.id && isOpen(known) ? { ...known, state: 'cancelled' } : known,
        )
      : this.list.filter(({ id }) => id !== item.id);
    return '';
  }
}
