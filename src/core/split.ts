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
  const units = Math.ceil(count / unit);
  const start = (piece: number) => Math.min(count, Math.floor((piece * units) / pieces) * unit);
  pool.run(
    kernel,
    Array.from({ length: pieces }, (_, piece) => args(start(piece), start(piece + 1), piece)),
  );
}

/** Floats of an elementwise kernel that are worth a thread. */
const FLOATS = 8192;

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
