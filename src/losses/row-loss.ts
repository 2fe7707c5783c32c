/** What training needs of a loss: the call on rows in the core's memory. Its form for use alone is in loss.ts. */
import type { Core } from "../core/context.ts";

/** Operands of one loss in the core's memory; addresses in bytes. */
export interface LossCall {
  /** rows [N, F], overwritten with the gradient; 0: only the value is wanted. */
  readonly dY: number;
  /** rows [N, F] of predictions, rowStride(F) floats from row to row. */
  readonly y: number;
  /** rows [N, F], or i32[N] where `targets` is "labels". */
  readonly target: number;
  /** f32[N], the weight of each row, or 0 for all 1. Rows of weight 0 are not looked at. */
  readonly weights: number;
  /** What `constants(F)` gave, or 0 where it gave nothing. */
  readonly constants: number;
  /** Room for f64[N]. */
  readonly values: number;
  readonly N: number;
  readonly F: number;
  /** The value is the sum of weight * loss of the rows, divided by this; 0 only where no row counts, the value is 0 then. */
  readonly divisor: number;
  /** The gradient is that of the value times this. */
  readonly scale: number;
}

/** A loss: value and gradient in one pass. One value may serve many models, since it keeps nothing. */
export abstract class RowLoss {
  /** The name of Keras's loss in camelCase. */
  abstract readonly name: string;
  /** What a target is: a row of numbers like the prediction, or the index of a class. */
  readonly targets: "values" | "labels" = "values";
  /** Whether predictions are logits, not probabilities. */
  readonly fromLogits: boolean = false;
  /** Whether `run` takes weights other than 0. */
  readonly takesWeights: boolean = true;

  /** Options that make an equal loss, plain JSON values. */
  abstract config(): Record<string, unknown>;

  /** The value, and the gradient into `call.dY`. */
  abstract run(core: Core, call: LossCall): number;

  /**
   * What `run` needs in the core's memory beside its operands: one row of `features` floats, which the caller places
   * once and hands over in every call. Throws OptionError where an option does not fit that width.
   */
  constants(_features: number): Float32Array | undefined {
    return undefined;
  }

  /**
   * Checks labels of `classes` classes, before a kernel sees them, and returns the divisor: the number of rows, or what
   * they count together. An ignored label becomes 0 with weight 0. Throws OptionError; nothing has changed then. This one
   * is for losses whose `targets` are "values": it has nothing to check.
   */
  prepareLabels(_labels: Int32Array, _classes: number, weights: Float32Array): number {
    return weights.length;
  }
}
