import { apiError, type Asset, type Problem } from '../api';
import { Book } from '../book.svelte';
import { inTurns } from '../library/turns';
import { listPublications, publish } from './api';
import { isMoving, type Publication, type Target } from './published';

/** Requests at the same time. */
const atOnce = 4;

/** How one of many titles stands, and why nothing came of the last wish for it. */
export interface Standing {
  items: readonly Publication[];
  problem: Problem | null;
}

/** Many titles, and where they are published. Only those of which something goes on are asked about again. */
export class ManyPublications extends Book {
  targets: readonly Target[] = $state.raw([]);
  /** By the id of the title. */
  standings: Readonly<Record<string, Standing>> = $state.raw({});
  /** Wishes are on their way. */
  busy = $state(false);

  constructor(
    private readonly assets: readonly Asset[],
    everyMs = 1000,
  ) {
    super(everyMs);
  }

  /** How a title stands at a place; undefined where it never was. */
  at(asset: Asset, target: string): Publication | undefined {
    return this.standings[asset.id]?.items.find((item) => item.target === target);
  }

  /** Neither published at a place nor on the way there. */
  missing(target: string): Asset[] {
    return this.assets.filter((asset) => {
      const publication = this.at(asset, target);
      return publication === undefined || !(publication.state === 'published' || isMoving(publication));
    });
  }

  /** Has all that are missing at a place published there. What is refused is told with its title, and holds up no other. */
  async publish(target: Target): Promise<void> {
    this.busy = true;
    await inTurns(this.missing(target.name), atOnce, async (asset) => {
      const known = this.standings[asset.id]?.items ?? [];
      try {
        const form = this.at(asset, target.name)?.form ?? target.form;
        const begun = await publish(asset.id, target.name, form);
        this.#note(asset, [...known.filter((item) => item.target !== target.name), begun]);
      } catch (error) {
        this.#note(asset, known, apiError(error).problem);
      }
    });
    this.busy = false;
  }

  protected override async load(): Promise<void> {
    const due = this.assets.filter(({ id }) => this.standings[id]?.items.some(isMoving) ?? true);
    const [failed] = await inTurns(due, atOnce, async (asset) => {
      try {
        const { items, targets } = await listPublications(asset.id);
        this.targets = targets;
        this.#note(asset, items);
      } catch (error) {
        const { problem } = apiError(error);
        if (problem.code !== 'media-unknown') {
          throw error; // That is no trouble of this title: it is asked about again.
        }
        this.#note(asset, [], problem);
      }
    });
    if (failed !== undefined) {
      throw failed.error;
    }
  }

  #note(asset: Asset, items: readonly Publication[], problem: Problem | null = null): void {
    this.standings = { ...this.standings, [asset.id]: { items, problem } };
  }
}
