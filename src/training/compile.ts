/** From what a user names to optimizer, losses and metrics. */
import { OptionError } from "../errors.ts";
import type { LossLike } from "../losses/resolve.ts";
import type { RowLoss } from "../losses/row-loss.ts";
import type { MetricLike } from "../metrics/resolve.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { OptimizerLike } from "../optimizers/resolve.ts";
import { describe, finiteNumber, integer, knownOptions, oneOf, refuse } from "../options.ts";
import type { OnNonFinite } from "./fit.ts";
import { lossOf, metricOf, optimizerOf } from "./named.ts";
import { type Aim, Objective } from "./objective.ts";
import type { Port } from "./trainable.ts";

/** Options of `compile`. */
export interface CompileOptions {
  /** An optimizer, its name, or its name and options; by default "adam". Recurrent models clip to a global norm of 1 unless it says otherwise. */
  readonly optimizer?: OptimizerLike | undefined;
  /** A loss, or one for each output; null for an output that is not trained. */
  readonly loss: LossLike | readonly (LossLike | null)[];
  /** Factors of the losses of several outputs, by default 1. */
  readonly lossWeights?: readonly number[] | undefined;
  /** Metrics, or an array of them for each output of a model with several. */
  readonly metrics?: readonly MetricLike[] | readonly (readonly MetricLike[])[] | undefined;
  /**
   * What to do when a loss or a gradient is not finite: "throw" (default) a StateError that names the layer, "skip" the
   * update, or "ignore" it. Weights stay as they were in the first two.
   */
  readonly onNonFinite?: OnNonFinite | undefined;
  /**
   * Bytes of the core's memory that a batch of training may take beside weights and optimizer, at least 1,048,576: where
   * values, gradients and what recurrent layers keep for backward would be more, those keep less and run parts of the
   * sequence a second time, with the same bits and at most a third more work. Without it they do so where there is no room
   * else. About the machine and not the model, so files do not have it.
   */
  readonly memoryBudget?: number | undefined;
}

const COMPILE_OPTIONS = ["optimizer", "loss", "lossWeights", "metrics", "onNonFinite", "memoryBudget"];

/** A batch smaller than this leaves nothing to save. */
const LEAST_BUDGET = 1_048_576;

/** Throws OptionError for one that is not known. */
export function requireCompileOptions(owner: string, options: CompileOptions): void {
  knownOptions(owner, options, COMPILE_OPTIONS);
}

/** What `compile` makes. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly objective: Objective;
  readonly onNonFinite: OnNonFinite;
  /** Infinity without a limit. */
  readonly memoryBudget: number;
}

/** Throws OptionError. */
export function compile(owner: string, outputs: readonly Port[], options: CompileOptions): Compiled {
  const { lossWeights, metrics = [], memoryBudget } = options;
  const losses = lossesOf(owner, outputs, options.loss);
  if (lossWeights !== undefined && (!Array.isArray(lossWeights) || lossWeights.length !== outputs.length)) {
    refuse(owner, "lossWeights", `an array of ${outputs.length} numbers, one for each output`, lossWeights);
  }
  const perOutput = metricsOf(owner, outputs, metrics);
  const aims = losses.map((loss, i): Aim | undefined => {
    if (loss === undefined) return undefined;
    const lossWeight = finiteNumber(owner, `lossWeights[${i}]`, lossWeights?.[i] ?? 1, { min: 0 });
    const features = outputs[i]?.shape.at(-1) ?? 1;
    const context = { loss: loss.name, targets: loss.targets, features, fromLogits: loss.fromLogits };
    const resolved = (perOutput[i] ?? []).map((metric) => metricOf(owner, metric, context));
    return { loss, lossWeight, metrics: resolved, prefix: outputs.length > 1 ? `${outputs[i]?.name}_` : "" };
  });
  const names = aims.flatMap((aim) => aim?.metrics.map(({ name }) => `${aim.prefix}${name}`) ?? []);
  const twice = names.find((name, i) => names.indexOf(name) !== i || name === "loss");
  if (twice !== undefined) throw new OptionError(`${owner} has the metric ${describe(twice)} twice.`);
  return {
    optimizer: optimizerOf(owner, options.optimizer),
    objective: new Objective(aims),
    onNonFinite: oneOf(owner, "onNonFinite", options.onNonFinite ?? "throw", ["throw", "skip", "ignore"]),
    memoryBudget: memoryBudget === undefined ? Infinity : integer(owner, "memoryBudget", memoryBudget, LEAST_BUDGET),
  };
}

function lossesOf(
  owner: string,
  outputs: readonly Port[],
  loss: CompileOptions["loss"],
): readonly (RowLoss | undefined)[] {
  if (!Array.isArray(loss)) {
    if (outputs.length === 1) return [lossOf(owner, loss as LossLike)];
    // One name for all outputs makes an own loss of each.
    return outputs.map(() => lossOf(owner, loss as LossLike));
  }
  if (loss.length !== outputs.length || loss.every((one) => one === null)) {
    refuse(owner, "loss", `a loss for each of the ${outputs.length} outputs`, loss);
  }
  return loss.map((one) => (one === null ? undefined : lossOf(owner, one)));
}

function metricsOf(owner: string, outputs: readonly Port[], metrics: unknown): readonly (readonly MetricLike[])[] {
  if (!Array.isArray(metrics)) refuse(owner, "metrics", "an array", metrics);
  const list = metrics as readonly (MetricLike | readonly MetricLike[])[];
  if (list.length === 0) return outputs.map(() => []);
  if (outputs.length === 1 && !list.some(Array.isArray)) return [list as readonly MetricLike[]];
  if (list.length === outputs.length && list.every(Array.isArray)) return list as readonly (readonly MetricLike[])[];
  return refuse(owner, "metrics", `an array of metrics for each of the ${outputs.length} outputs`, metrics);
}
