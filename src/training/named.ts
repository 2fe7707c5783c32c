/**
 * Optimizers, losses and metrics from what `compile` is given. Objects, "adam" and the losses of elements are known here;
 * all other names stand for classes that few programs need: they are loaded with the core where programs lie on a disk, and
 * in pages when a model first asks for one.
 */
import { StateError } from "../errors.ts";
import { COMMON } from "../losses/element-loss.ts";
import type { LossLike } from "../losses/resolve.ts";
import { RowLoss } from "../losses/row-loss.ts";
import type { Metric } from "../metrics/metric.ts";
import type { MetricContext, MetricLike } from "../metrics/resolve.ts";
import { Adam } from "../optimizers/adam.ts";
import { Optimizer } from "../optimizers/optimizer.ts";
import type { OptimizerLike } from "../optimizers/resolve.ts";

/** The files that know all names. */
interface Parts {
  readonly optimizers: typeof import("../optimizers/resolve.ts");
  readonly losses: typeof import("../losses/resolve.ts");
  readonly metrics: typeof import("../metrics/resolve.ts");
}

const SOURCES: { readonly [Part in keyof Parts]: () => Promise<Parts[Part]> } = {
  optimizers: () => import("../optimizers/resolve.ts"),
  losses: () => import("../losses/resolve.ts"),
  metrics: () => import("../metrics/resolve.ts"),
};

const loaded: Partial<Parts> = {};

/** What names are looked up in. */
export interface Named {
  readonly optimizer?: OptimizerLike | undefined;
  readonly loss: LossLike | readonly (LossLike | null)[];
  readonly metrics?: readonly MetricLike[] | readonly (readonly MetricLike[])[] | undefined;
}

/** Loads what these names stand for, or all names; undefined when nothing is missing. */
export function loadNames(named?: Named): Promise<void> | undefined {
  const parts = Object.keys(SOURCES) as (keyof Parts)[];
  const missing = parts.filter((part) => loaded[part] === undefined && (named === undefined || asksFor(part, named)));
  if (missing.length === 0) return undefined;
  return Promise.all(missing.map(async (part) => setNames({ [part]: await SOURCES[part]() }))).then(() => {});
}

/** Says what names stand for. */
export function setNames(parts: Partial<Parts>): void {
  Object.assign(loaded, parts);
}

export function optimizerOf(owner: string, value: OptimizerLike = "adam"): Optimizer {
  return commonOptimizer(value) ?? part(owner, "optimizers").resolveOptimizer(owner, value);
}

export function lossOf(owner: string, value: LossLike): RowLoss {
  return commonLoss(value) ?? part(owner, "losses").resolveLoss(owner, value);
}

export function metricOf(owner: string, value: MetricLike, context: MetricContext): Metric {
  return isMetric(value) ? value : part(owner, "metrics").resolveMetric(owner, value, context);
}

function part<Name extends keyof Parts>(owner: string, name: Name): Parts[Name] {
  const found = loaded[name];
  if (found !== undefined) return found;
  throw new StateError(
    `${owner} has names of ${name} that a page loads late: await fit() first, or give objects like new Precision().`,
  );
}

function asksFor(part: keyof Parts, { optimizer = "adam", loss, metrics = [] }: Named): boolean {
  if (part === "optimizers") return commonOptimizer(optimizer) === undefined;
  if (part === "metrics") return ![metrics].flat(2).every(isMetric);
  return [loss].flat().some((one) => one !== null && commonLoss(one) === undefined);
}

function commonOptimizer(value: OptimizerLike): Optimizer | undefined {
  return value === "adam" ? new Adam() : value instanceof Optimizer ? value : undefined;
}

function commonLoss(value: LossLike): RowLoss | undefined {
  if (value instanceof RowLoss) return value;
  return typeof value === "string" && Object.hasOwn(COMMON, value) ? COMMON[value]?.() : undefined;
}

/** By its methods: networks without metrics do not carry the class. */
function isMetric(value: unknown): value is Metric {
  return typeof value === "object" && value !== null && "update" in value;
}
