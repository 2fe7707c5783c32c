import type { LstmInputs } from "../reference/lstm.ts";
import { reverseRows, swapFirstAxes } from "../reference/sequence.ts";
import { type GoldenTensor, type LstmGolden, tensorOf } from "./golden.ts";

/** One direction of a golden as a forward, batch-first problem: the reverse direction sees every row reversed. */
export interface LstmDirection {
  readonly inputs: LstmInputs;
  readonly output: Float64Array;
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
  readonly dOutput: Float64Array;
  readonly dHidden: Float64Array;
  readonly dCell: Float64Array;
  /** Gradients of this direction's own arrays by name; x is missing, its gradient is a sum over directions. */
  readonly gradients: Readonly<Record<string, Float64Array>>;
}

export function lstmDirections(golden: LstmGolden): readonly LstmDirection[] {
  return golden.config.bidirectional ? [direction(golden, 0), direction(golden, 1)] : [direction(golden, 0)];
}

/** [B, T, I]: the golden's gradient of x. */
export function goldenDx(golden: LstmGolden): Float64Array {
  return batchFirst(golden, tensorOf(golden.grads, "x"));
}

function direction(golden: LstmGolden, index: 0 | 1): LstmDirection {
  const { batch: B, steps: T, config, inputs, outputs, loss_weights, grads } = golden;
  const { input_size: I, hidden_size: H } = config;
  const lengths = golden.lengths ?? undefined;
  const oriented = (F: number, x: Float64Array) => (index === 0 ? x : reverseRows({ B, T, F, x, lengths }));
  const sequence = (y: GoldenTensor) => oriented(H, directionColumns(golden, batchFirst(golden, y), index));
  const state = (tensor: GoldenTensor) => tensor.data.slice(index * B * H, (index + 1) * B * H);

  const parameters = directionParameters(golden, index);
  const gradients: Record<string, Float64Array> = {};
  for (const name of Object.keys(parameters)) gradients[name] = tensorOf(grads, torchName(name, index)).data;
  for (const name of ["h0", "c0"] as const) if (inputs[name]) gradients[name] = state(tensorOf(grads, name));

  return {
    inputs: {
      ...{ B, T, I, H, lengths, ...parameters },
      x: oriented(I, batchFirst(golden, inputs.x)),
      h0: inputs.h0 && state(inputs.h0),
      c0: inputs.c0 && state(inputs.c0),
    },
    output: sequence(outputs.y),
    hidden: state(outputs.hn),
    cell: state(outputs.cn),
    dOutput: sequence(loss_weights.y),
    dHidden: state(loss_weights.hn),
    dCell: state(loss_weights.cn),
    gradients,
  };
}

type LstmParameters = Pick<LstmInputs, "weight_ih" | "weight_hh" | "bias_ih" | "bias_hh">;

function directionParameters({ params, config }: LstmGolden, index: 0 | 1): LstmParameters {
  const parameter = (name: string) => tensorOf(params, torchName(name, index)).data;
  const weights = { weight_ih: parameter("weight_ih"), weight_hh: parameter("weight_hh") };
  if (config.bias === false) return weights;
  return { ...weights, bias_ih: parameter("bias_ih"), bias_hh: parameter("bias_hh") };
}

function torchName(name: string, index: 0 | 1): string {
  return index === 0 ? `${name}_l0` : `${name}_l0_reverse`;
}

function batchFirst({ config, batch, steps }: LstmGolden, { shape, data }: GoldenTensor): Float64Array {
  return config.batch_first ? data : swapFirstAxes(steps, batch, shape[2] ?? 0, data);
}

/** [B, T, H]: this direction's columns of y [B, T, D H]. */
function directionColumns({ config }: LstmGolden, y: Float64Array, index: 0 | 1): Float64Array {
  const H = config.hidden_size;
  return config.bidirectional ? y.filter((_, n) => Math.floor(n / H) % 2 === index) : y;
}
