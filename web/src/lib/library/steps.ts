/** The place that a key leads to from a place of a grid; null when it leads nowhere. */
export function stepOf(key: string, place: number, count: number, columns: number): number | null {
  const to = {
    ArrowLeft: place - 1,
    ArrowRight: place + 1,
    ArrowUp: place - columns,
    // From above a gap in the last row, to the last of it.
    ArrowDown: place + columns < count || sameRow(place, count - 1, columns) ? place + columns : count - 1,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined || to < 0 || to >= count || to === place ? null : to;
}

const sameRow = (a: number, b: number, columns: number): boolean =>
  Math.floor(a / columns) === Math.floor(b / columns);
