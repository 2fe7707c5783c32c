/** Losses that are sums over elements: how they run, and those that `compile` knows without loading any others. */
import type { Core } from "../core/context.ts";
import { type LossCall, RowLoss } from "./row-loss.ts";

/** The same numbers stand in assembly/loss/elementwise.ts. */
const CODES = {
  squared: 0,
  absolute: 1,
  huber: 2,
  logCosh: 3,
  poisson: 4,
  divergence: 5,
  logits: 6,
  binary: 7,
} as const;

/** Runs the kernel; a divergence is summed over a row, all others are means over it. */
export function runElementwise({ kernels }: Core, call: LossCall, code: keyof typeof CODES, parameter: number): number {
  const { dY, y, target, weights, constants, N, F, divisor, scale } = call;
  const perRow = code === "divergence" ? 1 : F;
  const operands = [dY, y, target, weights, constants, N, F] as const;
  return kernels.elementwiseLoss(...operands, CODES[code], parameter, perRow * divisor || 1, scale);
}

/** One without options. */
export class ElementLoss extends RowLoss {
  override readonly name: string;
  readonly #code: keyof typeof CODES;

  constructor(name: string, code: keyof typeof CODES) {
    super();
    this.name = name;
    this.#code = code;
  }

  override config(): Record<string, unknown> {
    return {};
  }

  override run(core: Core, call: LossCall): number {
    return runElementwise(core, call, this.#code, 0);
  }
}

const squared = () => new ElementLoss("meanSquaredError", "squared");
const absolute = () => new ElementLoss("meanAbsoluteError", "absolute");

/** By name. */
export const COMMON: Readonly<Record<string, () => RowLoss>> = {
  meanSquaredError: squared,
  mse: squared,
  meanAbsoluteError: absolute,
  mae: absolute,
};
