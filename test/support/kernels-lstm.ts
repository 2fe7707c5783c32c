/** LSTM problems over whole sequences: the twin's arrays and the same in the kernels' layout. */
import type { Activation } from "../../src/layers/activations.ts";
import { at } from "../reference/elements.ts";
import type { LstmGradients, LstmInputs, LstmResult } from "../reference/lstm.ts";
import { lstmBackward, lstmForward } from "../reference/lstm.ts";
import { columnsOf, toColumns, toPanels } from "./kernels-panels.ts";
import { floats } from "./kernels-values.ts";

export interface LstmCase {
  readonly B: number;
  readonly T: number;
  readonly I: number;
  readonly H: number;
  readonly biases: 0 | 1 | 2;
  /** Rows end at different steps, the longest first; none runs at the last step, unless that is the only one. */
  readonly isRagged: boolean;
  /** Of ragged rows, whether those at the end have no step at all. */
  readonly hasEmptyRows: boolean;
  readonly hasInitial: boolean;
  /** Whether a gradient comes in for every output, for the final states, or for both. */
  readonly upstream: "output" | "states" | "both";
  /** Whether a mask of recurrent dropout lies between the steps. */
  readonly isMasked: boolean;
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
}

/** What most cases leave as it is. */
export const USUAL = {
  hasEmptyRows: false,
  isMasked: false,
  activation: "tanh",
  recurrentActivation: "sigmoid",
} as const;

export interface LstmProblem extends LstmCase {
  readonly inputs: LstmInputs;
  /** Rows that run at each step. */
  readonly active: readonly number[];
  /** Rows of all steps. */
  readonly N: number;
  readonly dOutput: Float64Array | undefined;
  readonly dHidden: Float64Array;
  readonly dCell: Float64Array;
  readonly result: LstmResult;
  readonly gradients: LstmGradients;
}

/** Float32 numbers for a case, weights as large as PyTorch draws them, and what the twin makes of them. */
export function lstmProblem(shape: LstmCase): LstmProblem {
  const { B, T, I, H, biases, isRagged, hasInitial, isMasked, upstream, activation, recurrentActivation } = shape;
  const bound = 1 / Math.sqrt(H);
  const inputs: LstmInputs = {
    ...{ B, T, I, H, x: floats(1, B * T * I) },
    weight_ih: floats(2, 4 * H * I, bound),
    weight_hh: floats(3, 4 * H * H, bound),
    bias_ih: biases >= 1 ? floats(4, 4 * H, bound) : undefined,
    bias_hh: biases === 2 ? floats(5, 4 * H, bound) : undefined,
    h0: hasInitial ? floats(6, B * H) : undefined,
    c0: hasInitial ? floats(7, B * H) : undefined,
    lengths: isRagged ? descendingLengths(shape) : undefined,
    recurrentMask: isMasked ? floats(11, B * H).map((value) => (value < 0 ? 0 : 2)) : undefined,
    ...{ activation, recurrentActivation },
  };
  const active = Array.from({ length: T }, (_, t) => inputs.lengths?.filter((length) => length > t).length ?? B);
  const incoming = {
    dOutput: upstream === "states" ? undefined : floats(8, B * T * H),
    dHidden: upstream === "output" ? new Float64Array(B * H) : floats(9, B * H),
    dCell: upstream === "output" ? new Float64Array(B * H) : floats(10, B * H),
  };
  const result = lstmForward(inputs);
  const gradients = lstmBackward({ ...inputs, ...incoming, cache: result.cache });
  const N = active.reduce((sum, rows) => sum + rows, 0);
  return { ...shape, ...incoming, inputs, active, N, result, gradients };
}

function descendingLengths({ B, T, hasEmptyRows }: LstmCase): number[] {
  const least = (b: number) => (hasEmptyRows && b > B / 2 ? 0 : 1);
  return Array.from({ length: B }, (_, b) => Math.max(least(b), T - 1 - Math.floor((b * T) / B)));
}

export function lstmLabel(shape: LstmCase): string {
  const { B, T, I, H, biases, activation, recurrentActivation } = shape;
  const ragged = shape.isRagged && (shape.hasEmptyRows ? "ragged with empty rows" : "ragged");
  const flags = [ragged, shape.hasInitial && "initial states", shape.isMasked && "masked", `d ${shape.upstream}`];
  const sizes = `B ${B} T ${T} I ${I} H ${H} biases ${biases}`;
  return [sizes, activation, recurrentActivation, ...flags.filter(Boolean)].join(", ");
}

/** [B, T, F] as [N, F]: step after step, the rows that run. */
export function toStepRows(values: Float64Array, { B, T, active }: LstmProblem): Float64Array {
  const F = values.length / (B * T);
  const steps = active.flatMap((rows, t) => Array.from({ length: rows }, (_, b) => b * T + t));
  return Float64Array.from({ length: steps.length * F }, (_, n) =>
    at(values, at(steps, Math.floor(n / F)) * F + (n % F)),
  );
}

/** Weights, or gradients under their names, as the kernels' parameter block; a bias that is absent is zero. */
export function lstmBlock(
  weights: Omit<LstmGradients, "x" | "h0" | "c0">,
  { I, H, biases }: Pick<LstmCase, "I" | "H" | "biases">,
): Float64Array {
  const biasIh = biases >= 1 ? weights.bias_ih : new Float64Array(4 * H);
  const matrices = [
    toColumns(biasIh, 4, H, 1),
    toColumns(weights.weight_ih, 4, H, I),
    toColumns(weights.weight_hh, 4, H, H),
  ];
  const panels = toPanels(joined(matrices), 1 + I + H, columnsOf(4, H));
  return biases === 2 ? joined([panels, toColumns(weights.bias_hh, 4, H, 1)]) : panels;
}

/** The parameter block of a problem's weights. */
export function lstmParameters({ inputs, ...shape }: LstmProblem): Float64Array {
  const none = new Float64Array(4 * inputs.H);
  return lstmBlock({ ...inputs, bias_ih: inputs.bias_ih ?? none, bias_hh: inputs.bias_hh ?? none }, shape);
}

function joined(arrays: readonly Float64Array[]): Float64Array {
  return Float64Array.from(arrays.flatMap((array) => [...array]));
}
