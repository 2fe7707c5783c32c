/** Layer normalisation around the kernels of assembly/layers/layer-norm.ts. */
import type { Core } from "../core/context.ts";
import { read, write } from "../core/plan.ts";
import { inRanges, rowsOfFloats } from "../core/split.ts";
import { ShapeError } from "../errors.ts";
import { zeros } from "../initializers.ts";
import { finiteNumber, size } from "../options.ts";
import { formatShape, type Tensor, type TensorLike, tensor } from "../shape.ts";
import type { Signature } from "./graph.ts";
import type { LayerOptions, NamedTensors } from "./layer.ts";
import { featuresOf, type RowWise, RowWiseCalls, type RowWiseForwardOptions, requireRows } from "./row-wise.ts";
import { WeightedLayer } from "./weighted.ts";
import type { Extent, Work } from "./work.ts";

/** Options of `LayerNormalization`; defaults follow Keras 3. */
export interface LayerNormalizationOptions extends LayerOptions {
  /** Features F; taken from the first input when left out. */
  readonly inputSize?: number | undefined;
  /** Added to the variance; by default 0.001 as in Keras (PyTorch has 1e-5). */
  readonly epsilon?: number | undefined;
}

/**
 * y = weight (x - mean) / sqrt(variance + epsilon) + bias over the last axis (Ba, Kiros and Hinton 2016), with the
 * variance divided by F; weight [F] starts at 1, bias [F] at 0.
 */
export class LayerNormalization extends WeightedLayer implements RowWise {
  readonly epsilon: number;
  protected readonly inputWeight: string = "weight";
  readonly #calls: RowWiseCalls = new RowWiseCalls(this);

  /** Throws OptionError; with `inputSize` room for the weights is made at once, which needs `init` (StateError). */
  constructor(options: LayerNormalizationOptions = {}) {
    super("LayerNormalization", options, ["inputSize", "epsilon"]);
    this.epsilon = finiteNumber(this.label, "epsilon", options.epsilon ?? 0.001, { above: 0 });
    if (options.inputSize !== undefined) this.build(size(this.label, "inputSize", options.inputSize));
  }

  /** x [..., F] to the same shape. Throws ShapeError, OutOfMemoryError. */
  forward(x: TensorLike, options: RowWiseForwardOptions = {}): Tensor<Float32Array> {
    this.requireUsable();
    const input = this.readTensor("its input", x);
    requireRows(this, input, this.inputSize);
    return this.#calls.forward(input, options);
  }

  /** Adds to the gradients of the weights and gives that of x; throws as `Dense.backward`. */
  backward(gradient: TensorLike): { readonly input: Tensor<Float32Array> } {
    return this.#calls.backward((shape) => this.requireShape("the gradient of its output", gradient, shape));
  }

  infer(inputs: readonly Signature[]): readonly Signature[] {
    for (const input of inputs) {
      const expected = formatShape(["...", this.inputSize ?? "features"]);
      this.expectInputSize(featuresOf(this, input), () => {
        throw new ShapeError(`${this.label} expects ${expected}, got ${formatShape(input.shape)}.`);
      });
    }
    return inputs;
  }

  outputSize(inputSize: number): number {
    return inputSize;
  }

  override cacheFloats({ kernels }: Core, { rows }: Extent): number {
    return kernels.layerNormStatsFloats(rows.N);
  }

  run(core: Core, { rows, widths: [F = 0], inputs: [x = 0], outputs: [y = 0], cache }: Work): void {
    const { parameters } = this.requireBlock();
    const row = core.kernels.rowStride(F) * 4;
    inRanges(core, "layerNormForward", rows.N, rowsOfFloats(F), (first, end) => {
      const stats = cache + core.kernels.layerNormStatsFloats(first) * 4;
      return [y + first * row, stats, x + first * row, parameters, end - first, F, this.epsilon];
    });
  }

  runBackward({ kernels }: Core, { rows, widths: [F = 0], inputs: [x = 0], ...work }: Work): void {
    const [[dy = 0], [dx = 0]] = [work.dOutputs, work.dInputs];
    const { parameters, gradients } = this.requireBlock();
    kernels.layerNormBackward(dx, gradients, dy, work.cache, x, parameters, rows.N, F);
    this.markGradients();
  }

  protected override inputSizeOf(shape: readonly number[]): number | undefined {
    return shape.length === 1 ? shape[0] : undefined;
  }

  weightShapes(F: number): Record<string, readonly number[]> {
    return { weight: [F], bias: [F] };
  }

  parameterFloats({ kernels }: Core, F: number): number {
    return kernels.layerNormParameterFloats(F);
  }

  protected initialWeights(_core: Core, F: number): NamedTensors {
    return { weight: tensor(zeros([F]).fill(1)), bias: tensor(zeros([F])) };
  }

  protected writeWeights(
    { memory, kernels }: Core,
    to: number,
    weights: Readonly<Record<string, Tensor>>,
    F: number,
  ): void {
    const { weight, bias } = weights;
    if (weight !== undefined) write(memory, to, weight.data);
    if (bias !== undefined) write(memory, to + 4 * kernels.rowStride(F), bias.data);
  }

  protected readWeights({ memory, kernels }: Core, from: number, F: number): NamedTensors {
    const bias = read(memory, from + 4 * kernels.rowStride(F), F);
    return { weight: tensor(read(memory, from, F)), bias: tensor(bias) };
  }
}
