import { OptionError } from "../../errors.ts";
import { exp } from "../../math/exp.ts";
import { log } from "../../math/log.ts";
import { finiteNumber, knownOptions } from "../../options.ts";
import { LearnedScaler, type ScalerKind } from "./learned.ts";
import { type Moments, moments } from "./moments.ts";
import type { Scaler } from "./scaler.ts";

/** Options of `logScaler`. */
export interface LogScalerOptions {
  /** Added before the logarithm, in the column's unit, by default 0; with 1 a column may have zeros. */
  readonly offset?: number | undefined;
}

/** @internal */
export function logKind(offset: number): ScalerKind<Moments> {
  return {
    kind: "log",
    owner: "logScaler",
    options: { offset },
    learn: (values) => moments(Float64Array.from(values, (x, row) => logOf(x, offset, row))),
    apply: (x, { mean, deviation }, row) => (logOf(x, offset, row) - mean) / deviation,
    invert: (y, { mean, deviation }) => exp(y * deviation + mean) - offset,
  };
}

/**
 * ln(x + offset), then standardised: for what grows by a share and not by a sum, such as prices. Values that are not above
 * -offset are an OptionError in `fit` and in `transform`.
 *
 * @throws OptionError
 */
export function logScaler(options: LogScalerOptions = {}): Scaler {
  knownOptions("logScaler", options, ["offset"]);
  const { offset = 0 } = options;
  return new LearnedScaler(logKind(finiteNumber("logScaler", "offset", offset, { min: -1e150, max: 1e150 })));
}

/** NaN stays NaN. */
function logOf(x: number, offset: number, row: number): number {
  if (!(x + offset <= 0)) return log(x + offset);
  throw new OptionError(
    `logScaler with offset ${offset} takes values above ${0 - offset}, got ${x} in row ${row} (from 0): raise the offset or take another scaler.`,
  );
}
