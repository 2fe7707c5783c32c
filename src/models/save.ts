/** From a model to the bytes of its file. */
import { OptionError } from "../errors.ts";
import { type WritableTensor, writeSafetensors } from "../io/safetensors.ts";
import type { SymbolicTensor } from "../layers/graph.ts";
import { CustomLoss } from "../losses/custom.ts";
import { CustomMetric } from "../metrics/custom.ts";
import { flag, knownOptions } from "../options.ts";
import type { Compiled } from "../training/compile.ts";
import type { Progress } from "../training/trainable.ts";
import {
  METADATA,
  type SavedCompile,
  type SavedModel,
  type SavedTensor,
  type SavedTraining,
  SUMS,
  VERSION,
} from "./file.ts";
import type { Graph } from "./graph.ts";
import type { Network } from "./network.ts";

/** Options of `save`. */
export interface SaveOptions {
  /** Also what training needs to go on with the same bits: optimizer, random state, epoch and position. By default false. */
  readonly optimizer?: boolean | undefined;
  /** More entries of the file's metadata, as texts by name. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** A model with what it knows of its training. */
interface Saved extends Network<unknown> {
  readonly progress: Progress;
  readonly hasList: boolean;
}

/** The whole file. Throws OptionError for a training that depends on a function. */
export function saveModel(model: Saved, options: SaveOptions, compiled: Compiled | undefined): Uint8Array {
  const owner = `${model.label}.save`;
  knownOptions(owner, options, ["optimizer", "metadata"]);
  const withOptimizer = flag(owner, "optimizer", options.optimizer ?? false);
  const { metadata = {} } = options;
  if (METADATA in metadata)
    throw new OptionError(`${owner} writes the metadata "${METADATA}" itself: choose another name.`);
  const tensors: WritableTensor[] = Object.entries(model.getWeights()).map(([name, { data, shape }]) => ({
    name,
    data,
    shape,
  }));
  const training = withOptimizer ? trainingOf(model, owner, compiled, tensors) : null;
  const { graph } = model;
  const layers = [...new Set(graph.steps.map(({ layer }) => layer))];
  const config: SavedModel = {
    version: VERSION,
    kind: model.kind as SavedModel["kind"],
    name: model.name,
    seed: model.seed,
    numerics: model.requireUsable().info.numerics,
    layers: layers.map((layer) => ({ kind: layer.kind, config: layer.config() })),
    inputs: graph.inputs.map(({ node, shape, dtype }) => ({ name: node.name, shape: shape.slice(1), dtype })),
    steps: graph.steps.map(({ layer, inputs }) => ({
      layer: layers.indexOf(layer),
      inputs: inputs.map(({ symbol }) => savedTensor(graph, symbol)),
    })),
    outputs: graph.outputs.map(({ symbol }) => savedTensor(graph, symbol)),
    hasList: model.hasList,
    compile: compiled === undefined ? null : compileOf(compiled),
    training,
  };
  return writeSafetensors(tensors, { ...metadata, [METADATA]: JSON.stringify(config) });
}

function savedTensor(graph: Graph, symbol: SymbolicTensor): SavedTensor {
  const input = graph.inputs.indexOf(symbol);
  if (input >= 0) return [-1 - input, 0];
  const step = graph.steps.findIndex(({ outputs }) => outputs.some((value) => value.symbol === symbol));
  return [step, symbol.node.outputs.indexOf(symbol)];
}

/** Null where a function takes part: it is to be compiled again after loading. */
function compileOf({ optimizer, objective, onNonFinite }: Compiled): SavedCompile | null {
  const { aims } = objective;
  if (
    aims.some((aim) => aim?.loss instanceof CustomLoss || aim?.metrics.some((metric) => metric instanceof CustomMetric))
  ) {
    return null;
  }
  return {
    optimizer: { ...optimizer.config(), name: optimizer.name },
    loss: aims.map((aim) => (aim === undefined ? null : { ...aim.loss.config(), name: aim.loss.name })),
    lossWeights: aims.map((aim) => aim?.lossWeight ?? 1),
    metrics: aims.map((aim) => (aim?.metrics ?? []).map((metric) => ({ kind: metric.kind, ...metric.config() }))),
    onNonFinite,
  };
}

function trainingOf(
  model: Saved,
  owner: string,
  compiled: Compiled | undefined,
  tensors: WritableTensor[],
): SavedTraining {
  if (compiled === undefined) throw new OptionError(`${owner} with optimizer: true needs a model that was compiled.`);
  if (compileOf(compiled) === null) {
    throw new OptionError(
      `${owner} with optimizer: true needs losses and metrics with names: functions cannot be saved.`,
    );
  }
  const { sums, ...progress } = model.progress;
  tensors.push({ name: SUMS, shape: [sums.flat().length], data: Float64Array.from(sums.flat()) });
  const state = compiled.optimizer.stateOf(model);
  const { parameters } = model.ready();
  for (const { name: moment, address } of state?.moments ?? []) {
    for (const [name, { data, shape }] of Object.entries(parameters.read(address))) {
      tensors.push({ name: `optimizer.${moment}.${name}`, data, shape });
    }
  }
  return {
    progress: { ...progress, sums: sums.map(({ length }) => length) },
    optimizer:
      (state && {
        iterations: state.iterations,
        powers: state.powers,
        moments: state.moments.map(({ name }) => name),
      }) ||
      null,
  };
}
