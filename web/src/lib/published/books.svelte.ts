import { apiError, type Problem } from '../api';
import { Book } from '../book.svelte';
import { getStore, listPublications, listPublished, publish, unpublish } from './api';
import type { NodeReads, Publication, Store, Target } from './published';

/** What is published, newest first, for everybody. */
export class PublishedBook extends Book {
  names: readonly string[] = $state.raw([]);

  constructor(everyMs = 10_000) {
    super(everyMs);
  }

  protected override async load(): Promise<void> {
    this.names = (await listPublished()).toReversed();
  }
}

/** The store of published files and how fast it answers, for the operator. */
export class StoreBook extends Book {
  store: Store | null = $state.raw(null);

  constructor(everyMs = 5000) {
    super(everyMs);
  }

  get reads(): readonly NodeReads[] {
    return this.store?.reads ?? [];
  }

  protected override async load(): Promise<void> {
    this.store = await getStore();
  }
}

/** Where one title is published. */
export class PublicationBook extends Book {
  items: readonly Publication[] = $state.raw([]);
  targets: readonly Target[] = $state.raw([]);
  /** Why nothing came of what was asked for last, and where that was to be. */
  refusal: { target: string; problem: Problem } | null = $state.raw(null);
  busy = $state(false);

  constructor(
    private readonly id: string,
    everyMs = 1000,
  ) {
    super(everyMs);
  }

  /** In the form that it has there, or else the one that fits the place. */
  publish(target: Target): Promise<void> {
    const form = this.items.find((item) => item.target === target.name)?.form ?? target.form;
    return this.#change(target.name, () => publish(this.id, target.name, form));
  }

  unpublish(target: string): Promise<void> {
    return this.#change(target, () => unpublish(this.id, target));
  }

  protected override async load(): Promise<void> {
    const { items, targets } = await listPublications(this.id);
    this.items = items;
    this.targets = targets;
  }

  async #change(target: string, send: () => Promise<Publication>): Promise<void> {
    this.busy = true;
    this.refusal = null;
    try {
      await send();
      await this.load();
    } catch (error) {
      this.refusal = { target, problem: apiError(error).problem };
    } finally {
      this.busy = false;
    }
  }
}
