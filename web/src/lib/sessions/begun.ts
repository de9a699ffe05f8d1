/** Sessions that were begun in this tab: who did that wants to see them at once. */
const begun = new Set<string>();

export function noteBegun(id: string): void {
  begun.add(id);
}

export function wasBegunHere(id: string): boolean {
  return begun.has(id);
}
