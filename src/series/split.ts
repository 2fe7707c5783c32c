import { OptionError } from "../errors.ts";
import { integer, knownOptions, positiveInteger, refuse } from "../options.ts";

/** Rows from..to - 1. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Options of `chronologicalSplit`: each a share of the rows below 1, or a number of rows. */
export interface SplitOptions {
  /** Rows that stop the training, by default 0.05. */
  readonly validation?: number | undefined;
  /** Rows whose errors make the intervals of forecasts, by default 0.15. */
  readonly calibration?: number | undefined;
  /** Rows that nothing is learned from, by default 0.15. */
  readonly test?: number | undefined;
}

/** The parts of a series, one after the other. */
export interface Split {
  readonly train: Span;
  readonly validation: Span;
  readonly calibration: Span;
  readonly test: Span;
}

/**
 * Splits `rows` rows in time, the training rows first and the test rows last: no part is learned from a later one. Shares
 * are rounded to rows, one above 0 to at least one; 0 leaves a part empty.
 *
 * @throws OptionError also when no row is left to train on.
 */
export function chronologicalSplit(rows: number, options: SplitOptions = {}): Split {
  const owner = "chronologicalSplit";
  integer(owner, "rows", rows, 0);
  knownOptions(owner, options, ["validation", "calibration", "test"]);
  const { validation = 0.05, calibration = 0.15, test = 0.15 } = options;
  const parts = Object.entries({ validation, calibration, test }).map(([name, part]) =>
    rowsOf(owner, name, part, rows),
  );
  const [validationRows = 0, calibrationRows = 0, testRows = 0] = parts;
  const left = rows - validationRows - calibrationRows - testRows;
  if (left < 1) {
    throw new OptionError(
      `${owner} needs a row to train on, but validation, calibration and test take ${rows - left} of ${rows}: lower one of them.`,
    );
  }
  const afterValidation = left + validationRows;
  const afterCalibration = afterValidation + calibrationRows;
  return {
    train: { from: 0, to: left },
    validation: { from: left, to: afterValidation },
    calibration: { from: afterValidation, to: afterCalibration },
    test: { from: afterCalibration, to: rows },
  };
}

function rowsOf(owner: string, name: string, part: unknown, rows: number): number {
  if (typeof part === "number" && part > 0 && part < 1) return Math.max(1, Math.round(part * rows));
  if (Number.isSafeInteger(part) && (part as number) >= 0) return part as number;
  return refuse(owner, name, "a share from 0 to below 1 or a number of rows", part);
}

/** Options of `rollingOrigins`. */
export interface OriginOptions {
  /** The first origin: the first row that is forecast. */
  readonly from: number;
  /** One past the last row that is forecast. */
  readonly to: number;
  /** Rows that are forecast from each origin on, by default 1. */
  readonly horizon?: number | undefined;
  /** Rows from one origin to the next, by default 1. */
  readonly stride?: number | undefined;
}

/**
 * Origins from, from + stride, ... whose rows origin..origin + horizon - 1 lie before `to`.
 *
 * @throws OptionError also when there is none.
 */
export function rollingOrigins(options: OriginOptions): Int32Array {
  const owner = "rollingOrigins";
  knownOptions(owner, options, ["from", "to", "horizon", "stride"]);
  const from = integer(owner, "from", options.from, 0, 2147483647);
  const to = integer(owner, "to", options.to, 0, 2147483647);
  const horizon = positiveInteger(owner, "horizon", options.horizon ?? 1);
  const stride = positiveInteger(owner, "stride", options.stride ?? 1);
  if (to - from < horizon) {
    throw new OptionError(
      `${owner} needs at least ${horizon} rows for the horizon, got ${to - from} from ${from} to ${to}: shorten it.`,
    );
  }
  return Int32Array.from({ length: Math.floor((to - horizon - from) / stride) + 1 }, (_, n) => from + n * stride);
}
