/** From the bytes of a file to a model. Nothing in them is trusted: any byte string ends in a model or a FormatError. */
import { FormatError, OptionError, ShapeError, UnsupportedError } from "../errors.ts";
import { ConfigReader } from "../io/config.ts";
import { toFloat32, toFloat64 } from "../io/decode.ts";
import { readSafetensors, type Safetensors } from "../io/safetensors.ts";
import { type SymbolicTensor, symbolOf } from "../layers/graph.ts";
import type { Layer } from "../layers/layer.ts";
import { TimeDistributed } from "../layers/time-distributed.ts";
import type { LossLike } from "../losses/resolve.ts";
import type { MetricLike } from "../metrics/resolve.ts";
import type { OptimizerLike } from "../optimizers/resolve.ts";
import { formatShape, type NamedTensors, sameShape } from "../shape.ts";
import { METADATA, SUMS, VERSION } from "./file.ts";
import { Model } from "./model.ts";
import { LAYERS } from "./registry.ts";
import { Sequential } from "./sequential.ts";

const OWNER = "load()";
const NAME = `the metadata "${METADATA}"`;

/**
 * The model of a file from `save`, weights included; with the optimizer, training goes on with `fit` where it was. Throws
 * FormatError for anything else, OutOfMemoryError, StateError before `init`.
 *
 * ```ts
 * const model = load(await readFile("model.safetensors")) as Sequential;
 * ```
 */
export function load(bytes: Uint8Array): Sequential | Model {
  const file = readSafetensors(bytes);
  const text = file.metadata.get(METADATA);
  if (text === undefined) {
    throw new FormatError(`${OWNER} needs a file that model.save() wrote, got safetensors without ${NAME}.`);
  }
  const config = ConfigReader.parse(text, METADATA).object();
  const version = config.get("version").integer(1);
  if (version > VERSION) {
    throw new FormatError(`The file has version ${version}, this gatefold reads ${VERSION}: update gatefold.`);
  }
  let model: Sequential | Model | undefined;
  try {
    model = modelOf(config);
    model.setWeights(weightsOf(model, file));
    compileAs(model, config.get("compile"));
    restoreTraining(model, config.get("training"), file);
    return model;
  } catch (cause) {
    model?.dispose();
    if (!(cause instanceof OptionError || cause instanceof ShapeError || cause instanceof UnsupportedError))
      throw cause;
    throw new FormatError(`The file's configuration is not that of a model: ${cause.message}`, { cause });
  }
}

function modelOf(config: ConfigReader): Sequential | Model {
  const kind = config.get("kind").oneOf(["Sequential", "Model"]);
  const options = { name: config.get("name").string(), seed: config.get("seed").integer(0) };
  const layers = config
    .get("layers")
    .array()
    .map((layer) => layerOf(layer));
  const inputs = config.get("inputs").array();
  const shapes = inputs.map((input) => {
    return input
      .get("shape")
      .array(3)
      .map((size) => (size.isNull ? null : size.positiveInteger()));
  });
  if (kind === "Sequential")
    return new Sequential(chainOf(config, layers), { ...options, inputShape: shapes[0] ?? [] });
  const symbols = inputs.map((input, i) => {
    const dtype = input.get("dtype").oneOf(["float32", "int32"]);
    return symbolOf(OWNER, shapes[i] ?? [], dtype, input.get("name").string());
  });
  const outputs = graphOf(config, layers, symbols);
  const hasList = config.get("hasList").boolean();
  return new Model({ ...options, inputs: symbols, outputs: hasList ? outputs : (outputs[0] as SymbolicTensor) });
}

/** A layer, without its input size: the graph tells it, and nothing is allocated before the weights are seen. */
function layerOf(saved: ConfigReader): Layer {
  const kind = saved.get("kind").oneOf([...LAYERS.keys()]);
  const Class = LAYERS.get(kind) as new (options: object) => Layer;
  const config = saved.get("config").object();
  if (kind === "TimeDistributed") {
    return new TimeDistributed({ name: config.get("name").string(), layer: layerOf(config.get("layer")) });
  }
  const options = Object.fromEntries(Object.entries(config.plain() as object).filter(([name]) => name !== "inputSize"));
  return new Class(options);
}

/** A chain uses each layer's output for the next one; a layer may come twice. */
function chainOf(config: ConfigReader, layers: readonly Layer[]): readonly Layer[] {
  return config
    .get("steps")
    .array()
    .map((step, i) => {
      const [[from, output] = []] = step
        .get("inputs")
        .array(1)
        .map((tensor) => pairOf(tensor));
      if (from !== (i === 0 ? -1 : i - 1) || output !== 0) step.fail("the next step of a chain");
      return layerAt(step, layers);
    });
}

