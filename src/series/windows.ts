import { OptionError, OutOfMemoryError, ShapeError } from "../errors.ts";
import { describe, integer, knownOptions, numbers, positiveInteger } from "../options.ts";
import type { Tensor } from "../shape.ts";

/** Options of `windows`. */
export interface WindowOptions {
  /** Input rows before each origin. */
  readonly window: number;
  /** Target rows from each origin on. */
  readonly horizon: number;
  /** The index of the column that is the target, or its values where it is no input, by default 0. */
  readonly target?: number | ArrayLike<number> | undefined;
  /** The first row that may be a target, by default 0; inputs may lie before it. */
  readonly from?: number | undefined;
  /** One past the last row that may be a target, by default the number of rows. */
  readonly to?: number | undefined;
  /** Rows from one origin to the next, by default 1. */
  readonly stride?: number | undefined;
}

/** Inputs and targets that a model is trained on. */
export interface Windows {
  /** [n, window, F]: columns become features. */
  readonly x: Tensor<Float32Array>;
  /** [n, horizon]. */
  readonly y: Tensor<Float32Array>;
  /** [n]: window n has rows origin - window .. origin - 1 in x and origin .. origin + horizon - 1 in y. */
  readonly origins: Int32Array;
}

/**
 * Cuts columns of equal length into windows. Targets lie in [from, to), inputs also before: no row is lost between the
 * parts of a split, and no input lies after its target.
 *
 * ```ts
 * const { train } = chronologicalSplit(values.length);
 * const { x, y } = windows([values, temperature], { window: 28, horizon: 7, ...train });
 * ```
 *
 * @throws ShapeError when columns differ in length.
 * @throws OptionError also when there are too few rows for one window.
 * @throws OutOfMemoryError
 */
export function windows(columns: readonly ArrayLike<number>[], options: WindowOptions): Windows {
  knownOptions("windows", options, ["window", "horizon", "target", "from", "to", "stride"]);
  const rows = rowsOf(columns);
  const target = targetOf(columns, options.target ?? 0);
  const window = positiveInteger("windows", "window", options.window);
  const horizon = positiveInteger("windows", "horizon", options.horizon);
  const origins = originsOf(rows, window, horizon, options);
  const features = columns.length;
  const x = allocate([origins.length, window, features]);
  const y = allocate([origins.length, horizon]);
  for (const [n, column] of [...columns, target].entries()) {
    numbers("windows", n < features ? `column ${n}` : "target", column);
  }
  for (const [n, origin] of origins.entries()) {
    for (const [f, column] of columns.entries()) {
      for (let t = 0; t < window; t++) x[(n * window + t) * features + f] = column[origin - window + t] ?? NaN;
    }
    for (let h = 0; h < horizon; h++) y[n * horizon + h] = target[origin + h] ?? NaN;
  }
  return {
    x: { data: x, shape: [origins.length, window, features] },
    y: { data: y, shape: [origins.length, horizon] },
    origins,
  };
}

function rowsOf(columns: readonly ArrayLike<number>[]): number {
  const rows: unknown = Array.isArray(columns) ? columns[0]?.length : undefined;
  if (typeof rows !== "number") {
    throw new ShapeError(`windows takes an array of columns of numbers, at least one, got ${describe(columns)}.`);
  }
  const other = columns.findIndex((column) => column?.length !== rows);
  if (other < 0) return rows;
  throw new ShapeError(
    `windows needs columns of one length, but column 0 has ${rows} rows and column ${other} has ${columns[other]?.length}.`,
  );
}

function targetOf(columns: readonly ArrayLike<number>[], target: number | ArrayLike<number>): ArrayLike<number> {
  if (typeof target === "number") return columns[integer("windows", "target", target, 0, columns.length - 1)] ?? [];
  const rows = columns[0]?.length;
  if (target?.length === rows) return target;
  throw new ShapeError(`windows needs a target of ${rows} rows like the columns, got ${describe(target)}.`);
}

function originsOf(rows: number, window: number, horizon: number, options: WindowOptions): Int32Array {
  const to = integer("windows", "to", options.to ?? rows, 0, rows);
  const from = integer("windows", "from", options.from ?? 0, 0, to);
  const stride = positiveInteger("windows", "stride", options.stride ?? 1);
  const first = Math.max(from, window);
  const last = to - horizon;
  if (last < first) {
    throw new OptionError(
      `windows needs ${first + horizon - from} rows from row ${from} on for one window of ${window} and a horizon of ${horizon}, ` +
        `got ${to - from}: give more rows or shorten window or horizon.`,
    );
  }
  return Int32Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, n) => first + n * stride);
}

function allocate(shape: readonly number[]): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  try {
    return new Float32Array(count);
  } catch (cause) {
    throw new OutOfMemoryError(
      `Windows of shape [${shape.join(", ")}] need ${count * 4} bytes, which the engine refuses: raise the stride.`,
      { cause },
    );
  }
}
