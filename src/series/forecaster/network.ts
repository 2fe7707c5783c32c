/** The network of a forecaster: LSTM layers over the window, then one Dense that also sees the calendar of the steps to come. */
import { Dense } from "../../layers/dense.ts";
import { Dropout } from "../../layers/dropout.ts";
import { input, type SymbolicTensor } from "../../layers/graph.ts";
import { LSTM } from "../../layers/lstm.ts";
import { Concatenate } from "../../layers/merge.ts";
import { Model } from "../../models/model.ts";
import type { TensorLike } from "../../shape.ts";
import { calendarFeatures } from "../calendar.ts";
import { type Fitted, outputSteps } from "./fitted.ts";
import type { Inputs } from "./samples.ts";

/** Sizes of a network. */
export interface NetworkSizes {
  readonly window: number;
  /** Columns of a window. */
  readonly width: number;
  /** Calendar numbers of a step. */
  readonly parts: number;
  /** Steps that one run gives. */
  readonly steps: number;
}

/** The sizes that what was fitted asks for. */
export function sizesOf(fitted: Omit<Fitted, "series">): NetworkSizes {
  const { window, features, calendar, holidays } = fitted;
  const parts = calendarFeatures([], calendar, { holidays }).names.length;
  return { window, width: 1 + features.length + parts, parts, steps: outputSteps(fitted) };
}

/** window [n, window, width] -> LSTMs -> last output, calendar [n, steps * parts] -> Dense -> [n, steps]. */
export function buildNetwork(
  sizes: NetworkSizes,
  options: { readonly units: readonly number[]; readonly dropout: number; readonly seed: number },
): Model {
  const { units, dropout, seed } = options;
  const window = input({ shape: [sizes.window, sizes.width], name: "window" });
  let states: SymbolicTensor = window;
  for (const [i, size] of units.entries()) {
    states = new LSTM({ units: size, returnSequences: i < units.length - 1 }).apply(states);
  }
  if (dropout > 0) states = new Dropout({ rate: dropout }).apply(states);
  const dense = new Dense({ units: sizes.steps, name: "forecast" });
  if (sizes.parts === 0) return new Model({ inputs: window, outputs: dense.apply(states), seed });
  const calendar = input({ shape: [sizes.steps * sizes.parts], name: "calendar" });
  const outputs = dense.apply(new Concatenate().apply([states, calendar]));
  return new Model({ inputs: [window, calendar], outputs, seed });
}

/** Arrays in the order of the network's inputs. */
export function arraysOf({ window, calendar }: Inputs): TensorLike | readonly TensorLike[] {
  return calendar === undefined ? window : [window, calendar];
}
