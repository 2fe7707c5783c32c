/** Elementwise activations and softmax: the layer, and what Dense uses (assembly/layers/activation.ts). */
import type { Core } from "../core/context.ts";
import { inRanges, rowsOfFloats } from "../core/split.ts";
import { oneOf } from "../options.ts";
import type { Tensor, TensorLike } from "../shape.ts";
import { ACTIVATIONS, type Activation as ElementwiseActivation } from "./activations.ts";
import type { Signature } from "./graph.ts";
import { Layer, type LayerOptions } from "./layer.ts";
import { featuresOf, type RowWise, RowWiseCalls, type RowWiseForwardOptions, requireRows } from "./row-wise.ts";
import type { Work } from "./work.ts";

/** Names of activations; "softmax" works over the last axis, the others on each element. */
export type ActivationName = ElementwiseActivation | "softmax";

const NAMES = [...(Object.keys(ACTIVATIONS) as ElementwiseActivation[]), "softmax"] as const;

/** Returns the name; throws OptionError that lists all. */
export function activationName(owner: string, value: unknown): ActivationName {
  return oneOf(owner, "activation", value, NAMES);
}

/** y <- the activation of x, N rows of F features; in place allowed. */
export function activate(core: Core, name: ActivationName, y: number, x: number, N: number, F: number): void {
  overRows(core, name, "Forward", [y, x], N, F);
}

/** dx <- the gradient through the activation, from dy and the activation's output y; in place allowed. */
export function activateBackward(
  core: Core,
  name: ActivationName,
  dx: number,
  dy: number,
  y: number,
  N: number,
  F: number,
): void {
  overRows(core, name, "Backward", [dx, dy, y], N, F);
}

function overRows(
  core: Core,
  name: ActivationName,
  direction: "Forward" | "Backward",
  matrices: readonly number[],
  N: number,
  F: number,
): void {
  const row = core.kernels.rowStride(F) * 4;
  const [kernel, codes] =
    name === "softmax" ? (["softmax", []] as const) : (["activation", [ACTIVATIONS[name]]] as const);
  inRanges(core, `${kernel}${direction}`, N, rowsOfFloats(F), (first, end) => [
    ...matrices.map((address) => address + first * row),
    end - first,
    F,
    ...codes,
  ]);
}

/** Options of `Activation`. */
export interface ActivationOptions extends LayerOptions {
  /** One of linear, tanh, sigmoid, hardSigmoid, relu, relu6, leakyRelu, elu, selu, softplus, softsign, exponential, softmax. */
  readonly activation: ActivationName;
}

/** y = activation(x), in the definitions of Keras 3: hardSigmoid relu6(x + 3) / 6, leakyRelu with slope 0.2, elu with alpha 1. */
export class Activation extends Layer implements RowWise {
  readonly activation: ActivationName;
  readonly #calls: RowWiseCalls = new RowWiseCalls(this);

  /** Throws OptionError. */
  constructor(options: ActivationOptions) {
    super("Activation", options, ["activation"]);
    this.activation = activationName(this.label, options.activation);
  }

  /** x [..., F] to the same shape. Throws ShapeError, OutOfMemoryError. */
  forward(x: TensorLike, options: RowWiseForwardOptions = {}): Tensor<Float32Array> {
    const input = this.readTensor("its input", x);
    requireRows(this, input, undefined);
    return this.#calls.forward(input, options);
  }

  /** The gradient of x; throws StateError without a forward call in training before it. */
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
    return this.activation === "linear" && !training;
  }

  run(core: Core, { rows, widths, inputs, outputs }: Work): void {
    activate(core, this.activation, outputs[0] ?? 0, inputs[0] ?? 0, rows.N, widths[0] ?? 0);
  }

  runBackward(core: Core, work: Work): void {
    const {
      rows,
      widths: [F = 0],
      outputs: [y = 0],
      dOutputs: [dy = 0],
      dInputs: [dx = 0],
    } = work;
    if (dx !== 0) activateBackward(core, this.activation, dx, dy, y, rows.N, F);
  }
}
