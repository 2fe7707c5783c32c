/** The weights of recurrent layers by their PyTorch names, gate after gate, and their way into and out of the core. */
import type { Core } from "../core/context.ts";
import { type Addresses, place, read, write } from "../core/plan.ts";
import { glorotUniform, orthogonal, zeros } from "../initializers.ts";
import { Random } from "../random.ts";
import { type Tensor, tensor } from "../shape.ts";
import type { NamedTensors } from "./layer.ts";

/** Gates in a cell, I inputs, H units, and how many bias vectors are trained. */
export interface CellSizes {
  readonly gates: number;
  readonly I: number;
  readonly H: number;
  readonly biases: 0 | 1 | 2;
}

/** Addresses of weights in PyTorch's layout. */
export type StagedWeights = Addresses<"weight_ih" | "weight_hh" | "bias_ih" | "bias_hh">;

export function cellWeightShapes({ gates, I, H, biases }: CellSizes): Record<string, readonly number[]> {
  const weights = { weight_ih: [gates * H, I], weight_hh: [gates * H, H] };
  return biases === 0 ? weights : { ...weights, bias_ih: [gates * H], bias_hh: [gates * H] };
}

/**
 * Keras's defaults: Glorot uniform over all gates, orthogonal recurrent weights, and the given bias. Makes room for
 * `writeCellWeights` first, so that weights too large for the core are refused before any is drawn.
 */
export function initialCellWeights(core: Core, sizes: CellSizes, seed: number, bias: Float32Array): NamedTensors {
  const { gates, I, H, biases } = sizes;
  stage(core, sizes);
  const random = new Random(seed);
  const weights: NamedTensors = {
    weight_ih: tensor(glorotUniform(random.fork("weight_ih"), [gates * H, I], I, gates * H), [gates * H, I]),
    weight_hh: tensor(orthogonal(random.fork("weight_hh"), gates * H, H), [gates * H, H]),
  };
  return biases === 0 ? weights : { ...weights, bias_ih: tensor(bias), bias_hh: tensor(zeros([gates * H])) };
}

/** Stages weights, which have the right names and shapes, for `pack`; one trained bias is the sum of the two given. */
export function writeCellWeights(
  core: Core,
  weights: Readonly<Record<string, Tensor>>,
  sizes: CellSizes,
  pack: (at: StagedWeights) => void,
): void {
  const at = stage(core, sizes);
  for (const name of ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] as const) {
    const weight = weights[name];
    if (weight !== undefined) write(core.memory, at[name], weight.data);
  }
  if (sizes.biases === 1) {
    const length = sizes.gates * sizes.H;
    const [sum, second] = [core.memory.f32(at.bias_ih, length), core.memory.f32(at.bias_hh, length)];
    // A zero is not added, since -0 + 0 would lose the sign of a saved bias.
    for (const [i, value] of second.entries()) if (value !== 0) sum[i] = (sum[i] ?? 0) + value;
  }
  pack(at);
}

/** What `unpack` stages, as tensors. A second name of a single bias is left zero. */
export function readCellWeights(core: Core, sizes: CellSizes, unpack: (at: StagedWeights) => void): NamedTensors {
  const at = stage(core, sizes);
  core.memory.f32(at.bias_hh, sizes.gates * sizes.H).fill(0);
  unpack(at);
  const result: NamedTensors = {};
  for (const [name, shape] of Object.entries(cellWeightShapes(sizes))) {
    const length = shape.reduce((product, dimension) => product * dimension, 1);
    result[name] = tensor(read(core.memory, at[name as keyof typeof at], length), shape);
  }
  return result;
}

function stage({ scratch }: Core, { gates, I, H }: CellSizes): StagedWeights {
  const sizes = { weight_ih: gates * H * I, weight_hh: gates * H * H, bias_ih: gates * H, bias_hh: gates * H };
  return place(scratch, sizes);
}
