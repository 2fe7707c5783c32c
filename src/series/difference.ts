import { OptionError, ShapeError } from "../errors.ts";
import { knownOptions, numbers, positiveInteger } from "../options.ts";

/** Options of `difference` and `undifference`. */
export interface DifferenceOptions {
  /** Rows between the two values, by default 1; the season takes the season out. */
  readonly lag?: number | undefined;
  /** How often differences are taken, by default 1. */
  readonly order?: number | undefined;
}

/**
 * x_t - x_(t - lag), `order` times: lag order rows fewer than there were.
 *
 * @throws OptionError also when there are no more than lag order values.
 */
export function difference(values: ArrayLike<number>, options: DifferenceOptions = {}): Float64Array {
  const [lag, order] = read("difference", options);
  numbers("difference", "its values", values);
  if (values.length <= lag * order) {
    throw new OptionError(
      `difference with lag ${lag} and order ${order} needs more than ${lag * order} values, got ${values.length}: lower one of the two.`,
    );
  }
  let result = Float64Array.from(values);
  for (let turn = 0; turn < order; turn++) result = lagged(result, lag);
  return result;
}

/**
 * The inverse of `difference`: `initial`, which are the lag order values before the differences, and after them what the
 * differences lead to. Exact where sums and differences are, as of integers.
 *
 * ```ts
 * undifference(difference(values, { lag: 7 }), values.subarray(0, 7), { lag: 7 }); // values
 * undifference(forecast, values.subarray(-7), { lag: 7 }).subarray(7); // forecasts of differences as forecasts
 * ```
 *
 * @throws OptionError
 * @throws ShapeError when there are not lag order initial values.
 */
export function undifference(
  differences: ArrayLike<number>,
  initial: ArrayLike<number>,
  options: DifferenceOptions = {},
): Float64Array {
  const [lag, order] = read("undifference", options);
  numbers("undifference", "its differences", differences);
  numbers("undifference", "its initial values", initial);
  if (initial.length !== lag * order) {
    throw new ShapeError(
      `undifference with lag ${lag} and order ${order} needs ${lag * order} initial values, got ${initial.length}.`,
    );
  }
  // The values that each level begins with: the differences of those of the level below.
  const heads = [Float64Array.from(initial)];
  for (let level = 1; level < order; level++) heads.push(lagged(heads[level - 1] ?? new Float64Array(), lag));
  let result = Float64Array.from(differences);
  for (const head of heads.reverse()) result = summed(result, head, lag);
  return result;
}

function read(owner: string, options: DifferenceOptions): readonly [lag: number, order: number] {
  knownOptions(owner, options, ["lag", "order"]);
  const { lag = 1, order = 1 } = options;
  return [positiveInteger(owner, "lag", lag), positiveInteger(owner, "order", order)];
}

function lagged(values: Float64Array, lag: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: values.length - lag }, (_, t) => (values[t + lag] ?? NaN) - (values[t] ?? NaN));
}

/** `head`, at least lag values, then each value that is its difference after the one lag rows before. */
function summed(differences: Float64Array, head: Float64Array, lag: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(lag + differences.length);
  result.set(head);
  for (let t = head.length; t < result.length; t++)
    result[t] = (result[t - lag] ?? NaN) + (differences[t - lag] ?? NaN);
  return result;
}
