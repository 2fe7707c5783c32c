/** Runs a network over origins of a series, in pieces, so that memory does not grow with their number. */
import { StateError } from "../../errors.ts";
import type { Model } from "../../models/model.ts";
import type { Tensor } from "../../shape.ts";
import { type Fitted, outputSteps } from "./fitted.ts";
import { arraysOf } from "./network.ts";
import type { Samples } from "./samples.ts";

const PIECE = 512;
/** Numbers of the windows of a piece: longer windows make smaller pieces, which change no bit of the result. */
const MOST_NUMBERS = 1_000_000;

/**
 * Forecasts in the scaler's unit [origins, horizon]: level + spread * the network's outputs. Throws StateError for one that is
 * not finite.
 */
export function runNetwork(model: Model, fitted: Fitted, samples: Samples, origins: ArrayLike<number>): Float64Array {
  const { horizon } = fitted;
  const result = new Float64Array(origins.length * horizon);
  const size = Math.max(1, Math.min(PIECE, Math.floor(MOST_NUMBERS / (fitted.window * samples.width))));
  for (let from = 0; from < origins.length; from += size) {
    const piece = Array.prototype.slice.call(origins, from, from + size) as number[];
    const values =
      fitted.strategy === "recursive" ? goOn(model, fitted, samples, piece) : outright(model, fitted, samples, piece);
    result.set(values, from * horizon);
  }
  const at = result.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return result;
  throw new StateError(
    `The forecast from row ${origins[Math.floor(at / horizon)]} (from 0) is ${result[at]}: the rows before it are too far from those trained on, so fit on rows like them.`,
  );
}

/** Every step from its own output. */
function outright(model: Model, fitted: Fitted, samples: Samples, origins: readonly number[]): Float64Array {
  const steps = outputSteps(fitted);
  const levels = samples.levels(origins);
  const { data } = model.predict(arraysOf(samples.inputs(origins)), { batchSize: PIECE }) as Tensor<Float32Array>;
  return Float64Array.from(data, (output, i) => (levels[Math.floor(i / steps)] ?? 0) + samples.spread * output);
}

/** One step, which then counts as known for the next one. */
function goOn(model: Model, fitted: Fitted, samples: Samples, origins: readonly number[]): Float64Array {
  const { horizon, window } = fitted;
  const result = new Float64Array(origins.length * horizon);
  const known = origins.map((origin) => {
    const values = new Float64Array(window + horizon);
    values.set(samples.scaled.subarray(origin - window, origin));
    return values;
  });
  for (let step = 0; step < horizon; step++) {
    const inputs = samples.continuations(origins, known, step);
    const { data } = model.predict(arraysOf(inputs), { batchSize: PIECE }) as Tensor<Float32Array>;
    for (let i = 0; i < origins.length; i++) {
      const values = known[i] as Float64Array;
      const value = samples.levelAt(values, window + step) + samples.spread * (data[i] ?? 0);
      values[window + step] = result[i * horizon + step] = value;
    }
  }
  return result;
}
