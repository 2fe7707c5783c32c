/** From the bytes of a file to a model. Nothing in them is trusted: any byte string ends in a model or a FormatError. */
import { requireCore } from "../core/context.ts";
import { FormatError, OptionError, ShapeError, UnsupportedError } from "../errors.ts";
import { readSafetensors } from "../io/safetensors.ts";
import { type SymbolicTensor, symbolOf } from "../layers/graph.ts";
import type { Layer } from "../layers/layer.ts";
import { type LossConfig, resolveLoss } from "../losses/resolve.ts";
import { type MetricConfig, resolveMetric } from "../metrics/resolve.ts";
import { resolveOptimizer } from "../optimizers/resolve.ts";
import { describe } from "../options.ts";
import { METADATA, MOST, type SavedCompile, type SavedLayer, type SavedModel } from "./file.ts";
import { Model } from "./model.ts";
import { readConfig } from "./read-config.ts";
import { LAYERS, WRAPPERS } from "./registry.ts";
import { restoreTraining, tensorsOf } from "./restore.ts";
import { Sequential } from "./sequential.ts";

/**
 * The model of a file from `save`, weights included; with the optimizer, training goes on with `fit` where it was. Throws
 * FormatError for anything else, OutOfMemoryError, StateError before `init`; nothing is held in the core then.
 *
 * ```ts
 * const model = load(await readFile("model.safetensors")) as Sequential;
 * ```
 */
export function load(bytes: Uint8Array): Sequential | Model {
  requireCore();
  const file = readSafetensors(bytes);
  const text = file.metadata.get(METADATA);
  if (text === undefined) {
    throw new FormatError(
      `load() needs a file that model.save() wrote, got safetensors without the metadata "${METADATA}".`,
    );
  }
  const saved = readConfig(text);
  const model = modelOf(saved);
  try {
    // All weights are found before any memory is asked for, so that a file can only claim what it holds.
    const weights = tensorsOf(model.weightShapes(), file, (name) => name);
    model.setWeights(weights);
    if (saved.compile !== null) compileAs(model, saved.compile);
    if (saved.training !== null) restoreTraining(model, saved.training, file);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** What `make` gives; what it refuses becomes a FormatError that says where in the file it stands. */
export function at<Result>(place: string, make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    const isRefusal = cause instanceof OptionError || cause instanceof ShapeError || cause instanceof UnsupportedError;
    if (!isRefusal) throw cause;
    throw new FormatError(`${METADATA}.${place} is refused: ${cause.message}`, { cause });
  }
}

function modelOf(saved: SavedModel): Sequential | Model {
  const layers: Layer[] = [];
  for (const [i, layer] of saved.layers.entries()) layers.push(layerOf(layer, `layers[${i}]`, layers));
  const model = saved.kind === "Sequential" ? chainOf(saved, layers) : graphOf(saved, layers);
  const { values, steps } = model.graph;
  if (steps.length !== saved.steps.length) {
    throw new FormatError(`${METADATA}.outputs need ${steps.length} of the ${saved.steps.length} steps.`);
  }
  const wide = values.find(({ width }) => width > MOST.size);
  if (wide !== undefined) {
    throw new FormatError(`${METADATA}.steps make ${wide.width} features: there may be ${MOST.size}.`);
  }
  return model;
}

/** A layer, without its input size: the graph tells it, and nothing is allocated before the weights are seen. */
function layerOf({ kind, config }: SavedLayer, place: string, before: readonly Layer[]): Layer {
  const Class = LAYERS.get(kind);
  if (Class === undefined) {
    const kinds = [...LAYERS.keys()].join(", ");
    throw new FormatError(`${METADATA}.${place} is of the kind ${describe(kind)}: there are ${kinds}.`);
  }
  const options = WRAPPERS.has(kind) ? { ...config, layer: before[Number(config.layer ?? -1)] } : config;
  return at(place, () => new Class(options as never));
}

/** A chain uses each layer's output for the next one; a layer may come twice. */
function chainOf(saved: SavedModel, layers: readonly Layer[]): Sequential {
  const { name, seed, inputs, steps, outputs } = saved;
  const isChain = steps.every((step, i) => `${step.inputs}` === `${i - 1},0`);
  const [input] = inputs;
  if (
    input === undefined ||
    inputs.length > 1 ||
    `${outputs}` !== `${steps.length - 1},0` ||
    !isChain ||
    saved.hasList
  ) {
    throw new FormatError(`${METADATA} is no chain from one input to one output, as a Sequential is.`);
  }
  const chain = steps.map(({ layer }) => layers[layer] as Layer);
  const model = at("steps", () => new Sequential(chain, { name, seed, inputShape: input.shape }));
  const [{ node, dtype } = { node: undefined, dtype: undefined }] = model.graph.inputs;
  if (node?.name === input.name && dtype === input.dtype) return model;
  throw new FormatError(`${METADATA}.inputs[0] must be ${describe(node?.name)} of ${dtype}.`);
}

function graphOf(saved: SavedModel, layers: readonly Layer[]): Model {
  const { name, seed, hasList } = saved;
  const inputs = saved.inputs.map((input, i) => {
    return at(`inputs[${i}]`, () => symbolOf("load()", input.shape, input.dtype, input.name));
  });
  const results: (readonly SymbolicTensor[])[] = [];
  const symbolAt = (place: string, step: number, output: number): SymbolicTensor => {
    const symbol = step < 0 ? inputs[-1 - step] : results[step]?.[output];
    if (symbol !== undefined) return symbol;
    throw new FormatError(`${METADATA}.${place} has no output ${output} of step ${step}.`);
  };
  for (const [i, step] of saved.steps.entries()) {
    const place = `steps[${i}]`;
    const symbols = step.inputs.map(([from, output]) => symbolAt(place, from, output));
    results.push(at(place, () => (layers[step.layer] as Layer).connect(symbols)));
  }
  const outputs = saved.outputs.map(([step, output], i) => symbolAt(`outputs[${i}]`, step, output));
  if (!hasList && outputs.length !== 1) {
    throw new FormatError(`${METADATA}.hasList must be true for ${outputs.length} outputs.`);
  }
  const tokens = outputs.findIndex(({ dtype }) => dtype !== "float32");
  if (tokens >= 0) throw new FormatError(`${METADATA}.outputs[${tokens}] must be numbers, got token ids.`);
  return at(
    "steps",
    () => new Model({ name, seed, inputs, outputs: hasList ? outputs : (outputs[0] as SymbolicTensor) }),
  );
}

function compileAs(model: Sequential | Model, saved: SavedCompile): void {
  const { loss, lossWeights, metrics, onNonFinite } = saved;
  const context = { loss: "", targets: "values", features: 1 } as const;
  const optimizer = at("compile.optimizer", () => resolveOptimizer("load()", saved.optimizer));
  const losses = loss.map((one, i) => {
    return one && at(`compile.loss[${i}]`, () => resolveLoss("load()", one as unknown as LossConfig));
  });
  const lists = metrics.map((list, i) => {
    return list.map((metric, k) =>
      at(`compile.metrics[${i}][${k}]`, () => resolveMetric("load()", metric as unknown as MetricConfig, context)),
    );
  });
  at("compile", () => model.compile({ optimizer, loss: losses, lossWeights, metrics: lists, onNonFinite }));
}
