/** The weights of an LSTM by their PyTorch names, gate order i f g o, and their way into and out of the core. */
import type { Core } from "../core/context.ts";
import { place, read, write } from "../core/plan.ts";
import { forgetBias, glorotUniform, orthogonal, zeros } from "../initializers.ts";
import { Random } from "../random.ts";
import { type Tensor, tensor } from "../shape.ts";
import type { NamedTensors } from "./layer.ts";

const GATES = 4;

/** I inputs, H units, and how many bias vectors are trained. */
export interface LSTMSizes {
  readonly I: number;
  readonly H: number;
  readonly biases: 0 | 1 | 2;
}

export function lstmWeightShapes({ I, H, biases }: LSTMSizes): Record<string, readonly number[]> {
  const weights = { weight_ih: [GATES * H, I], weight_hh: [GATES * H, H] };
  return biases === 0 ? weights : { ...weights, bias_ih: [GATES * H], bias_hh: [GATES * H] };
}

/**
 * Keras's defaults: Glorot uniform over all gates, orthogonal recurrent weights, bias 0 or 1 for the forget gate. Makes
 * room for `writeLSTMWeights` first, so that weights too large for the core are refused before any is drawn.
 */
export function initialLSTMWeights(core: Core, sizes: LSTMSizes, seed: number, unitForgetBias: boolean): NamedTensors {
  const { I, H, biases } = sizes;
  stage(core, I, H);
  const random = new Random(seed);
  const weights: NamedTensors = {
    weight_ih: tensor(glorotUniform(random.fork("weight_ih"), [GATES * H, I], I, GATES * H), [GATES * H, I]),
    weight_hh: tensor(orthogonal(random.fork("weight_hh"), GATES * H, H), [GATES * H, H]),
  };
  if (biases === 0) return weights;
  const bias_ih = tensor(unitForgetBias ? forgetBias(H) : zeros([GATES * H]));
  return { ...weights, bias_ih, bias_hh: tensor(zeros([GATES * H])) };
}

/** block at `to` <- weights, which have the right names and shapes; one trained bias is the sum of the two given. */
export function writeLSTMWeights(
  core: Core,
  to: number,
  weights: Readonly<Record<string, Tensor>>,
  { I, H, biases }: LSTMSizes,
): void {
  const at = stage(core, I, H);
  for (const name of ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] as const) {
    const weight = weights[name];
    if (weight !== undefined) write(core.memory, at[name], weight.data);
  }
  if (biases === 1) {
    const [sum, second] = [core.memory.f32(at.bias_ih, GATES * H), core.memory.f32(at.bias_hh, GATES * H)];
    for (const [i, value] of second.entries()) sum[i] = (sum[i] ?? 0) + value;
  }
  core.kernels.lstmWriteWeights(to, at.weight_ih, at.weight_hh, at.bias_ih, at.bias_hh, I, H, biases);
}

/** The weights, or gradients, of the block at `from`. A second name of a single bias is left zero. */
export function readLSTMWeights(core: Core, from: number, sizes: LSTMSizes): NamedTensors {
  const { I, H, biases } = sizes;
  const at = stage(core, I, H);
  core.memory.f32(at.bias_hh, GATES * H).fill(0);
  core.kernels.lstmReadWeights(at.weight_ih, at.weight_hh, at.bias_ih, at.bias_hh, from, I, H, biases);
  const result: NamedTensors = {};
  for (const [name, shape] of Object.entries(lstmWeightShapes(sizes))) {
    const length = shape.reduce((product, dimension) => product * dimension, 1);
    result[name] = tensor(read(core.memory, at[name as keyof typeof at], length), shape);
  }
  return result;
}

function stage(core: Core, I: number, H: number) {
  return place(core.scratch, {
    weight_ih: GATES * H * I,
    weight_hh: GATES * H * H,
    bias_ih: GATES * H,
    bias_hh: GATES * H,
  });
}
