/** The simple recurrent layer around the kernels of assembly/bptt/rnn.ts. */
import type { Core } from "../core/context.ts";
import { zeros } from "../initializers.ts";
import { size } from "../options.ts";
import type { TensorLike } from "../shape.ts";
import { ACTIVATIONS } from "./activations.ts";
import type { SymbolicTensor } from "./graph.ts";
import { Recurrent } from "./recurrent.ts";
import { RecurrentCalls } from "./recurrent-calls.ts";
import type {
  RecurrentForwardOptions,
  RecurrentOptions,
  RNNInputGradients,
  RNNOutputGradients,
  RNNResult,
  RNNState,
  RNNSymbolicState,
} from "./recurrent-types.ts";
import type { CellSizes, StagedWeights } from "./recurrent-weights.ts";

/** What `apply` gives; the state is there with `returnState`. */
export type RNNSymbols = SymbolicTensor & { readonly hidden?: SymbolicTensor };

/**
 * The recurrent network of Elman 1990: h = tanh(x W + b + h' R), x [B, T, I], h [B, H].
 *
 * ```ts
 * const rnn = new SimpleRNN({ units: 64, inputSize: 2 });
 * const { output } = rnn.forward(x); // [32, 100, 2] to [32, 64]
 * ```
 */
export class SimpleRNN extends Recurrent {
  override readonly stateCount: number = 1;
  readonly stateNames: readonly string[] = ["hidden"];
  /** @internal */
  readonly gates: number = 1;
  /** @internal */
  readonly kernelNames = { forward: "rnnForward", backward: "rnnBackward" } as const;
  readonly #calls: RecurrentCalls = new RecurrentCalls(this);

  /** Throws OptionError; with `inputSize` room for the weights is made at once, which needs `init` (StateError). */
  constructor(options: RecurrentOptions) {
    super("SimpleRNN", options);
    if (options.inputSize !== undefined) this.build(size(this.label, "inputSize", options.inputSize));
  }

  /** Connects the layer in a model. Throws ShapeError when x or the initial state does not fit. */
  override apply(
    x: SymbolicTensor,
    options: { readonly initialState?: RNNSymbolicState | undefined } = {},
  ): RNNSymbols {
    return this.applyWith(x, options);
  }

  /** As `LSTM.forward`. */
  forward(x: TensorLike, options: RecurrentForwardOptions<RNNState> = {}): RNNResult {
    return this.#calls.forward(x, options) as unknown as RNNResult;
  }

  /** As `LSTM.backward`. */
  backward(gradients: RNNOutputGradients): RNNInputGradients {
    return this.#calls.backward(gradients) as unknown as RNNInputGradients;
  }

  parameterFloats({ kernels }: Core, I: number): number {
    return kernels.rnnParameterFloats(I, this.units, this.biases);
  }

  protected initialBias(): Float32Array {
    return zeros([this.units]);
  }

  protected packWeights({ kernels }: Core, to: number, at: StagedWeights, { I, H, biases }: CellSizes): void {
    kernels.rnnWriteWeights(to, at.weight_ih, at.weight_hh, at.bias_ih, at.bias_hh, I, H, biases);
  }

  protected unpackWeights({ kernels }: Core, at: StagedWeights, from: number, { I, H, biases }: CellSizes): void {
    kernels.rnnReadWeights(at.weight_ih, at.weight_hh, at.bias_ih, at.bias_hh, from, I, H, biases);
  }

  protected cellCacheFloats({ kernels }: Core, N: number, B: number, training: boolean): number {
    return kernels.rnnCacheFloats(N, B, this.units, training);
  }

  protected cellScratchFloats({ kernels }: Core, I: number): number {
    return kernels.rnnScratchFloats(I, this.units);
  }

  /** @internal */
  get activationCodes(): readonly number[] {
    return [ACTIVATIONS[this.activation]];
  }
}
