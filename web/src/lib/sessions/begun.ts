import { navigate } from '../navigation.svelte';
import type { Session } from './session';

/** Sessions that were begun in this tab: who did that wants to see them at once. */
const begun = new Set<string>();

/** Goes to a session that was just begun. */
export function enterBegun({ id }: Session): void {
  begun.add(id);
  navigate(`/sessions/${encodeURIComponent(id)}`);
}

export function wasBegunHere(id: string): boolean {
  return begun.has(id);
}
