/** Masking: which steps of an input are no data. Nothing runs; models leave the masked steps out when they read the input. */
import { ShapeError } from "../errors.ts";
import { finiteNumber } from "../options.ts";
import { formatShape } from "../shape.ts";
import { Frame, type Signature, type SymbolicTensor } from "./graph.ts";
import { Layer, type LayerOptions } from "./layer.ts";

/** Options of `Masking`. */
export interface MaskingOptions extends LayerOptions {
  /** A step is masked when all its features equal this value; by default 0. */
  readonly maskValue?: number | undefined;
}

/**
 * Steps of an input [B, T, F] whose features all equal `maskValue` are skipped by recurrent layers, which carry their
 * state over them, and by losses and metrics; in the result of `predict` they repeat the output before them, as in Keras,
 * and are 0 before the first step of data. In models only, directly after an input.
 */
export class Masking extends Layer {
  readonly maskValue: number;

  /** Throws OptionError. */
  constructor(options: MaskingOptions = {}) {
    super("Masking", options, ["maskValue"]);
    this.maskValue = finiteNumber(this.label, "maskValue", options.maskValue ?? 0);
  }

  override connect(inputs: readonly SymbolicTensor[]): readonly SymbolicTensor[] {
    const other = inputs.find(({ node }) => node.layer !== undefined)?.node.layer;
    if (other === undefined) return super.connect(inputs);
    throw new ShapeError(`${this.label} reads an input of the model, got the output of ${other.label}.`);
  }

  infer(inputs: readonly Signature[]): readonly Signature[] {
    return inputs.map((input) => {
      if (input.dtype !== "float32" || input.shape.length !== 3 || input.frame.depth !== 1) {
        const where = input.frame.depth > 1 ? " inside of TimeDistributed" : "";
        throw new ShapeError(
          `${this.label} expects an input [batch, steps, features], got ${formatShape(input.shape)}${where}.`,
        );
      }
      const mask = { kind: "value", value: this.maskValue } as const;
      return { shape: input.shape, dtype: input.dtype, frame: new Frame(input.frame.input, 1, mask) };
    });
  }

  override isIdentity(): boolean {
    return true;
  }

  run(): void {}

  runBackward(): void {}
}
