import { denseBackward, denseForward } from "./dense.ts";
import type { Loss } from "./losses.ts";
import { type LstmInputs, type LstmResult, lstmBackward, lstmForward } from "./lstm.ts";

export type Parameters = Readonly<Record<string, Float64Array>>;

/** LSTM layers on top of each other and a dense head, as in PyTorch's `lstm = nn.LSTM(...)`, `linear = nn.Linear(...)`. */
export interface StackedInputs {
  readonly B: number;
  readonly T: number;
  readonly I: number;
  readonly H: number;
  readonly layers: number;
  /** Units of the head. */
  readonly O: number;
  /** What the head sees: [B T, H], or [B, H] of the last step. */
  readonly head: "every_step" | "last_step";
  /** lstm.weight_ih_l0 and so on, linear.weight, linear.bias */
  readonly parameters: Parameters;
  /** [B, T, I] */
  readonly x: Float64Array;
  /** Of the head's output, [B T, O] or [B, O]. */
  readonly loss: (prediction: Float64Array) => Loss;
}

export interface StackedResult {
  readonly loss: number;
  /** Under the names of the parameters. */
  readonly gradients: Parameters;
}

export function stackedForwardBackward(inputs: StackedInputs): StackedResult {
  const runs = forwardLayers(inputs);
  const { output, hidden } = topResult(runs);

  const { B, T, H, O, head, parameters } = inputs;
  const dense = {
    ...{ N: head === "every_step" ? B * T : B, I: H, O, x: head === "every_step" ? output : hidden },
    weight: parameter(parameters, "linear.weight"),
    bias: parameter(parameters, "linear.bias"),
  };
  const loss = inputs.loss(denseForward(dense));
  const d = denseBackward({ ...dense, dy: loss.gradient });

  const top = head === "every_step" ? { dOutput: d.x } : { dHidden: d.x };
  const gradients = { "linear.weight": d.weight, "linear.bias": d.bias, ...backwardLayers(runs, top) };
  return { loss: loss.value, gradients };
}

interface LayerRun {
  readonly inputs: LstmInputs;
  readonly result: LstmResult;
}

function forwardLayers({ B, T, I, H, layers, parameters, x }: StackedInputs): readonly LayerRun[] {
  const runs: LayerRun[] = [];
  let sequence = x;
  for (let layer = 0; layer < layers; layer++) {
    const inputs = {
      ...{ B, T, I: layer === 0 ? I : H, H, x: sequence },
      weight_ih: parameter(parameters, `lstm.weight_ih_l${layer}`),
      weight_hh: parameter(parameters, `lstm.weight_hh_l${layer}`),
      bias_ih: parameter(parameters, `lstm.bias_ih_l${layer}`),
      bias_hh: parameter(parameters, `lstm.bias_hh_l${layer}`),
    };
    const result = lstmForward(inputs);
    runs.push({ inputs, result });
    sequence = result.output;
  }
  return runs;
}

interface TopGradient {
  readonly dOutput?: Float64Array;
  readonly dHidden?: Float64Array;
}

function backwardLayers(runs: readonly LayerRun[], top: TopGradient): Parameters {
  const gradients: Record<string, Float64Array> = {};
  let upstream = top;
  for (const [layer, { inputs, result }] of [...runs.entries()].reverse()) {
    const d = lstmBackward({ ...inputs, cache: result.cache, ...upstream });
    for (const name of ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] as const) {
      gradients[`lstm.${name}_l${layer}`] = d[name];
    }
    upstream = { dOutput: d.x };
  }
  return gradients;
}

function topResult(runs: readonly LayerRun[]): LstmResult {
  const top = runs.at(-1);
  if (!top) throw new RangeError("A stack needs at least one LSTM layer.");
  return top.result;
}

function parameter(parameters: Parameters, name: string): Float64Array {
  const value = parameters[name];
  if (!value) throw new RangeError(`There is no parameter "${name}", only ${Object.keys(parameters).join(", ")}.`);
  return value;
}
