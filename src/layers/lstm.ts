/** The LSTM layer around the kernels of assembly/bptt/lstm.ts. */
import type { Core } from "../core/context.ts";
import { forgetBias, zeros } from "../initializers.ts";
import { flag, size } from "../options.ts";
import type { TensorLike } from "../shape.ts";
import { ACTIVATIONS, type Activation } from "./activations.ts";
import type { SymbolicTensor } from "./graph.ts";
import { Recurrent } from "./recurrent.ts";
import { RecurrentCalls } from "./recurrent-calls.ts";
import type {
  LSTMForwardOptions,
  LSTMInputGradients,
  LSTMOptions,
  LSTMOutputGradients,
  LSTMResult,
  LSTMSymbolicState,
} from "./recurrent-types.ts";
import type { CellSizes, StagedWeights } from "./recurrent-weights.ts";

const GATES = 4;

/** What `apply` gives; the states are there with `returnState`. */
export type LSTMSymbols = SymbolicTensor & { readonly hidden?: SymbolicTensor; readonly cell?: SymbolicTensor };

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
export class LSTM extends Recurrent {
  readonly recurrentActivation: Activation;
  override readonly stateCount: number = 2;
  readonly stateNames: readonly string[] = ["hidden", "cell"];
  /** @internal */
  readonly gates: number = GATES;
  /** @internal */
  override readonly sharesUnits: boolean;
  /** @internal */
  readonly kernelNames = { forward: "lstmForward", backward: "lstmBackward" } as const;
  readonly #unitForgetBias: boolean;
  readonly #calls: RecurrentCalls = new RecurrentCalls(this);

  /** Throws OptionError; with `inputSize` room for the weights is made at once, which needs `init` (StateError). */
  constructor(options: LSTMOptions) {
    super("LSTM", options, ["recurrentActivation", "unitForgetBias"]);
    this.recurrentActivation = this.activationOf("recurrentActivation", options.recurrentActivation ?? "sigmoid");
    this.sharesUnits = this.activation === "tanh" && this.recurrentActivation === "sigmoid";
    const { unitForgetBias = true } = options;
    this.#unitForgetBias = flag(this.label, "unitForgetBias", unitForgetBias);
    if (options.inputSize !== undefined) this.build(size(this.label, "inputSize", options.inputSize));
  }

  /** Connects the layer in a model. Throws ShapeError when x or the initial state does not fit. */
  override apply(
    x: SymbolicTensor,
    options: { readonly initialState?: LSTMSymbolicState | undefined } = {},
  ): LSTMSymbols {
    return this.applyWith(x, options);
  }

  /**
   * Runs x [B, T, I]. Throws ShapeError for an input or state that does not fit, OptionError for lengths outside 1 to
   * T, OutOfMemoryError; nothing has changed then.
   */
  forward(x: TensorLike, options: LSTMForwardOptions = {}): LSTMResult {
    return this.#calls.forward(x, options) as unknown as LSTMResult;
  }

  /**
   * Goes back through the last forward call with `training: true`, given the gradients of its results; adds to the
   * gradients of the weights and returns those of the input and the initial state. Throws StateError before such a
   * call and when it was used up already, ShapeError for gradients that do not fit; nothing has changed then.
   */
  backward(gradients: LSTMOutputGradients): LSTMInputGradients {
    return this.#calls.backward(gradients) as unknown as LSTMInputGradients;
  }

  parameterFloats({ kernels }: Core, I: number): number {
    return kernels.lstmParameterFloats(I, this.units, this.biases);
  }

  protected initialBias(): Float32Array {
    return this.#unitForgetBias ? forgetBias(this.units) : zeros([GATES * this.units]);
  }

  protected packWeights({ kernels }: Core, to: number, at: StagedWeights, { I, H, biases }: CellSizes): void {
    kernels.lstmWriteWeights(to, at.weight_ih, at.weight_hh, at.bias_ih, at.bias_hh, I, H, biases);
  }

  protected unpackWeights({ kernels }: Core, at: StagedWeights, from: number, { I, H, biases }: CellSizes): void {
    kernels.lstmReadWeights(at.weight_ih, at.weight_hh, at.bias_ih, at.bias_hh, from, I, H, biases);
  }

  protected cellCacheFloats({ kernels }: Core, N: number, B: number, training: boolean): number {
    return kernels.lstmCacheFloats(N, B, this.units, training);
  }

  protected cellScratchFloats({ kernels }: Core, I: number): number {
    return kernels.lstmScratchFloats(I, this.units);
  }

  /** @internal */
  get activationCodes(): readonly number[] {
    return [ACTIVATIONS[this.activation], ACTIVATIONS[this.recurrentActivation]];
  }
}
