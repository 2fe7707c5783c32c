/** What the twins of recurrent layers have in common: inputs, the linear part of a step, and its gradients. */
import type { ActivationTwin } from "./activations.ts";
import { add, addScaled, at, dot, row } from "./elements.ts";

/** One layer over whole sequences in PyTorch's names; G gates a unit, 4 or 1. */
export interface RecurrentInputs {
  readonly B: number;
  readonly T: number;
  readonly I: number;
  readonly H: number;
  /** [B, T, I] */
  readonly x: Float64Array;
  /** [G H, I] */
  readonly weight_ih: Float64Array;
  /** [G H, H] */
  readonly weight_hh: Float64Array;
  /** [G H] */
  readonly bias_ih?: Float64Array | undefined;
  /** [G H] */
  readonly bias_hh?: Float64Array | undefined;
  /** [B, H], zero when absent */
  readonly h0?: Float64Array | undefined;
  /** [B], each in 0 .. T: a row stops there, its later outputs are zero. */
  readonly lengths?: readonly number[] | undefined;
  /** [B, H], m: what h is multiplied with on its way to the next step, the same at all steps; ones when absent */
  readonly recurrentMask?: Float64Array | undefined;
  /** tanh when absent */
  readonly activation?: ActivationTwin | undefined;
}

/** Gradients under the names and in the shapes of the inputs; both biases have the same one. */
export interface RecurrentGradients {
  readonly x: Float64Array;
  readonly weight_ih: Float64Array;
  readonly weight_hh: Float64Array;
  readonly bias_ih: Float64Array;
  readonly bias_hh: Float64Array;
  readonly h0: Float64Array;
}

/** Gradients before the first step back: zeros, and that of the final state. */
export function startGradients(inputs: RecurrentInputs, dHidden: Float64Array | undefined): RecurrentGradients {
  const { B, H, x, weight_ih, weight_hh } = inputs;
  return {
    x: new Float64Array(x.length),
    weight_ih: new Float64Array(weight_ih.length),
    weight_hh: new Float64Array(weight_hh.length),
    bias_ih: new Float64Array(weight_hh.length / H),
    bias_hh: new Float64Array(weight_hh.length / H),
    h0: dHidden?.slice() ?? new Float64Array(B * H),
  };
}

/** Steps of row `b`. */
export function lengthOf({ T, lengths }: RecurrentInputs, b: number): number {
  return lengths ? at(lengths, b) : T;
}

/** m h of row `b` */
function masked({ H, recurrentMask }: RecurrentInputs, b: number, h: Float64Array): Float64Array {
  return recurrentMask ? h.map((value, j) => value * at(recurrentMask, b * H + j)) : h;
}

/** [G H] = W_ih x + b_ih + W_hh (m h') + b_hh */
export function preactivations(
  inputs: RecurrentInputs,
  b: number,
  t: number,
  previousHidden: Float64Array,
): Float64Array {
  const { T, I, H, weight_ih, weight_hh, bias_ih, bias_hh } = inputs;
  const x = row(inputs.x, b * T + t, I);
  const maskedHidden = masked(inputs, b, previousHidden);
  return Float64Array.from({ length: weight_hh.length / H }, (_, n) => {
    const bias = (bias_ih ? at(bias_ih, n) : 0) + (bias_hh ? at(bias_hh, n) : 0);
    return bias + dot(row(weight_ih, n, I), x) + dot(row(weight_hh, n, H), maskedHidden);
  });
}

export interface States {
  /** [B, T, H] */
  readonly states: Float64Array;
  /** [B, H], zero when absent */
  readonly initial: Float64Array | undefined;
}

/** The state of row `b` before step `t`. */
export function previousState(
  inputs: RecurrentInputs,
  { states, initial }: States,
  b: number,
  t: number,
): Float64Array {
  const { B, T, H } = inputs;
  return t > 0 ? row(states, b * T + t - 1, H) : row(initial ?? new Float64Array(B * H), b, H);
}

export interface StepGradients {
  readonly b: number;
  readonly t: number;
  /** [G H], of the pre-activations */
  readonly da: Float64Array;
  /** [H] */
  readonly previousHidden: Float64Array;
  /** [H], replaced by the gradient of the previous hidden state */
  readonly dh: Float64Array;
}

/** dx = W_ih^T da, dh' = m (W_hh^T da), dW_ih += da x^T, dW_hh += da (m h')^T, db += da */
export function accumulate(inputs: RecurrentInputs, d: RecurrentGradients, step: StepGradients): void {
  const { T, I, H, weight_ih, weight_hh } = inputs;
  const { b, t, da, previousHidden, dh } = step;
  const x = row(inputs.x, b * T + t, I);
  const dx = row(d.x, b * T + t, I);
  const maskedHidden = masked(inputs, b, previousHidden);
  dh.fill(0);
  da.forEach((g, n) => {
    add(d.bias_ih, n, g);
    add(d.bias_hh, n, g);
    addScaled(dx, g, row(weight_ih, n, I));
    addScaled(row(d.weight_ih, n, I), g, x);
    addScaled(dh, g, row(weight_hh, n, H));
    addScaled(row(d.weight_hh, n, H), g, maskedHidden);
  });
  dh.set(masked(inputs, b, dh));
}
