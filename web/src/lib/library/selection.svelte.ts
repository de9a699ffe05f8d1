import { SvelteSet } from 'svelte/reactivity';

/** Which titles are selected. */
export class Selection {
  readonly ids = new SvelteSet<string>();

  /** Where a range begins: the one that was selected or left last. */
  #from: string | null = null;

  /** Selects one, or leaves it; with `range` all between the one before and this one become as this one. */
  toggle(id: string, all: readonly string[], range: boolean): void {
    const becomes = !this.ids.has(id);
    const [from, to] = [this.#from === null ? -1 : all.indexOf(this.#from), all.indexOf(id)];
    const many = range && from >= 0 && to >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    for (const one of many) {
      if (becomes) {
        this.ids.add(one);
      } else {
        this.ids.delete(one);
      }
    }
    this.#from = id;
  }

  clear(): void {
    this.ids.clear();
    this.#from = null;
  }
}
