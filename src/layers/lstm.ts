/** The LSTM layer: shapes, options and named weights around the kernels of assembly/bptt/lstm.ts. */
import type { Core } from "../core/context.ts";
import { type Addresses, place } from "../core/plan.ts";
import { ShapeError } from "../errors.ts";
import { flag, knownOptions, seedOrDrawn, size } from "../options.ts";
import { formatShape, type Tensor, type TensorLike, tensor } from "../shape.ts";
import { ACTIVATIONS } from "./activations.ts";
import { packRows, type RowPlan, singleStep, unpackRows, type Values } from "./edge.ts";
import { Kept } from "./kept.ts";
import { Layer, type NamedTensors } from "./layer.ts";
import type {
  LSTMForwardOptions,
  LSTMInputGradients,
  LSTMOptions,
  LSTMOutputGradients,
  LSTMResult,
} from "./lstm-types.ts";
import {
  initialLSTMWeights,
  type LSTMSizes,
  lstmWeightShapes,
  readLSTMWeights,
  writeLSTMWeights,
} from "./lstm-weights.ts";
import { planRagged, type Ragged } from "./ragged.ts";

const OPTIONS = "units inputSize returnSequences useBias doubleBias unitForgetBias seed name".split(" ");

/** Sizes of one call in the kernels' letters; N counts the rows of all steps. */
interface Call {
  readonly T: number;
  readonly B: number;
  readonly N: number;
  readonly I: number;
  readonly ragged: Ragged | undefined;
}

type Slot = "x" | "output" | "hidden" | "cell" | "cache" | "order" | "active" | "staging";

interface ForwardCall {
  readonly call: Call;
  readonly at: Addresses<Exclude<Slot, "staging">>;
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), W, R and b for
 * each gate:
 *
 *     i, f, o = sigmoid(x W + b + h' R)   g = tanh(x W + b + h' R)   c = f c' + i g   h = o tanh(c)
 *
 * ```ts
 * const lstm = new LSTM({ units: 128, inputSize: 100, returnSequences: true });
 * const { output, hidden, cell } = lstm.forward(x, { training: true }); // x [32, 50, 100], output [32, 50, 128]
 * const d = lstm.backward({ output: dOutput }); // d.input, d.hidden, d.cell; parameter gradients accumulate
 * ```
 */
export class LSTM extends Layer {
  readonly kind: string = "LSTM";
  readonly units: number;
  readonly returnSequences: boolean;
  /** Seed of the initial weights. */
  readonly seed: number;
  readonly #biases: 0 | 1 | 2;
  readonly #unitForgetBias: boolean;
  protected readonly inputWeight: string = "weight_ih";
  readonly #kept: Kept<ForwardCall> = new Kept(this);

  /** Throws OptionError; with `inputSize` room for the weights is made at once, which needs `init` (StateError). */
  constructor(options: LSTMOptions) {
    knownOptions("LSTM", options, OPTIONS);
    super("LSTM", options.name);
    this.units = size(this.label, "units", options.units);
    const { returnSequences = false, useBias = true, doubleBias = false, unitForgetBias = true, seed } = options;
    this.returnSequences = flag(this.label, "returnSequences", returnSequences);
    const isDouble = flag(this.label, "doubleBias", doubleBias);
    this.#biases = flag(this.label, "useBias", useBias) ? (isDouble ? 2 : 1) : 0;
    this.#unitForgetBias = flag(this.label, "unitForgetBias", unitForgetBias);
    this.seed = seedOrDrawn(this.label, seed);
    if (options.inputSize !== undefined) this.build(size(this.label, "inputSize", options.inputSize));
  }

