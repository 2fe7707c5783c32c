/** Float64 twin of whole graphs: every symbolic tensor as batch-first arrays, each layer by test/reference, no rows packed. */
import type { Model, Sequential } from "../../src/index.ts";
import { Activation } from "../../src/layers/activation.ts";
import { Dense } from "../../src/layers/dense.ts";
import { Dropout } from "../../src/layers/dropout.ts";
import { Embedding } from "../../src/layers/embedding.ts";
import type { GraphNode, SymbolicTensor } from "../../src/layers/graph.ts";
import type { Layer } from "../../src/layers/layer.ts";
import { LayerNormalization } from "../../src/layers/layer-normalization.ts";
import { LSTM } from "../../src/layers/lstm.ts";
import { Masking } from "../../src/layers/masking.ts";
import { Add, Concatenate, Multiply } from "../../src/layers/merge.ts";
import type { Recurrent } from "../../src/layers/recurrent.ts";
import { SimpleRNN } from "../../src/layers/simple-rnn.ts";
import { TimeDistributed } from "../../src/layers/time-distributed.ts";
import { ACTIVATION_TWINS, softmax } from "../reference/activations.ts";
import { denseForward } from "../reference/dense.ts";
import { at } from "../reference/elements.ts";
import { layerNormForward } from "../reference/layer-norm.ts";
import { lstmForward } from "../reference/lstm.ts";
import { rnnForward } from "../reference/rnn.ts";

/** Elements batch first; `mask` [B, T] is 0 where a step is no data, whatever stands there. */
export interface TwinArray {
  readonly data: Float64Array;
  readonly shape: readonly number[];
  readonly mask?: Uint8Array | undefined;
}

/** Weights by the names of `model.getWeights()`. */
export type TwinWeights = Readonly<Record<string, Float64Array>>;

export interface TwinFeed {
  readonly inputs: readonly TwinArray[];
  /** For each input. */
  readonly lengths?: readonly (readonly number[] | undefined)[];
}

/** The weights of a model in float64, to be changed at will. */
export function twinWeights(model: Pick<Model, "getWeights">): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(model.getWeights()).map(([name, { data }]) => [name, Float64Array.from(data)]),
  );
}

/** All outputs of a model. */
export function twinOutputs(model: Model | Sequential, weights: TwinWeights, feed: TwinFeed): readonly TwinArray[] {
  const { inputs, outputs } = model.graph;
  const known = new Map<GraphNode, readonly TwinArray[]>();
  for (const [i, symbol] of inputs.entries()) known.set(symbol.node, [withLengths(feed.inputs[i], feed.lengths?.[i])]);
  const resultOf = (symbol: SymbolicTensor): TwinArray => {
    const { node } = symbol;
    const results = known.get(node) ?? run(weights, node.layer as Layer, node.inputs.map(resultOf));
    known.set(node, results);
    return results[node.outputs.indexOf(symbol)] as TwinArray;
  };
  return outputs.map(({ symbol }) => resultOf(symbol));
}

function withLengths(input: TwinArray | undefined, lengths: readonly number[] | undefined): TwinArray {
  if (input === undefined) throw new RangeError("An input is missing.");
  if (lengths === undefined) return input;
  const T = at(input.shape, 1);
  return {
    ...input,
    mask: Uint8Array.from({ length: lengths.length * T }, (_, n) => (n % T < at(lengths, Math.floor(n / T)) ? 1 : 0)),
  };
}

function run(weights: TwinWeights, layer: Layer, inputs: readonly TwinArray[]): readonly TwinArray[] {
  const [x] = inputs as [TwinArray];
  const F = x.shape.at(-1) ?? 1;
  const N = x.data.length / F;
  const weight = (name: string): Float64Array | undefined => weights[`${layer.name}.${name}`];
  if (layer instanceof LSTM || layer instanceof SimpleRNN) return recur(weights, layer, inputs);
  if (layer instanceof TimeDistributed) return distribute(weights, layer.layer, x);
  if (layer instanceof Masking) return [{ ...x, mask: masked(x, F, Math.fround(layer.maskValue)) }];
  if (layer instanceof Add)
    return [{ ...x, data: x.data.map((_, n) => inputs.reduce((sum, { data }) => sum + at(data, n), 0)) }];
  if (layer instanceof Multiply) {
    return [{ ...x, data: x.data.map((_, n) => inputs.reduce((product, { data }) => product * at(data, n), 1)) }];
  }
  if (layer instanceof Concatenate) return [concatenate(inputs, N)];
  if (layer instanceof Activation) return [{ ...x, data: activate(layer.activation, x.data, N, F) }];
  if (layer instanceof LayerNormalization) {
    const [gamma, beta] = [weight("weight") as Float64Array, weight("bias") as Float64Array];
    return [{ ...x, data: layerNormForward({ N, F, x: x.data, gamma, beta, epsilon: layer.epsilon }).y }];
  }
  if (layer instanceof Dense) {
    const O = layer.units;
    const y = denseForward({ N, I: F, O, x: x.data, weight: weight("weight") as Float64Array, bias: weight("bias") });
    return [{ ...x, data: activate(layer.activation, y, N, O), shape: [...x.shape.slice(0, -1), O] }];
  }
  if (layer instanceof Embedding) {
    const [table, D] = [weight("weight") as Float64Array, layer.outputDim];
    const data = Float64Array.from({ length: x.data.length * D }, (_, n) =>
      at(table, at(x.data, Math.floor(n / D)) * D + (n % D)),
    );
    const mask = layer.maskZero ? masked(x, 1, 0) : x.mask;
    return [{ data, shape: [...x.shape, D], mask }];
  }
  if (layer instanceof Dropout && layer.rate === 0) return [x];
  throw new RangeError(`The twin has no ${layer.kind}.`);
}

