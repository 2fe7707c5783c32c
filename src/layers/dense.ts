/** The dense layer: shapes, options and named weights around the kernels of assembly/layers/dense.ts. */
import type { Core } from "../core/context.ts";
import { type Addresses, place, read, write } from "../core/plan.ts";
import { columnsOfProduct, inRanges, rowsOfProduct } from "../core/split.ts";
import { ShapeError } from "../errors.ts";
import { glorotUniform, zeros } from "../initializers.ts";
import { flag, size } from "../options.ts";
import { Random } from "../random.ts";
import { formatShape, type Tensor, type TensorLike, tensor } from "../shape.ts";
import { type ActivationName, activate, activateBackward, activationName } from "./activation.ts";
import type { Signature } from "./graph.ts";
import type { NamedTensors, SeededOptions } from "./layer.ts";
import { featuresOf, type RowWise, RowWiseCalls, type RowWiseForwardOptions, requireRows } from "./row-wise.ts";
import { WeightedLayer } from "./weighted.ts";
import type { Extent, Work } from "./work.ts";

/** Options of `Dense`; defaults follow Keras 3. */
export interface DenseOptions extends SeededOptions {
  /** Outputs O, a positive integer. */
  readonly units: number;
  /** Inputs I; taken from the first input when left out. */
  readonly inputSize?: number | undefined;
  /** Applied to the result; by default "linear". "softmax" works over the outputs. */
  readonly activation?: ActivationName | undefined;
  /** Add a bias; by default true. */
  readonly useBias?: boolean | undefined;
}

/**
 * y = activation(x W^T + b) over the last axis of x, with W [O, I] and b [O].
 *
 * ```ts
 * const dense = new Dense({ units: 65, inputSize: 128 });
 * const logits = dense.forward(hidden, { training: true }); // [32, 128] to [32, 65], [32, 50, 128] to [32, 50, 65]
 * const { input } = dense.backward(dLogits);
 * ```
 */
export class Dense extends WeightedLayer implements RowWise {
  readonly units: number;
  readonly activation: ActivationName;
  readonly #useBias: boolean;
  protected readonly inputWeight: string = "weight";
  readonly #calls: RowWiseCalls = new RowWiseCalls(this);

  /** Throws OptionError; with `inputSize` room for the weights is made at once, which needs `init` (StateError). */
  constructor(options: DenseOptions) {
    super("Dense", options, ["units", "inputSize", "activation", "useBias", "seed"]);
    this.units = size(this.label, "units", options.units);
    const { useBias = true, activation = "linear" } = options;
    this.activation = activationName(this.label, activation);
    this.#useBias = flag(this.label, "useBias", useBias);
    if (options.inputSize !== undefined) this.build(size(this.label, "inputSize", options.inputSize));
  }

  /** Maps x [..., I] to [..., O]. Throws ShapeError for an input that does not fit, OutOfMemoryError. */
  forward(x: TensorLike, options: RowWiseForwardOptions = {}): Tensor<Float32Array> {
    this.requireUsable();
    const input = this.readTensor("its input", x);
    requireRows(this, input, this.inputSize);
    return this.#calls.forward(input, options);
  }

  /**
   * Goes back through the last forward call with `training: true`, given the gradient of its result; adds to the
   * gradients of the weights and returns that of x. Throws StateError before such a call and when it was used up
   * already, ShapeError for a gradient that does not fit; nothing has changed then.
   */
  backward(gradient: TensorLike): { readonly input: Tensor<Float32Array> } {
    return this.#calls.backward((shape) => this.requireShape("the gradient of its output", gradient, shape));
  }

  infer([input]: readonly Signature[]): readonly Signature[] {
    if (input === undefined) return [];
    const expected = formatShape(["...", this.inputSize ?? "features"]);
    this.expectInputSize(featuresOf(this, input), () => {
      throw new ShapeError(`${this.label} expects ${expected}, got ${formatShape(input.shape)}.`);
    });
    return [{ ...input, shape: [...input.shape.slice(0, -1), this.units], frame: input.frame }];
  }

