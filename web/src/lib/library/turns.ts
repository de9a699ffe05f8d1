/** Does something to each item, some at the same time, whatever becomes of the others. Answers those that failed, in their order. */
export async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<{ item: T; error: unknown }[]> {
  const failed = new Map<T, unknown>();
  const left = items.values();

  async function worker(): Promise<void> {
    for (const item of left) {
      try {
        await work(item);
      } catch (error) {
        failed.set(item, error);
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return items.filter((item) => failed.has(item)).map((item) => ({ item, error: failed.get(item) }));
}
