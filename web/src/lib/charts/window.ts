/** The moments that a chart shows, oldest first: those within `spanMs` of the newest. One that is not newer than the last is left out. */
export function withSample<T extends { atMs: number }>(
  samples: readonly T[],
  sample: T,
  spanMs: number,
): readonly T[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.atMs <= last.atMs) {
    return samples;
  }
  const first = samples.findIndex(({ atMs }) => atMs >= sample.atMs - spanMs);
  return [...(first < 0 ? [] : samples.slice(first)), sample];
}

/** Seconds since 1970, then one column for each line; null where a line is broken. */
export type Columns = [times: number[], ...lines: (number | null)[][]];

/**
 * Samples as the columns that a chart takes. Where nothing was asked for longer than `gapMs`, because nobody looked, the lines
 * are broken.
 */
export function columnsOf<T extends { atMs: number }>(
  samples: readonly T[],
  lines: readonly ((sample: T) => number | null)[],
  gapMs: number,
): Columns {
  const times: number[] = [];
  const values: (number | null)[][] = lines.map(() => []);
  let lastMs: number | null = null;
  for (const sample of samples) {
    if (lastMs !== null && sample.atMs - lastMs > gapMs) {
      times.push((lastMs + sample.atMs) / 2000);
      values.forEach((column) => column.push(null));
    }
    times.push(sample.atMs / 1000);
    values.forEach((column, index) => column.push(lines[index]?.(sample) ?? null));
    lastMs = sample.atMs;
  }
  return [times, ...values];
}

/** The top of a chart whose bottom is zero: some air above the largest value, and never less than `floor`, so that silence looks like silence. */
export function topOf(largest: number | null | undefined, floor: number): number {
  return Math.max(floor, (largest ?? 0) * 1.15);
}
