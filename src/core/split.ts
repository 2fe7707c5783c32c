/** A kernel's work in parts, one a thread. */
import type { Core } from "./context.ts";
import type { Kernels } from "./kernels.ts";

type Kernel = (...args: readonly number[]) => unknown;

/**
 * Calls a kernel over [0, count): in one piece, or in pieces of whole multiples of `unit`, one a thread and as equal as can
 * be; `thread` counts them. `unit` should be work for more than ten microseconds: less than two units are one piece.
 */
export function inRanges(
  core: Core,
  kernel: keyof Kernels,
  count: number,
  unit: number,
  args: (first: number, end: number, thread: number) => readonly number[],
): void {
  const { pool } = core;
  const pieces = pool === undefined ? 1 : Math.min(pool.threads, Math.floor(count / unit));
  if (pool === undefined || pieces < 2) {
    (core.kernels[kernel] as Kernel)(...args(0, count, 0));
    return;
  }
  pool.run(kernel, inPieces(count, unit, pieces, args));
}

/** What `of` returns for each of so many pieces of [0, count), whole multiples of `unit` and as equal as can be. */
export function inPieces<T>(
  count: number,
  unit: number,
  pieces: number,
  of: (first: number, end: number, piece: number) => T,
): T[] {
  const units = Math.ceil(count / unit);
  const start = (piece: number) => Math.min(count, Math.floor((piece * units) / pieces) * unit);
  return Array.from({ length: pieces }, (_, piece) => of(start(piece), start(piece + 1), piece));
}

/** What is worth a thread: floats of an elementwise kernel, and multiply-adds of a product. */
const FLOATS = 8192;
const MADDS = 300_000;
/** Rows of the largest tiles, and of pairs of the others. */
const TILE_ROWS = 12;
/** Columns of a panel of weights. */
export const PANEL = 16;

/** Rows of a product that are worth a thread, whole tiles of them, at so many multiply-adds each. */
export function rowsOfProduct(madds: number, tileRows: number = TILE_ROWS): number {
  return Math.ceil(MADDS / madds / tileRows) * tileRows;
}

/** Columns of a product that are worth a thread, whole panels of them, at so many multiply-adds each. */
export function columnsOfProduct(madds: number): number {
  return Math.ceil(MADDS / madds / PANEL) * PANEL;
}

/** Rows of so many floats that are worth a thread. */
export function rowsOfFloats(floats: number): number {
  return Math.ceil(FLOATS / floats);
}

/** Columns of so many floats that are worth a thread, whole cache lines of them. */
export function columnsOfFloats(floats: number): number {
  return Math.ceil(FLOATS / floats / PANEL) * PANEL;
}

/**
 * Calls an elementwise kernel over flat blocks of `floats` floats, in one piece or in ranges: its arguments are the blocks'
 * addresses (0: none), the number of floats, and `scalars`.
 */
export function overFloats(
  core: Core,
  kernel: keyof Kernels,
  blocks: readonly number[],
  floats: number,
  scalars: readonly number[],
): void {
  inRanges(core, kernel, floats, FLOATS, (first, end) => [
    ...blocks.map((address) => (address === 0 ? 0 : address + first * 4)),
    end - first,
    ...scalars,
  ]);
}
