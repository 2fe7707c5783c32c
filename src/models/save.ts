/** From a model to the bytes of its file. */
import { FormatError, OptionError, UnsupportedError } from "../errors.ts";
import { requireSmall } from "../io/config.ts";
import { type WritableTensor, writeSafetensors } from "../io/safetensors.ts";
import type { Layer } from "../layers/layer.ts";
import { flag, knownOptions, refuse } from "../options.ts";
import type { NamedTensors } from "../shape.ts";
import type { Compiled } from "../training/compile.ts";
import type { Progress } from "../training/trainable.ts";
import {
  METADATA,
  MOST,
  type Named,
  type Options,
  type SavedCompile,
  type SavedLayer,
  type SavedModel,
  type SavedTensor,
  type SavedTraining,
  TENSORS,
  VERSION,
} from "./file.ts";
import type { Graph } from "./graph.ts";
import type { Network } from "./network.ts";

/** Options of `save`. */
export interface SaveOptions {
  /** Also what training needs to go on with the same bits, see docs/model-file.md; by default false. */
  readonly optimizer?: boolean | undefined;
  /** More entries of the file's metadata, as texts by name. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** A model with what it knows of its training. */
interface Saved extends Network<unknown> {
  readonly progress: Progress;
  readonly hasList: boolean;
}

/**
 * The whole file. Throws OptionError for what `load` would not read: a training that depends on a function, more layers
 * than files may have.
 */
export function saveModel(model: Saved, options: SaveOptions, compiled: Compiled | undefined): Uint8Array {
  const owner = `${model.label}.save`;
  knownOptions(owner, options, ["optimizer", "metadata"]);
  const withOptimizer = flag(owner, "optimizer", options.optimizer ?? false);
  const { metadata = {} } = options;
  if (typeof metadata !== "object" || metadata === null) refuse(owner, "metadata", "an object of strings", metadata);
  if (Object.hasOwn(metadata, METADATA)) {
    throw new OptionError(`${owner} writes the metadata "${METADATA}" itself: choose another name.`);
  }
  const tensors: WritableTensor[] = [];
  add(tensors, model.getWeights(), (weight) => weight);
  const training = withOptimizer ? trainingOf(model, owner, compiled, tensors) : null;
  const config = { ...configOf(model, compiled), training };
  const text = JSON.stringify(config);
  try {
    requireReadable(config, text);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new OptionError(`${owner} cannot make a file of this model: ${cause.message}`, { cause });
  }
  return writeSafetensors(tensors, { ...metadata, [METADATA]: text });
}

/** What a model can have too much of; all else that `load` refuses no model has. Throws FormatError. */
function requireReadable({ name, layers, inputs, steps, outputs, compile }: SavedModel, text: string): void {
  const metrics = compile?.metrics.flat() ?? [];
  const sum = (counts: readonly unknown[]) => counts.reduce((total: number, count) => total + Number(count ?? 0), 0);
  const named = [{ name }, ...layers.map(({ config }) => config), ...inputs, ...metrics];
  const longest = named.reduce((most, one) => Math.max(most, String(one.name ?? "").length), 0);
  for (const [what, count, most] of [
    ["layers", layers.length, MOST.layers],
    ["steps", steps.length, MOST.layers],
    ["inputs of steps", sum(steps.map((step) => step.inputs.length)), MOST.connections],
    ["inputs", inputs.length, MOST.ports],
    ["outputs", outputs.length, MOST.ports],
    ["metrics", metrics.length, MOST.metrics],
    ["thresholds", sum(metrics.map(({ thresholds }) => thresholds)), MOST.thresholds],
    ["characters in a name", longest, MOST.name],
  ] as const) {
    if (count > most) throw new FormatError(`it has ${count} ${what}, files have at most ${most}.`);
  }
  requireSmall(text, METADATA);
}

function configOf(model: Saved, compiled: Compiled | undefined): Omit<SavedModel, "training"> {
  const { graph } = model;
  const layers = layersOf(graph);
  const numbers = new Map([...layers].map((layer, i) => [layer, i]));
  const tensorOf = tensorsIn(graph);
  return {
    version: VERSION,
    kind: model.kind as SavedModel["kind"],
    name: model.name,
    seed: model.seed,
    numerics: model.requireUsable().info.numerics,
    layers: [...layers].map((layer) => savedLayer(layer, numbers)),
    inputs: graph.inputs.map(({ node, shape, dtype }) => ({ name: node.name, shape: shape.slice(1), dtype })),
    steps: graph.steps.map(({ layer, inputs }) => ({
      layer: numbers.get(layer) ?? -1,
      inputs: inputs.map(({ symbol }) => tensorOf(symbol)),
    })),
    outputs: graph.outputs.map(({ symbol }) => tensorOf(symbol)),
    hasList: model.hasList,
    compile: (compiled && compileOf(compiled)) ?? null,
  };
}

/** In the order of their first use; those inside of others stand before them. */
function layersOf({ steps }: Graph): ReadonlySet<Layer> {
  return new Set(steps.flatMap(({ layer }) => [...[...layer.inner].reverse(), layer]));
}

/** Without the input size, which the shapes of the weights tell: a layer that knows it would make room before it has seen them. */
function savedLayer(layer: Layer, numbers: ReadonlyMap<Layer, number>): SavedLayer {
  const { inputSize: _, ...config } = layer.config();
  const [inner] = layer.inner;
  const number = inner && { layer: numbers.get(inner) ?? -1 };
  return { kind: layer.kind, config: { ...(config as Options), ...number, name: layer.name } };
}

function tensorsIn({ inputs, steps }: Graph): (symbol: Graph["inputs"][number]) => SavedTensor {
  const places = new Map<unknown, SavedTensor>(inputs.map((input, i) => [input, [-1 - i, 0]]));
  for (const { index, outputs } of steps) {
    for (const [output, { symbol }] of outputs.entries()) places.set(symbol, [index, output]);
  }
  return (symbol) => places.get(symbol) ?? [0, 0];
}

/** Undefined where a function takes part: it is to be compiled again after loading. */
function compileOf({ optimizer, objective, onNonFinite }: Compiled): SavedCompile | undefined {
  const { aims } = objective;
  if (!optimizer.isNamed) return undefined;
  const named = { ...optimizer.config(), name: optimizer.name } as Named;
  try {
    return {
      optimizer: named,
      loss: aims.map((aim) => (aim === undefined ? null : { ...(aim.loss.config() as Options), name: aim.loss.name })),
      lossWeights: aims.map((aim) => aim?.lossWeight ?? 1),
      metrics: aims.map((aim) => {
        return (aim?.metrics ?? []).map((metric) => ({ kind: metric.kind, ...(metric.config() as Options) }));
      }),
      onNonFinite,
    };
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

function trainingOf(
  model: Saved,
  owner: string,
  compiled: Compiled | undefined,
  tensors: WritableTensor[],
): SavedTraining {
  if (compiled === undefined) throw new OptionError(`${owner} with optimizer: true needs a model that was compiled.`);
  if (compileOf(compiled) === undefined) {
    throw new OptionError(
      `${owner} with optimizer: true needs losses, metrics and schedules with names: functions and classes of your own cannot be saved.`,
    );
  }
  const { sums, ...progress } = model.progress;
  tensors.push({ name: TENSORS.sums, shape: [sums.flat().length], data: Float64Array.from(sums.flat()) });
  const { parameters, runner } = model.ready();
  const { gradients = 0 } = parameters.block ?? {};
  if (progress.waiting > 0) add(tensors, parameters.read(gradients), TENSORS.gradient);
  const { rows, states } = runner.states.read(model.requireUsable());
  add(tensors, states, (name) => name);
  const state = compiled.optimizer.stateOf(model);
  for (const { name: moment, address } of state?.moments ?? []) {
    add(tensors, parameters.read(address), (weight) => TENSORS.moment(moment, weight));
  }
  const optimizer = state && {
    ...{ iterations: state.iterations, powers: state.powers },
    moments: state.moments.map(({ name }) => name),
  };
  return { progress: { ...progress, sums: sums.map(({ length }) => length) }, rows, optimizer: optimizer ?? null };
}

function add(tensors: WritableTensor[], named: NamedTensors, rename: (name: string) => string): void {
  for (const [name, { data, shape }] of Object.entries(named)) tensors.push({ name: rename(name), data, shape });
}