function activate(name: Dense["activation"], x: Float64Array, N: number, F: number): Float64Array {
  return name === "softmax" ? softmax(x, N, F) : x.map(ACTIVATION_TWINS[name].f);
}

function concatenate(inputs: readonly TwinArray[], N: number): TwinArray {
  const [first] = inputs as [TwinArray];
  const widths = inputs.map(({ shape }) => shape.at(-1) ?? 0);
  const rows = Array.from({ length: N }, (_, n) =>
    inputs.flatMap(({ data }, i) => [...data.subarray(n * at(widths, i), (n + 1) * at(widths, i))]),
  );
  return {
    ...first,
    data: Float64Array.from(rows.flat()),
    shape: [...first.shape.slice(0, -1), widths.reduce((a, b) => a + b, 0)],
  };
}

/** Steps that are left out by the input's mask, or whose F features all equal `value`. */
function masked({ data, mask }: TwinArray, F: number, value: number): Uint8Array {
  return Uint8Array.from({ length: data.length / F }, (_, n) => {
    return (mask?.[n] ?? 1) === 1 && data.subarray(n * F, (n + 1) * F).some((element) => element !== value) ? 1 : 0;
  });
}

/** Each row's unmasked steps, in the order in which the layer reads them, as one short sequence. */
function recur(weights: TwinWeights, layer: Recurrent, [x, ...initial]: readonly TwinArray[]): readonly TwinArray[] {
  const {
    data,
    shape: [B = 0, T = 0, I = 0],
    mask,
  } = x as TwinArray;
  const H = layer.units;
  const output = new Float64Array(B * T * H);
  const states = layer.stateNames.map(() => new Float64Array(B * H));
  const named = (name: string) => weights[`${layer.name}.${name}`];
  for (let b = 0; b < B; b++) {
    const kept = Array.from({ length: T }, (_, t) => b * T + t).filter((n) => mask === undefined || mask[n] === 1);
    const read = layer.goBackwards ? [...kept].reverse() : kept;
    const state = (i: number) => initial[i]?.data.slice(b * H, (b + 1) * H);
    const inputs = {
      ...{
        B: 1,
        T: read.length,
        I,
        H,
        x: Float64Array.from(read.flatMap((n) => [...data.subarray(n * I, (n + 1) * I)])),
      },
      ...{ weight_ih: named("weight_ih") as Float64Array, weight_hh: named("weight_hh") as Float64Array },
      ...{ bias_ih: named("bias_ih"), bias_hh: named("bias_hh"), h0: state(0), activation: layer.activation },
    };
    const result =
      layer instanceof LSTM
        ? lstmForward({ ...inputs, c0: state(1), recurrentActivation: layer.recurrentActivation })
        : { cell: undefined, ...rnnForward(inputs) };
    // Outputs stand in the order of reading, at the steps of data.
    for (const [t, n] of kept.entries()) output.set(result.output.subarray(t * H, (t + 1) * H), n * H);
    states[0]?.set(result.hidden, b * H);
    if (result.cell !== undefined) states[1]?.set(result.cell, b * H);
  }
  const finals = states.map((values) => ({ data: values, shape: [B, H] }));
  const first = layer.returnSequences ? { data: output, shape: [B, T, H], mask } : (finals[0] as TwinArray);
  return layer.returnState ? [first, ...finals] : [first];
}

/** Steps as rows of a batch. */
function distribute(weights: TwinWeights, inner: Layer, x: TwinArray): readonly TwinArray[] {
  const [B = 0, T = 0, ...rest] = x.shape;
  const results = run(weights, inner, [{ data: x.data, shape: [B * T, ...rest] }]);
  return results.map(({ data, shape }) => ({
    data,
    shape: [B, T, ...shape.slice(1)],
    mask: rest.length > 1 ? undefined : x.mask,
  }));
}
