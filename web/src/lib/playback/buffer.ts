/** Seconds that can be played on from `at` (seconds) without loading anything more. */
export function secondsAhead(buffered: Pick<TimeRanges, 'length' | 'start' | 'end'>, at: number): number {
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) <= at && at < buffered.end(index)) {
      return buffered.end(index) - at;
    }
  }
  return 0;
}