function graphOf(
  config: ConfigReader,
  layers: readonly Layer[],
  inputs: readonly SymbolicTensor[],
): readonly SymbolicTensor[] {
  const results: (readonly SymbolicTensor[])[] = [];
  const symbolAt = (tensor: ConfigReader): SymbolicTensor => {
    const [step = 0, output = 0] = pairOf(tensor);
    const symbol = step < 0 ? inputs[-1 - step] : results[step]?.[output];
    return symbol ?? tensor.fail("a tensor of an earlier step");
  };
  for (const step of config.get("steps").array()) {
    results.push(layerAt(step, layers).connect(step.get("inputs").array().map(symbolAt)));
  }
  return config.get("outputs").array().map(symbolAt);
}

function pairOf(tensor: ConfigReader): readonly number[] {
  const pair = tensor.array(2).map((number) => number.integer());
  return pair.length === 2 ? pair : tensor.fail("a step and the number of its output");
}

function layerAt(step: ConfigReader, layers: readonly Layer[]): Layer {
  return layers[step.get("layer").integer(0)] ?? step.get("layer").fail(`one of the ${layers.length} layers`);
}

/** Before any memory is asked for, so that a file can only claim what it holds. */
function weightsOf(model: Sequential | Model, { tensors }: Safetensors): NamedTensors {
  const weights: NamedTensors = {};
  for (const [name, shape] of model.weightShapes()) weights[name] = tensorOf(name, shape, tensors);
  return weights;
}

function tensorOf(name: string, shape: readonly number[], tensors: Safetensors["tensors"]): NamedTensors[string] {
  const stored = tensors.get(name);
  if (stored === undefined) throw new FormatError(`The file needs a tensor "${name}" ${formatShape(shape)}, got none.`);
  if (!sameShape(stored.shape, shape)) {
    throw new FormatError(
      `The file needs the tensor "${name}" in the shape ${formatShape(shape)}, got ${formatShape(stored.shape)}.`,
    );
  }
  return { data: toFloat32(stored), shape };
}

function compileAs(model: Sequential | Model, saved: ConfigReader): void {
  if (saved.isNull) return;
  saved.object(["optimizer", "loss", "lossWeights", "metrics", "onNonFinite"]);
  const one = (value: ConfigReader) => value.object().plain();
  model.compile({
    optimizer: one(saved.get("optimizer")) as OptimizerLike,
    loss: saved
      .get("loss")
      .array()
      .map((loss) => (loss.isNull ? null : one(loss))) as (LossLike | null)[],
    lossWeights: saved
      .get("lossWeights")
      .array()
      .map((weight) => weight.number()),
    metrics: saved
      .get("metrics")
      .array()
      .map((list) => list.array().map(one)) as unknown as MetricLike[][],
    onNonFinite: saved.get("onNonFinite").oneOf(["throw", "skip", "ignore"] as const),
  });
}

function restoreTraining(model: Sequential | Model, saved: ConfigReader, { tensors }: Safetensors): void {
  if (saved.isNull) return;
  const progress = saved.get("progress").object();
  const sums = tensors.get(SUMS);
  const values = sums === undefined ? [] : [...toFloat64(sums)];
  const lengths = progress
    .get("sums")
    .array()
    .map((length) => length.integer(0, values.length));
  if (lengths.reduce((sum, length) => sum + length, 0) !== values.length)
    progress.get("sums").fail("the lengths of the sums");
  const count = (name: string) => progress.get(name).integer(0);
  Object.assign(model.progress, {
    ...{ epoch: count("epoch"), trainedEpochs: count("trainedEpochs"), position: count("position") },
    ...{ batches: count("batches"), steps: count("steps") },
    sums: lengths.map((length) => values.splice(0, length)),
  });
  const state = saved.get("optimizer");
  if (state.isNull) return;
  const powers = state
    .get("powers")
    .array(64)
    .map((power) => power.number());
  const iterations = state.get("iterations").integer(0);
  const names = state
    .get("moments")
    .array(64)
    .map((name) => name.string());
  const shapes = [...model.weightShapes()];
  const moments = names.map((moment) => {
    return Object.fromEntries(
      shapes.map(([name, shape]) => [name, tensorOf(`optimizer.${moment}.${name}`, shape, tensors)]),
    );
  });
  const { optimizer } = model;
  const places = optimizer.restore(model, { iterations, powers });
  if (places.length !== names.length || places.some(({ name }, i) => name !== names[i])) {
    state.get("moments").fail(`the moments of the optimizer, ${places.map(({ name }) => name).join(", ")}`);
  }
  for (const [i, { address }] of places.entries()) model.ready().parameters.write(address, moments[i] ?? {});
}
