/** Layers that join branches: sums, products, features side by side. */
import type { Core } from "../core/context.ts";
import { ShapeError } from "../errors.ts";
import { describe } from "../options.ts";
import { formatShape, sameShape } from "../shape.ts";
import { requireSymbolic, type Signature, type SymbolicTensor } from "./graph.ts";
import { Layer, type LayerOptions } from "./layer.ts";
import { featuresOf } from "./row-wise.ts";
import type { Extent, Work } from "./work.ts";

/** A layer of two or more inputs with the same rows. */
abstract class Merge extends Layer {
  protected constructor(kind: string, options: LayerOptions) {
    super(kind, options, []);
  }

  /** Throws ShapeError unless there are two or more and they fit. */
  override apply(inputs: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor {
    const list = Array.isArray(inputs) ? inputs : [inputs];
    if (list.length < 2) {
      throw new ShapeError(
        `${this.label}.apply takes an array of two or more symbolic tensors, got ${describe(inputs)}.`,
      );
    }
    return this.connect(list.map((x) => requireSymbolic(this.label, x)))[0] as SymbolicTensor;
  }

  override takesInputs(count: number): boolean {
    return count >= 2;
  }

  /** The common signature; all axes must be equal, or all but the last. */
  protected common(inputs: readonly Signature[], axes: "all" | "leading"): Signature {
    const [first, ...others] = inputs;
    if (first === undefined) throw new ShapeError(`${this.label} needs inputs.`);
    const part = ({ shape }: Signature) => shape.slice(0, axes === "all" ? shape.length : -1).map((n) => n ?? -1);
    for (const input of inputs) featuresOf(this, input);
    for (const other of others) {
      if (sameShape(part(first), part(other)) && first.frame.depth === other.frame.depth) continue;
      const fit = axes === "all" ? "inputs of one shape" : "inputs that differ in features only";
      throw new ShapeError(
        `${this.label} expects ${fit}, got ${formatShape(first.shape)} and ${formatShape(other.shape)}.`,
      );
    }
    return first;
  }
}

/** y = x0 + x1 + ... */
export class Add extends Merge {
  /** Throws OptionError. */
  constructor(options: LayerOptions = {}) {
    super("Add", options);
  }

  infer(inputs: readonly Signature[]): readonly Signature[] {
    return [this.common(inputs, "all")];
  }

  run({ kernels }: Core, { rows, widths, inputs, outputs }: Work): void {
    const y = outputs[0] ?? 0;
    const F = widths[0] ?? 0;
    const row = kernels.rowStride(F);
    kernels.gatherRows(y, row, inputs[0] ?? 0, row, 0, rows.N, F);
    for (let i = 1; i < inputs.length; i++) kernels.addRows(y, inputs[i] ?? 0, rows.N * row);
  }

  runBackward({ kernels }: Core, { rows, widths: [F = 0], dOutputs: [dy = 0], dInputs }: Work): void {
    const row = kernels.rowStride(F);
    for (const dx of dInputs) if (dx !== 0) kernels.gatherRows(dx, row, dy, row, 0, rows.N, F);
  }
}

/** y = x0 x1 ..., element by element. */
export class Multiply extends Merge {
  /** Throws OptionError. */
  constructor(options: LayerOptions = {}) {
    super("Multiply", options);
  }

  infer(inputs: readonly Signature[]): readonly Signature[] {
    return [this.common(inputs, "all")];
  }

  run({ kernels }: Core, { rows, widths, inputs, outputs }: Work): void {
    const y = outputs[0] ?? 0;
    const floats = rows.N * kernels.rowStride(widths[0] ?? 0);
    kernels.multiplyRows(y, inputs[0] ?? 0, inputs[1] ?? 0, floats);
    for (let i = 2; i < inputs.length; i++) kernels.multiplyRows(y, y, inputs[i] ?? 0, floats);
  }

  /** Each input's gradient is dy times all other inputs. */
  runBackward({ kernels }: Core, { rows, widths: [F = 0], inputs, dOutputs: [dy = 0], dInputs }: Work): void {
    const floats = rows.N * kernels.rowStride(F);
    for (const [i, dx] of dInputs.entries()) {
      if (dx === 0) continue;
      let from = dy;
      for (const [j, x] of inputs.entries()) {
        if (j === i) continue;
        kernels.multiplyRows(dx, from, x, floats);
        from = dx;
      }
    }
  }
}

/** The features of all inputs side by side. */
export class Concatenate extends Merge {
  /** Throws OptionError. */
  constructor(options: LayerOptions = {}) {
    super("Concatenate", options);
  }

  infer(inputs: readonly Signature[]): readonly Signature[] {
    const first = this.common(inputs, "leading");
    const features = inputs.reduce((sum, { shape }) => sum + (shape.at(-1) ?? 0), 0);
    return [{ ...first, shape: [...first.shape.slice(0, -1), features], frame: first.frame }];
  }

  run({ kernels }: Core, { rows, widths, inputs, outputs }: Work): void {
    const y = outputs[0] ?? 0;
    const total = sumOf(widths);
    const row = kernels.rowStride(total);
    let column = 0;
    for (let i = 0; i < widths.length; i++) {
      const F = widths[i] ?? 0;
      kernels.copyColumns(y, row, column, inputs[i] ?? 0, kernels.rowStride(F), 0, rows.N, F);
      column += F;
    }
    kernels.clearPads(y, rows.N, total);
  }

  runBackward({ kernels }: Core, { rows, widths, dOutputs: [dy = 0], dInputs }: Work): void {
    const row = kernels.rowStride(sumOf(widths));
    let column = 0;
    for (const [i, F] of widths.entries()) {
      const dx = dInputs[i] ?? 0;
      if (dx !== 0) {
        kernels.copyColumns(dx, kernels.rowStride(F), 0, dy, row, column, rows.N, F);
        kernels.clearPads(dx, rows.N, F);
      }
      column += F;
    }
  }
}

function sumOf(widths: Extent["widths"]): number {
  return widths.reduce((sum, width) => sum + width, 0);
}
