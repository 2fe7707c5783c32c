/** Problems for recurrent layers over whole sequences: the twin's arrays and the same in the kernels' layout. */
import type { Activation } from "../../src/layers/activations.ts";
import { row } from "../reference/elements.ts";
import { type LstmInputs, lstmBackward, lstmForward } from "../reference/lstm.ts";
import type { RecurrentGradients } from "../reference/recurrent.ts";
import { rnnBackward, rnnForward } from "../reference/rnn.ts";
import { columnsOf, toColumns, toPanels } from "./kernels-panels.ts";
import { floats } from "./kernels-values.ts";

/** Gates a unit of each kind of cell. */
export const GATES = { lstm: 4, rnn: 1 } as const;
export type CellKind = keyof typeof GATES;

export interface RecurrentCase {
  readonly cell: CellKind;
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
  /** Of an LSTM alone. */
  readonly recurrentActivation: Activation;
  /** Of the weights; where absent as large as PyTorch draws them. */
  readonly bound?: number;
}

/** What most cases leave as it is. */
export const USUAL = {
  hasEmptyRows: false,
  isMasked: false,
  activation: "tanh",
  recurrentActivation: "sigmoid",
} as const;

/** What the twin of either cell makes of a problem; a simple layer has no cell state. */
interface Expected {
  readonly result: { readonly output: Float64Array; readonly hidden: Float64Array; readonly cell?: Float64Array };
  readonly gradients: RecurrentGradients & { readonly c0?: Float64Array };
}

interface Upstream {
  readonly dOutput: Float64Array | undefined;
  readonly dHidden: Float64Array;
  readonly dCell: Float64Array;
}

export interface RecurrentProblem extends RecurrentCase, Expected, Upstream {
  readonly inputs: LstmInputs;
  /** Rows that run at each step. */
  readonly active: readonly number[];
  /** Rows of all steps. */
  readonly N: number;
}

/** Float32 numbers for a case and what the twin makes of them. */
export function recurrentProblem(shape: RecurrentCase): RecurrentProblem {
  const { B, T, H, upstream } = shape;
  const inputs = inputsOf(shape);
  const active = Array.from({ length: T }, (_, t) => inputs.lengths?.filter((length) => length > t).length ?? B);
  const incoming = {
    dOutput: upstream === "states" ? undefined : floats(8, B * T * H),
    dHidden: upstream === "output" ? new Float64Array(B * H) : floats(9, B * H),
    dCell: upstream === "output" ? new Float64Array(B * H) : floats(10, B * H),
  };
  const N = active.reduce((sum, rows) => sum + rows, 0);
  return { ...shape, ...incoming, ...expected(shape.cell, inputs, incoming), inputs, active, N };
}

function inputsOf(shape: RecurrentCase): LstmInputs {
  const { B, T, I, H, biases, hasInitial, activation, recurrentActivation, bound = 1 / Math.sqrt(H) } = shape;
  const units = GATES[shape.cell] * H;
  return {
    ...{ B, T, I, H, activation, recurrentActivation, x: floats(1, B * T * I) },
    weight_ih: floats(2, units * I, bound),
    weight_hh: floats(3, units * H, bound),
    bias_ih: biases >= 1 ? floats(4, units, bound) : undefined,
    bias_hh: biases === 2 ? floats(5, units, bound) : undefined,
    h0: hasInitial ? floats(6, B * H) : undefined,
    c0: hasInitial ? floats(7, B * H) : undefined,
    lengths: shape.isRagged ? descendingLengths(shape) : undefined,
    recurrentMask: shape.isMasked ? floats(11, B * H).map((value) => (value < 0 ? 0 : 2)) : undefined,
  };
}

function descendingLengths({ B, T, hasEmptyRows }: RecurrentCase): number[] {
  const least = (b: number) => (hasEmptyRows && b > B / 2 ? 0 : 1);
  return Array.from({ length: B }, (_, b) => Math.max(least(b), T - 1 - Math.floor((b * T) / B)));
}

/** The twin's results and gradients. */
export function expected(cell: CellKind, inputs: LstmInputs, upstream: Upstream): Expected {
  if (cell === "lstm") {
    const result = lstmForward(inputs);
    return { result, gradients: lstmBackward({ ...inputs, ...upstream, cache: result.cache }) };
  }
  const result = rnnForward(inputs);
  return { result, gradients: rnnBackward({ ...inputs, ...upstream, output: result.output }) };
}

export function recurrentLabel(shape: RecurrentCase): string {
  const { cell, B, T, I, H, biases, activation, recurrentActivation } = shape;
  const ragged = shape.isRagged && (shape.hasEmptyRows ? "ragged with empty rows" : "ragged");
  const flags = [ragged, shape.hasInitial && "initial states", shape.isMasked && "masked", `d ${shape.upstream}`];
  const sizes = `${cell} B ${B} T ${T} I ${I} H ${H} biases ${biases}`;
  return [sizes, activation, recurrentActivation, ...flags.filter(Boolean)].join(", ");
}

/** [B, T, F] as [N, F]: step after step, the rows that run. */
export function toStepRows(
  values: Float64Array,
  { B, T, active }: Pick<RecurrentProblem, "B" | "T" | "active">,
): Float64Array {
  const F = values.length / (B * T);
  const sorted = new Float64Array(active.reduce((sum, rows) => sum + rows, 0) * F);
  let n = 0;
  active.forEach((rows, t) => {
    for (let b = 0; b < rows; b++) sorted.set(row(values, b * T + t, F), F * n++);
  });
  return sorted;
}

/** Weights, or gradients under their names, as the kernels' parameter block; a bias that is absent is zero. */
export function recurrentBlock(
  weights: Omit<RecurrentGradients, "x" | "h0">,
  { cell, I, H, biases }: Pick<RecurrentCase, "cell" | "I" | "H" | "biases">,
): Float64Array {
  const gates = GATES[cell];
  const columns = columnsOf(gates, H);
  const biasIh = biases >= 1 ? weights.bias_ih : new Float64Array(gates * H);
  const matrices = [
    toColumns(biasIh, gates, H, 1),
    toColumns(weights.weight_ih, gates, H, I),
    toColumns(weights.weight_hh, gates, H, H),
  ];
  const panels = toPanels(joined(matrices), 1 + I + H, columns);
  if (biases < 2) return panels;
  const second = new Float64Array(Math.ceil(columns / 4) * 4);
  second.set(toColumns(weights.bias_hh, gates, H, 1));
  return joined([panels, second]);
}

/** The parameter block of a problem's weights. */
export function recurrentParameters({ inputs, ...shape }: RecurrentProblem): Float64Array {
  const none = new Float64Array(GATES[shape.cell] * inputs.H);
  return recurrentBlock({ ...inputs, bias_ih: inputs.bias_ih ?? none, bias_hh: inputs.bias_hh ?? none }, shape);
}

function joined(arrays: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of arrays) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
