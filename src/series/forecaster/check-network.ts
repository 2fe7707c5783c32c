/** Checks that a network is the one that the numbers beside it were made for. */
import { FormatError } from "../../errors.ts";
import type { Model } from "../../models/model.ts";
import { FORECASTER_METADATA } from "./file.ts";
import { type Fitted, outputSteps } from "./fitted.ts";

/** The network's inputs and outputs must be those that the numbers beside it need. */
export function requireNetwork(model: Model, fitted: Fitted): void {
  const { window } = fitted;
  const steps = outputSteps(fitted);
  const [input] = model.inputPorts;
  const [output] = model.outputPorts;
  const fits = input?.shape[1] === window && output?.shape.at(-1) === steps && model.outputPorts.length === 1;
  if (fits) return;
  throw new FormatError(
    `${FORECASTER_METADATA} tells of a window of ${window} and ${steps} steps, which is not what the network takes and gives.`,
  );
}
