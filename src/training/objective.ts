/** Losses and metrics of a model's outputs, and their means over many batches. */
import type { Core } from "../core/context.ts";
import { OptionError } from "../errors.ts";
import type { RowLoss } from "../losses/row-loss.ts";
import type { Metric } from "../metrics/metric.ts";
import { describe } from "../options.ts";
import type { Tensor } from "../shape.ts";
import type { Logs } from "./callback.ts";

/** Loss of a batch, and the number of rows whose mean it is. */
export interface StepResult {
  readonly loss: number;
  readonly count: number;
}

/** One output of a batch in the core. */
export interface OutputRows {
  /** Addresses of rows [N, F]: the prediction, and its gradient (0: not wanted). */
  readonly y: number;
  readonly dY: number;
  /** Addresses of room for the target and the loss's constants, see `floats`, for N weights, and for N values in f64. */
  readonly target: number;
  readonly constants: number;
  readonly weights: number;
  readonly values: number;
  readonly N: number;
  readonly F: number;
  /** Row of the user's arrays that row n is. */
  userRow(n: number): number;
  /** Copies an array of the user's to rows at `to`. */
  writeRows(to: number, data: Float32Array | Int32Array): void;
}

/** One output's loss and metrics. */
export interface Aim {
  readonly loss: RowLoss;
  readonly lossWeight: number;
  readonly metrics: readonly Metric[];
  /** What stands before the names of its metrics, and its loss, in logs. */
  readonly prefix: string;
}

/** What a model is trained for. */
export class Objective {
  /** One for each output; undefined where it has no loss. */
  readonly aims: readonly (Aim | undefined)[];
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;

  constructor(aims: readonly (Aim | undefined)[]) {
    this.aims = aims;
    this.#sums = new Float64Array(aims.length);
    this.#counts = new Float64Array(aims.length);
  }

  /** Floats that the target of an output of N rows of F features, `row` floats apart, and its constants need. */
  floats(output: number, N: number, F: number, row: number): { readonly target: number; readonly constants: number } {
    const loss = this.aims[output]?.loss;
    if (loss === undefined) return { target: 0, constants: 0 };
    return { target: loss.targets === "labels" ? N : N * row, constants: loss.constants(F)?.length ?? 0 };
  }

  /**
   * Checks and copies targets and weights, before anything runs; throws OptionError for a label that is no class.
   * Returns what the sum of losses is to be divided by.
   */
  prepare(core: Core, output: number, rows: OutputRows, target: Tensor, weights: Float32Array | undefined): number {
    const loss = this.aims[output]?.loss;
    const { N, F } = rows;
    const ownWeights = new Float32Array(N).fill(1);
    if (weights !== undefined && loss?.takesWeights === false) {
      throw new OptionError(`${loss.name} takes no sampleWeight or classWeight: weigh inside of the function.`);
    }
    if (weights !== undefined) for (let n = 0; n < N; n++) ownWeights[n] = weights[rows.userRow(n)] ?? 1;
    let divisor = N;
    if (loss?.targets === "labels") {
      const labels = Int32Array.from({ length: N }, (_, n) => labelOf(loss, target, rows.userRow(n)));
      divisor = loss.prepareLabels(labels, F, ownWeights);
      core.memory.i32(rows.target, N).set(labels);
    } else rows.writeRows(rows.target, target.data);
    core.memory.f32(rows.weights, N).set(ownWeights);
    const constants = loss?.constants(F);
    if (constants !== undefined) core.memory.f32(rows.constants, constants.length).set(constants);
    return divisor;
  }

  /** Loss of an output with its weight, gradient and metrics; `divisor` comes from `prepare`. */
  run(core: Core, output: number, rows: OutputRows, divisor: number, scale: number): StepResult {
    const aim = this.aims[output];
    const { y, dY, target, values, N, F } = rows;
    if (aim === undefined || N === 0 || divisor === 0) return { loss: 0, count: 0 };
    const { loss, lossWeight } = aim;
    const weights = loss.takesWeights ? rows.weights : 0;
    const constants = loss.constants(F) === undefined ? 0 : rows.constants;
    const operands = { dY, y, target, weights, constants, values };
    const value = loss.run(core, { ...operands, N, F, divisor, scale: scale * lossWeight });
    this.#sums[output] = (this.#sums[output] ?? 0) + value * divisor;
    this.#counts[output] = (this.#counts[output] ?? 0) + divisor;
    const stride = core.kernels.rowStride(F);
    const prediction = { data: core.memory.f32(y, N * stride), stride, rows: N, features: F };
    const wanted =
      loss.targets === "labels"
        ? core.memory.i32(target, N)
        : { data: core.memory.f32(target, N * stride), stride, rows: N, features: F };
    for (const metric of aim.metrics) metric.update(prediction, wanted, core.memory.f32(rows.weights, N));
    return { loss: value * lossWeight, count: divisor };
  }

  /** Means over all rows so far: the loss, the loss of each output where there are several, metrics. */
  logs(): Logs {
    const means = this.aims.map((_, i) => (this.#counts[i] ? (this.#sums[i] ?? 0) / this.#counts[i] : 0));
    const loss = this.aims.reduce((sum, aim, i) => sum + (aim?.lossWeight ?? 0) * (means[i] ?? 0), 0);
    const logs: Record<string, number> = { loss };
    for (const [i, aim] of this.aims.entries()) {
      if (aim !== undefined && aim.prefix !== "") logs[`${aim.prefix}loss`] = means[i] ?? 0;
      for (const metric of aim?.metrics ?? []) logs[`${aim?.prefix ?? ""}${metric.name}`] = metric.result();
    }
    return logs;
  }

  reset(): void {
    this.state = [];
  }

  /** All sums, to go on in the middle of an epoch. */
  get state(): readonly (readonly number[])[] {
    const metrics = this.aims.flatMap((aim) => (aim?.metrics ?? []).map(({ state }) => state));
    return [[...this.#sums, ...this.#counts], ...metrics];
  }

  set state([own = [], ...states]: readonly (readonly number[])[]) {
    for (let i = 0; i < this.aims.length; i++) {
      this.#sums[i] = own[i] ?? 0;
      this.#counts[i] = own[i + this.aims.length] ?? 0;
    }
    for (const metric of this.aims.flatMap((aim) => aim?.metrics ?? [])) {
      const state = states.shift();
      if (state === undefined) metric.reset();
      else metric.state = [...state];
    }
  }
}

function labelOf({ name }: RowLoss, { data }: Tensor, row: number): number {
  const label = data[row] ?? 0;
  if (Number.isInteger(label)) return label;
  throw new OptionError(`${name} needs labels to be integers, got ${describe(label)} at index ${row}.`);
}
