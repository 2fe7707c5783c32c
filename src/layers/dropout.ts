/** Dropout around the kernels of assembly/layers/dropout.ts. */
import type { Core } from "../core/context.ts";
import { finiteNumber } from "../options.ts";
import type { Tensor, TensorLike } from "../shape.ts";
import type { Signature } from "./graph.ts";
import { Layer, type SeededOptions } from "./layer.ts";
import { featuresOf, type RowWise, RowWiseCalls, type RowWiseForwardOptions, requireRows } from "./row-wise.ts";
import type { Work } from "./work.ts";

/** Options of `Dropout`. */
export interface DropoutOptions extends SeededOptions {
  /** Share of the elements that become 0 in training, 0 to 1 exclusive; the others are divided by 1 - rate. */
  readonly rate: number;
}

/** Inverted dropout (Srivastava et al. 2014): in training y = x noise, noise 0 with probability rate, else 1 / (1 - rate). */
export class Dropout extends Layer implements RowWise {
  readonly rate: number;
  override readonly isNoisy: boolean = true;
  readonly #calls: RowWiseCalls = new RowWiseCalls(this);

  /** Throws OptionError. */
  constructor(options: DropoutOptions) {
    super("Dropout", options, ["rate", "seed"]);
    this.rate = finiteNumber(this.label, "rate", options.rate, { min: 0, below: 1 });
  }

  /** x [..., F] to the same shape. Throws ShapeError, OutOfMemoryError. */
  forward(x: TensorLike, options: RowWiseForwardOptions = {}): Tensor<Float32Array> {
    const input = this.readTensor("its input", x);
    requireRows(this, input, undefined);
    return this.#calls.forward(input, options);
  }

  /** The gradient of x, by the same noise; throws StateError without a forward call in training before it. */
  backward(gradient: TensorLike): { readonly input: Tensor<Float32Array> } {
    return this.#calls.backward((shape) => this.requireShape("the gradient of its output", gradient, shape));
  }

  infer(inputs: readonly Signature[]): readonly Signature[] {
    for (const input of inputs) featuresOf(this, input);
    return inputs;
  }

  outputSize(inputSize: number): number {
    return inputSize;
  }

  override isIdentity(training: boolean): boolean {
    return !training || this.rate === 0;
  }

  run(
    core: Core,
    { training, rows, widths: [F = 0], inputs: [x = 0], outputs: [y = 0], key: [low, high] }: Work,
  ): void {
    core.kernels.dropoutRows(y, x, rows.source, low, high, rows.N, F, training ? this.rate : 0);
  }

  runBackward({ kernels }: Core, work: Work): void {
    const [{ rows, key }, [F = 0], [dy = 0], [dx = 0]] = [work, work.widths, work.dOutputs, work.dInputs];
    if (dx !== 0) kernels.dropoutRows(dx, dy, rows.source, key[0], key[1], rows.N, F, this.rate);
  }
}
