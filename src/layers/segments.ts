/**
 * Long sequences in segments. What backward needs of every step of a recurrent layer is many times its input, so where
 * memory is short the states before each segment are kept instead, and backward runs one segment after the other, the last
 * one first, forward again into a cache of one segment:
 *
 *     forward     | segment 0 | segment 1 | ... | last one, in training: its cache stays |
 *     checkpoints ^           ^           ^
 *     backward    from the last: run again from its checkpoint, in training, then backward through it
 *
 * Segments are cut from the end, so that only the first is shorter than the others: it is the last one that is run once.
 * No bit depends on the cuts (docs/decisions/0002-order-of-gradient-sums.md).
 */
import type { Core } from "../core/context.ts";
import type { Rows } from "./rows.ts";

/** Some steps of a sequence. */
export interface Segment {
  /** The packed row at which it begins. */
  readonly start: number;
  /** Its steps as a sequence of their own, without the user's rows. */
  readonly rows: Rows;
}

/** Segments of at most `most` rows, or of one step where that has more, in their order. */
export function segmentsOf(rows: Rows, most: number): readonly Segment[] {
  const segments: Segment[] = [];
  let start = rows.N;
  for (let end = rows.longest; end > 0; ) {
    const step = firstStep(rows, end, most);
    const N = rowsBetween(rows, step, end);
    const [steps, active] = [end - step, rows.active === 0 ? 0 : rows.active + 4 * step];
    const ragged = rows.ragged && { ...rows.ragged, active: rows.ragged.active.subarray(step, end), rows: N };
    start -= N;
    segments.push({ start, rows: { ...rows, T: steps, N, longest: steps, active, ragged, source: 0 } });
    end = step;
  }
  return segments.reverse();
}

/** How many segments `segmentsOf` gives. */
export function segmentCount(rows: Rows, most: number): number {
  if (rows.ragged === undefined) return Math.ceil(rows.longest / Math.max(1, Math.floor(most / rows.B)));
  let count = 0;
  for (let end = rows.longest; end > 0; end = firstStep(rows, end, most)) count++;
  return count;
}

/** The first step of the segment that ends before step `end`. */
function firstStep({ ragged, B }: Rows, end: number, most: number): number {
  if (ragged === undefined) return Math.max(0, end - Math.max(1, Math.floor(most / B)));
  let step = end - 1;
  let rows = ragged.active[step] ?? 0;
  while (step > 0 && rows + (ragged.active[step - 1] ?? 0) <= most) rows += ragged.active[--step] ?? 0;
  return step;
}

function rowsBetween({ ragged, B }: Rows, from: number, to: number): number {
  if (ragged === undefined) return (to - from) * B;
  let rows = 0;
  for (let t = from; t < to; t++) rows += ragged.active[t] ?? 0;
  return rows;
}

/**
 * The largest `most` for segments with which `sizeOf` stays within `limit`: all rows if they fit; where nothing does,
 * one about the size at which segments and checkpoints take the least. Depends on shapes and the limit only.
 */
export function rowsWithin({ N, B }: Rows, limit: number, sizeOf: (most: number) => number): number {
  if (sizeOf(N) <= limit) return N;
  let best = Math.min(B, N);
  for (let most = best; most < N; most *= 2) if (sizeOf(most) < sizeOf(best)) best = most;
  // What fits, and what does not.
  let [low, high] = [best, N];
  while (high - low > B) {
    const middle = Math.floor((low + high) / 2);
    if (sizeOf(middle) <= limit) low = middle;
    else high = middle;
  }
  return low;
}

/** Copies the states [B, H] of a layer, from address to address. */
export function copyStates(
  { kernels }: Core,
  to: readonly number[],
  from: readonly number[],
  B: number,
  H: number,
): void {
  const row = kernels.rowStride(H);
  for (const [i, address] of to.entries()) kernels.gatherRows(address, row, from[i] ?? 0, row, 0, B, H);
}