  outputSize(): number {
    return this.units;
  }

  override scratchFloats({ kernels, pool }: Core, { widths: [I = 0] }: Extent, training: boolean): number {
    if (!training) return 0;
    return (
      kernels.denseTransposedFloats(I, this.units) + (pool?.threads ?? 1) * kernels.gradientScratchFloats(I, this.units)
    );
  }

  run(core: Core, { rows: { N }, widths, inputs, outputs }: Work): void {
    const [x = 0] = inputs;
    const [y = 0] = outputs;
    const [I = 0] = widths;
    const O = this.units;
    const { parameters } = this.requireBlock();
    const [xRow, yRow] = [core.kernels.rowStride(I) * 4, core.kernels.rowStride(O) * 4];
    inRanges(core, "denseForward", N, rowsOfProduct(I * O), (first, end) => {
      return [y + first * yRow, x + first * xRow, parameters, end - first, I, O, core.tile];
    });
    if (this.activation !== "linear") activate(core, this.activation, y, y, N, O);
  }

  runBackward(core: Core, work: Work): void {
    const { N } = work.rows;
    const [[I = 0], [x = 0], [y = 0]] = [work.widths, work.inputs, work.outputs];
    const [[dx = 0], [dy = 0]] = [work.dInputs, work.dOutputs];
    const { parameters, gradients } = this.requireBlock();
    const O = this.units;
    if (this.activation !== "linear") activateBackward(core, this.activation, dy, dy, y, N, O);
    const { kernels, tile } = core;
    const { scratch: transposed } = work;
    if (dx !== 0) {
      const [dxRow, dyRow] = [kernels.rowStride(I) * 4, kernels.rowStride(O) * 4];
      kernels.denseTranspose(transposed, parameters, I, O);
      inRanges(core, "denseBackward", N, rowsOfProduct(I * O), (first, end) => {
        return [dx + first * dxRow, dy + first * dyRow, transposed, end - first, I, O, tile];
      });
    }
    const panels = transposed + kernels.denseTransposedFloats(I, O) * 4;
    const panelBytes = kernels.gradientScratchFloats(I, O) * 4;
    const biases = this.#useBias ? 1 : 0;
    inRanges(core, "denseGradients", O, columnsOfProduct(N * I), (first, end, thread) => {
      return [gradients, panels + thread * panelBytes, dy, x, N, I, O, biases, first, end, tile];
    });
    this.markGradients();
  }

  weightShapes(I: number): Record<string, readonly number[]> {
    const weight = [this.units, I];
    return this.#useBias ? { weight, bias: [this.units] } : { weight };
  }

  parameterFloats({ kernels }: Core, I: number): number {
    return kernels.denseParameterFloats(I, this.units);
  }

  protected initialWeights(core: Core, I: number): NamedTensors {
    this.#stage(core, I);
    const weight = glorotUniform(new Random(this.seed).fork("weight"), [this.units, I], I, this.units);
    return { weight: tensor(weight, [this.units, I]), bias: tensor(zeros([this.units])) };
  }

  protected writeWeights(core: Core, to: number, weights: Readonly<Record<string, Tensor>>, I: number): void {
    const at = this.#stage(core, I);
    if (weights.weight !== undefined) write(core.memory, at.weight, weights.weight.data);
    if (weights.bias !== undefined) write(core.memory, at.bias, weights.bias.data);
    core.kernels.denseWriteWeights(to, at.weight, this.#useBias ? at.bias : 0, I, this.units);
  }

  protected readWeights(core: Core, from: number, I: number): NamedTensors {
    const O = this.units;
    const at = this.#stage(core, I);
    core.kernels.denseReadWeights(at.weight, this.#useBias ? at.bias : 0, from, I, O);
    const weight = tensor(read(core.memory, at.weight, O * I), [O, I]);
    return this.#useBias ? { weight, bias: tensor(read(core.memory, at.bias, O), [O]) } : { weight };
  }

  #stage({ scratch }: Core, I: number): Addresses<"weight" | "bias"> {
    return place(scratch, { weight: this.units * I, bias: this.units });
  }
}
