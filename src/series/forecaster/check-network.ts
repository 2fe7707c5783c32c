/** Checks that the network of a file is the one that the numbers beside it were made for. */
import { FormatError } from "../../errors.ts";
import { Model } from "../../models/model.ts";
import type { Sequential } from "../../models/sequential.ts";
import { FORECASTER_METADATA } from "./file.ts";
import type { Fitted } from "./fitted.ts";
import { sizesOf } from "./network.ts";

/** The batch first. */
type Shape = readonly (number | null)[];

/** The model, if its inputs and outputs are those that `fitted` asks for. Throws FormatError. */
export function requireNetwork(model: Model | Sequential, fitted: Fitted): Model {
  const { window, width, parts, steps } = sizesOf(fitted);
  const calendar: readonly Shape[] = parts === 0 ? [] : [[null, steps * parts]];
  const wanted = textOf([[null, window, width], ...calendar], [[null, steps]]);
  const { inputPorts, outputPorts } = model;
  const found = textOf(shapesOf(inputPorts), shapesOf(outputPorts));
  const takesNumbers = inputPorts.every(({ dtype }) => dtype === "float32");
  const { isStateful } = model.graph;
  if (model instanceof Model && !model.hasList && !isStateful && takesNumbers && wanted === found) return model;
  const got = `a ${isStateful ? "stateful " : ""}${model.kind} from ${takesNumbers ? "" : "token ids in "}${found}${model.hasList ? ", in a list" : ""}`;
  throw new FormatError(`${FORECASTER_METADATA} needs a Model from ${wanted}, but the file holds ${got}.`);
}

function shapesOf(ports: readonly { readonly shape: Shape }[]): readonly Shape[] {
  return ports.map(({ shape }) => shape);
}

/** "[n, 28, 10] and [n, 63] to [n, 7]" */
function textOf(inputs: readonly Shape[], outputs: readonly Shape[]): string {
  const list = (shapes: readonly Shape[]) => shapes.map((shape) => `[n, ${shape.slice(1).join(", ")}]`).join(" and ");
  return `${list(inputs)} to ${list(outputs)}`;
}
