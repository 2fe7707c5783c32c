/** Which rows a page draws of a series that is longer than a screen can show or a file should hold. */

const MOST_ROWS = 5000;
const MOST_ROWS_OF_ALL = 100_000;
const FEWEST_ROWS = 500;

/** The most rows drawn of each of `series` series. */
export function rowsAllowed(series: number): number {
  return Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_ROWS_OF_ALL / Math.max(1, series))));
}

/**
 * Indices of the rows to draw, ascending: all, or of each stretch the smallest and the largest value, so that no peak
 * is lost, beside the first row, the last one and those of `kept`.
 */
export function drawnRows(values: readonly number[], kept: readonly number[], most: number): readonly number[] {
  const { length } = values;
  if (length <= most) return values.map((_, i) => i);
  const rows = new Set([0, length - 1, ...kept]);
  const stretches = Math.max(1, Math.floor((most - rows.size) / 2));
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * length) / stretches);
    const end = Math.floor(((stretch + 1) * length) / stretches);
    let low = start;
    let high = start;
    for (let i = start; i < end; i++) {
      if ((values[i] ?? 0) < (values[low] ?? 0)) low = i;
      if ((values[i] ?? 0) > (values[high] ?? 0)) high = i;
    }
    rows.add(low).add(high);
  }
  return [...rows].sort((a, b) => a - b);
}