  /**
   * Runs x [B, T, I]. Throws ShapeError for an input or state that does not fit, OptionError for lengths outside 1 to
   * T, OutOfMemoryError; nothing has changed then.
   */
  forward(x: TensorLike, options: LSTMForwardOptions = {}): LSTMResult {
    knownOptions(`${this.label}.forward`, options, ["training", "initialState", "lengths"]);
    const core = this.requireUsable();
    const { training = false, initialState, lengths } = options;
    flag(`${this.label}.forward`, "training", training);
    const input = this.readTensor("its input", x);
    const call = this.#plan(input, lengths);
    const { hidden, cell } = this.#initialState(call, initialState);
    if (this.inputSize === undefined) this.buildFor(call.I, () => void this.#place(core, call, training));
    const { parameters } = this.requireWeights();
    const { kernels, tile } = core;
    const { T, B, I } = call;
    const at = this.#place(core, call, training);
    const plan = this.#writePlan(core, call, at);
    packRows(core, at.x, input.data, at.staging, plan, I);
    packRows(core, at.hidden, hidden, at.staging, singleStep(B, plan.order), this.units);
    packRows(core, at.cell, cell, at.staging, singleStep(B, plan.order), this.units);
    const H = this.units;
    kernels.lstmForward(
      at.output,
      at.hidden,
      at.cell,
      at.cache,
      at.x,
      parameters,
      plan.active,
      0,
      call.ragged?.longest ?? T,
      B,
      I,
      H,
      this.#biases,
      ACTIVATIONS.tanh,
      ACTIVATIONS.sigmoid,
      training,
      tile,
    );
    if (training) this.#kept.keep({ call, at });
    return this.#result(core, call, at, plan);
  }

  /**
   * Goes back through the last forward call with `training: true`, given the gradients of its results; adds to the
   * gradients of the weights and returns those of the input and the initial state. Throws StateError before such a
   * call and when it was used up already, ShapeError for gradients that do not fit; nothing has changed then.
   */
  backward(gradients: LSTMOutputGradients): LSTMInputGradients {
    knownOptions(`${this.label}.backward`, gradients, ["output", "hidden", "cell"]);
    const core = this.requireUsable();
    const { kernels, tile } = core;
    const { call, at } = this.#kept.require();
    const { T, B, I } = call;
    const H = this.units;
    const { output, hidden, cell } = this.#outputGradients(call, gradients);
    const block = this.requireBlock();
    const to = place(core.scratch, {
      dx: call.N * kernels.rowStride(I),
      dOutput: output === undefined ? 0 : call.N * kernels.rowStride(H),
      dHidden: B * kernels.rowStride(H),
      dCell: B * kernels.rowStride(H),
      scratch: kernels.lstmScratchFloats(I, H),
      staging: B * T * Math.max(I, H),
    });
    const plan = rowPlan(call, at);
    const state = singleStep(B, plan.order);
    if (output !== undefined) packRows(core, to.dOutput, output, to.staging, plan, H);
    packRows(core, to.dHidden, hidden, to.staging, state, H);
    packRows(core, to.dCell, cell, to.staging, state, H);
    this.#kept.clear();
    kernels.lstmBackward(
      to.dx,
      to.dHidden,
      to.dCell,
      block.gradients,
      to.scratch,
      output === undefined ? 0 : to.dOutput,
      at.cache,
      at.x,
      block.parameters,
      plan.active,
      0,
      call.ragged?.longest ?? T,
      B,
      I,
      H,
      this.#biases,
      ACTIVATIONS.tanh,
      ACTIVATIONS.sigmoid,
      tile,
    );
    this.markGradients();
    return {
      input: tensor(unpackRows(core, to.dx, to.staging, plan, I), [B, T, I]),
      hidden: tensor(unpackRows(core, to.dHidden, to.staging, state, H), [B, H]),
      cell: tensor(unpackRows(core, to.dCell, to.staging, state, H), [B, H]),
    };
  }

  /** With one trained bias, bias_ih and bias_hh both carry its gradient. */
  override getGradients(): NamedTensors {
    const gradients = super.getGradients();
    if (this.#biases !== 1 || gradients.bias_ih === undefined) return gradients;
    return { ...gradients, bias_hh: tensor(gradients.bias_ih.data.slice(), gradients.bias_ih.shape) };
  }

  protected weightShapes(I: number): Record<string, readonly number[]> {
    return lstmWeightShapes(this.#sizes(I));
  }

  protected parameterFloats({ kernels }: Core, I: number): number {
    return kernels.lstmParameterFloats(I, this.units, this.#biases);
  }

  protected initialWeights(core: Core, I: number): NamedTensors {
    return initialLSTMWeights(core, this.#sizes(I), this.seed, this.#unitForgetBias);
  }

  protected writeWeights(core: Core, to: number, weights: Readonly<Record<string, Tensor>>, I: number): void {
    writeLSTMWeights(core, to, weights, this.#sizes(I));
  }

  protected readWeights(core: Core, from: number, I: number): NamedTensors {
    return readLSTMWeights(core, from, this.#sizes(I));
  }

  #sizes(I: number): LSTMSizes {
    return { I, H: this.units, biases: this.#biases };
  }

  #plan(input: Tensor, lengths: LSTMForwardOptions["lengths"]): Call {
    const [B = 0, T = 0, I = 0] = input.shape;
    const expected = ["batch", "steps", this.inputSize ?? "features"];
    if (input.shape.length !== 3 || B < 1 || T < 1 || I < 1 || (this.inputSize ?? I) !== I) {
      const hint = input.shape.length === 2 ? ": an LSTM before it needs returnSequences: true" : "";
      throw new ShapeError(`${this.label} expects ${formatShape(expected)}, got ${formatShape(input.shape)}${hint}.`);
    }
    const ragged = lengths === undefined ? undefined : planRagged(this.label, lengths, B, T);
    return { T, B, I, N: ragged?.rows ?? T * B, ragged };
  }

  /** Undefined stands for zeros. */
  #initialState({ B }: Call, state: LSTMForwardOptions["initialState"]): { hidden?: Values; cell?: Values } {
    const shape = [B, this.units];
    if (state === undefined) return {};
    // The result of an earlier call is taken as it is.
    knownOptions(`${this.label}.forward's initialState`, state, ["hidden", "cell", "output"]);
    return {
      hidden: this.requireShape("initialState.hidden", state.hidden, shape).data,
      cell: this.requireShape("initialState.cell", state.cell, shape).data,
    };
  }

  /** In training in a region of the layer's own, where backward finds it; the staging area is everybody's. */
  #place({ kernels, scratch }: Core, { N, B, T, I, ragged }: Call, training: boolean): Addresses<Slot> {
    const H = this.units;
    const kept = {
      x: N * kernels.rowStride(I),
      output: N * kernels.rowStride(H),
      hidden: B * kernels.rowStride(H),
      cell: B * kernels.rowStride(H),
      cache: kernels.lstmCacheFloats(N, B, H, training),
      order: ragged?.order.length ?? 0,
      active: ragged?.active.length ?? 0,
    };
    const shared = { staging: B * T * Math.max(I, H) };
    if (!training) return place(scratch, { ...kept, ...shared });
    const staging = place(scratch, shared);
    return { ...this.#kept.place(kept), ...staging };
  }

  #writePlan({ memory }: Core, call: Call, at: Addresses<Slot>): RowPlan {
    if (call.ragged !== undefined) {
      memory.i32(at.order, call.B).set(call.ragged.order);
      memory.i32(at.active, call.T).set(call.ragged.active);
    }
    return rowPlan(call, at);
  }

  #result(core: Core, { T, B }: Call, at: Addresses<Slot>, plan: RowPlan): LSTMResult {
    const H = this.units;
    const state = singleStep(B, plan.order);
    const hidden = tensor(unpackRows(core, at.hidden, at.staging, state, H), [B, H]);
    const cell = tensor(unpackRows(core, at.cell, at.staging, state, H), [B, H]);
    if (!this.returnSequences) return { output: tensor(hidden.data.slice(), [B, H]), hidden, cell };
    return { output: tensor(unpackRows(core, at.output, at.staging, plan, H), [B, T, H]), hidden, cell };
  }

  /** Gradients of the sequence of outputs, if they were given, and of the final state, to which a last output belongs. */
  #outputGradients({ B, T }: Call, gradients: LSTMOutputGradients) {
    const H = this.units;
    const read = (what: "output" | "hidden" | "cell", shape: readonly number[]): Values | undefined => {
      const value = gradients[what];
      return value === undefined ? undefined : this.requireShape(`the gradient of ${what}`, value, shape).data;
    };
    const output = read("output", this.returnSequences ? [B, T, H] : [B, H]);
    const hidden = read("hidden", [B, H]);
    const cell = read("cell", [B, H]);
    if (this.returnSequences || output === undefined) return { output, hidden, cell };
    return { output: undefined, hidden: Float32Array.from(output, (value, i) => value + (hidden?.[i] ?? 0)), cell };
  }
}

function rowPlan({ T, B, ragged }: Call, at: Addresses<"order" | "active">): RowPlan {
  return { T, B, order: ragged ? at.order : 0, active: ragged ? at.active : 0 };
}
