import { apiError, deleteMedia, isKeyProblem, listMedia, setExpiry, type Asset, type Problem } from '../api';
import { withArrival, type Arrival } from '../arrival';
import { withTitle } from '../jobs/titles';
import { inTurns } from './turns';
import { everything, isWhole, wishOf, type View } from './view';

const pageSize = 60;

/** Requests at the same time when something is done to many titles. */
const atOnce = 4;

/** The library as a page holds it: the titles loaded so far, in the order that was asked for. */
export class Shelf {
  assets: Asset[] = $state.raw([]);
  phase = $state<'loading' | 'ready' | 'locked' | 'failed'>('loading');
  problem: Problem | null = $state.raw(null);
  /** Titles that there are; null while that is not known. */
  total = $state<number | null>(null);
  /** There are more than are loaded. */
  hasMore = $state(false);
  /** More could not be loaded: why not. */
  moreFailed = $state('');
  /** Another list is on its way in the place of this one. */
  searching = $state(false);
  view: View = $state.raw(everything);

  #asked = 0;
  #loadingMore = false;

  /** Loads the beginning of a view. What is shown stays until it is there. */
  async open(view: View): Promise<void> {
    const turn = (this.#asked += 1);
    this.searching = this.phase === 'ready';
    this.phase = this.searching ? 'ready' : 'loading';
    this.view = view;
    try {
      const page = await listMedia(null, wishOf(view), pageSize);
      if (turn !== this.#asked) {
        return; // Somebody typed on.
      }
      this.assets = page.items;
      this.hasMore = page.next !== null;
      this.total = page.total ?? null;
      this.moreFailed = '';
      this.phase = 'ready';
    } catch (error) {
      if (turn === this.#asked) {
        this.problem = apiError(error).problem;
        this.phase = isKeyProblem(this.problem) ? 'locked' : 'failed';
      }
    } finally {
      if (turn === this.#asked) {
        this.searching = false;
      }
    }
  }

  /** Loads the next page, if there is one. */
  async more(): Promise<void> {
    const turn = this.#asked;
    // The last one that is there, not the last one that came: that may have been deleted.
    const last = this.assets.at(-1);
    if (!this.hasMore || this.#loadingMore || last === undefined) {
      return;
    }
    this.#loadingMore = true;
    try {
      const page = await listMedia(last.id, wishOf(this.view), pageSize);
      if (turn === this.#asked) {
        // One that became known meanwhile is there already.
        const known = this.assets.map(({ id }) => id);
        this.assets = [...this.assets, ...page.items.filter(({ id }) => !known.includes(id))];
        this.hasMore = page.next !== null;
        this.moreFailed = '';
      }
    } catch (error) {
      if (turn === this.#asked) {
        this.moreFailed = apiError(error).problem.title;
      }
    } finally {
      this.#loadingMore = false;
    }
  }

  /** A title as it is now. One that is new is put in its place, where all are shown by age. */
  heard(asset: Asset): void {
    const known = this.assets.some(({ id }) => id === asset.id);
    if (known || (isWhole(this.view) && this.view.sort === everything.sort)) {
      this.assets = withTitle(this.assets, asset, !this.hasMore);
      if (!known && this.total !== null) {
        this.total += 1;
      }
    }
  }

  arrival(arrival: Arrival): void {
    this.assets = withArrival(this.assets, arrival);
  }

  gone(...ids: readonly string[]): void {
    const left = this.assets.filter(({ id }) => !ids.includes(id));
    if (this.total !== null) {
      this.total -= this.assets.length - left.length;
    }
    this.assets = left;
  }

  /** Looks again at the beginning, when nobody told for a while. */
  async ask(): Promise<void> {
    for (const asset of (await listMedia(null, wishOf(this.view), pageSize)).items) {
      this.heard(asset);
    }
  }

  /** Deletes titles. Answers those that are still there, and why the first of them is. */
  async delete(assets: readonly Asset[]): Promise<{ left: Asset[]; reason: string; deleted: string[] }> {
    const deleted: string[] = [];
    const failures = await inTurns(assets, atOnce, async ({ id }) => {
      try {
        await deleteMedia(id);
      } catch (error) {
        // Somebody else was quicker: it is gone, as asked.
        if (apiError(error).problem.code !== 'media-unknown') {
          throw error;
        }
      }
      deleted.push(id);
    });
    this.gone(...deleted);
    return { left: failures.map(({ item }) => item), reason: reasonOf(failures), deleted };
  }

  /** Has titles live for so many minutes; for ever with null. Answers as `delete`. */
  async expire(assets: readonly Asset[], minutes: number | null): Promise<{ left: Asset[]; reason: string }> {
    const failures = await inTurns(assets, atOnce, async ({ id }) =>
      this.heard(await setExpiry(id, minutes)),
    );
    return { left: failures.map(({ item }) => item), reason: reasonOf(failures) };
  }
}

function reasonOf(failures: readonly { error: unknown }[]): string {
  return failures[0] === undefined ? '' : apiError(failures[0].error).problem.title;
}
