import { OptionError } from "../../errors.ts";
import { describe, numbers, positiveInteger, refuse } from "../../options.ts";

/**
 * Forecasts of origins: [origins, horizon] by rows, of which row n are those of values[origin] .. values[origin +
 * horizon - 1], made of values[0] .. values[origin - 1] alone.
 */
export type Forecast = (
  values: Float64Array,
  origins: ArrayLike<number>,
  horizon: number,
) => Float64Array | Promise<Float64Array>;

/** A forecast that a model has to beat. */
export interface Baseline {
  readonly name: string;
  /**
   * Forecasts of each origin, 1 .. values.length, from the values before it.
   *
   * @throws OptionError when an origin has too few values before it.
   */
  readonly forecast: Forecast;
}

/** A baseline that computes at once. */
export interface ImmediateBaseline extends Baseline {
  readonly forecast: (values: Float64Array, origins: ArrayLike<number>, horizon: number) => Float64Array;
}

/** A baseline that needs `least` values before an origin. @internal */
export function stepwise(
  name: string,
  least: number,
  prepare: (values: Float64Array, origin: number) => (step: number) => number,
): ImmediateBaseline {
  return {
    name,
    forecast: (values, origins, horizon) => {
      requireOrigins(name, values, origins, horizon, least);
      const result = new Float64Array(origins.length * horizon);
      for (let n = 0; n < origins.length; n++) {
        const at = prepare(values, origins[n] ?? 0);
        for (let step = 0; step < horizon; step++) result[n * horizon + step] = at(step);
      }
      return result;
    },
  };
}

/** Throws OptionError for other arrays of numbers too: their parts are looked at without a copy. @internal */
export function requireValues(owner: string, values: unknown): asserts values is Float64Array {
  if (!(values instanceof Float64Array)) refuse(owner, "values", "a Float64Array", values);
}

/** Throws OptionError unless there is a horizon and each origin has `least` values before it. @internal */
export function requireOrigins(
  owner: string,
  values: Float64Array,
  origins: ArrayLike<number>,
  horizon: number,
  least: number,
): void {
  positiveInteger(owner, "horizon", horizon);
  requireValues(owner, values);
  numbers(owner, "origins", origins);
  for (let n = 0; n < origins.length; n++) {
    const origin = origins[n] ?? NaN;
    if (Number.isSafeInteger(origin) && origin >= least && origin <= values.length) continue;
    throw new OptionError(
      `${owner} forecasts from origins ${least} to ${values.length}, which have ${least} values before them, got ${describe(origin)}.`,
    );
  }
}
