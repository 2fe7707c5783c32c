/** Dropout around the kernels of assembly/layers/dropout.ts. */
import type { Core } from "../core/context.ts";
import { inRanges, rowsOfFloats } from "../core/split.ts";
import { finiteNumber } from "../options.ts";
import type { Tensor, TensorLike } from "../shape.ts";
import type { Signature } from "./graph.ts";
import { Layer, type SeededOptions } from "./layer.ts";
import { featuresOf, type RowWise, RowWiseCalls, type RowWiseForwardOptions, requireRows } from "./row-wise.ts";
import type { Rows } from "./rows.ts";
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

  run(core: Core, { training, rows, widths: [F = 0], inputs: [x = 0], outputs: [y = 0], key }: Work): void {
    dropRows(core, y, x, rows, F, key, training ? this.rate : 0);
  }

  runBackward(core: Core, { rows, widths: [F = 0], key, dOutputs: [dy = 0], dInputs: [dx = 0] }: Work): void {
    if (dx !== 0) dropRows(core, dx, dy, rows, F, key, this.rate);
  }
}

function dropRows(
  core: Core,
  y: number,
  x: number,
  { source, N }: Rows,
  F: number,
  [low, high]: Work["key"],
  rate: number,
): void {
  const row = core.kernels.rowStride(F) * 4;
  inRanges(core, "dropoutRows", N, rowsOfFloats(F), (first, end) => {
    const ids = source === 0 ? 0 : source + first * 4;
    return [y + first * row, x + first * row, ids, low, high, first, end - first, F, rate];
  });
}
