/** The metric that an option asks for: by name, as a record, as a function, or itself. */
import { oneOf } from "../options.ts";
import {
  BinaryAccuracy,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  TopKCategoricalAccuracy,
} from "./accuracy.ts";
import { AUC } from "./auc.ts";
import { F1Score, Precision, Recall } from "./confusion.ts";
import { CustomMetric, type MetricFunction } from "./custom.ts";
import { Metric } from "./metric.ts";
import { Perplexity } from "./perplexity.ts";
import {
  MeanAbsoluteErrorMetric,
  MeanAbsolutePercentageError,
  MeanSquaredErrorMetric,
  RootMeanSquaredError,
} from "./regression.ts";

const KINDS = {
  binaryAccuracy: BinaryAccuracy,
  categoricalAccuracy: CategoricalAccuracy,
  sparseCategoricalAccuracy: SparseCategoricalAccuracy,
  topKCategoricalAccuracy: TopKCategoricalAccuracy,
  sparseTopKCategoricalAccuracy: SparseTopKCategoricalAccuracy,
  meanSquaredError: MeanSquaredErrorMetric,
  rootMeanSquaredError: RootMeanSquaredError,
  meanAbsoluteError: MeanAbsoluteErrorMetric,
  meanAbsolutePercentageError: MeanAbsolutePercentageError,
  perplexity: Perplexity,
  precision: Precision,
  recall: Recall,
  f1Score: F1Score,
  auc: AUC,
} as const satisfies Readonly<Record<MetricKind, unknown>>;

const SHORT: Readonly<Record<ShortName, MetricKind>> = {
  mse: "meanSquaredError",
  rmse: "rootMeanSquaredError",
  mae: "meanAbsoluteError",
  mape: "meanAbsolutePercentageError",
  f1: "f1Score",
};

/** Keras's names in camelCase. */
export type MetricKind =
  | "binaryAccuracy"
  | "categoricalAccuracy"
  | "sparseCategoricalAccuracy"
  | "topKCategoricalAccuracy"
  | "sparseTopKCategoricalAccuracy"
  | "meanSquaredError"
  | "rootMeanSquaredError"
  | "meanAbsoluteError"
  | "meanAbsolutePercentageError"
  | "perplexity"
  | "precision"
  | "recall"
  | "f1Score"
  | "auc";

type ShortName = "mse" | "rmse" | "mae" | "mape" | "f1";

/** Names that ask for a metric. */
export type MetricName = MetricKind | ShortName | "accuracy" | "acc";

/** A kind with options: `{ kind: metric.kind, ...metric.config() }`. */
export type MetricConfig = { readonly kind: MetricKind } & Readonly<Record<string, unknown>>;

/** What every option takes where it needs a metric. */
export type MetricLike = MetricName | MetricConfig | Metric | MetricFunction;

/** What a metric is of: the output of a model, and the loss that trains it. */
export interface MetricContext {
  /** The loss's name. */
  readonly loss: string;
  readonly targets: "values" | "labels";
  readonly features: number;
  /** The loss takes logits; metrics asked for by name then do, too. Default false. */
  readonly fromLogits?: boolean | undefined;
}

/**
 * The metric of `value`, named as it was asked for; throws OptionError that lists the names. "accuracy" is sparse for
 * labels, binary for a single feature and for binary cross-entropy, else categorical. "precision" and its like are of
 * class 1 where there are two classes, the mean over classes where there are more, and else by a threshold.
 */
export function resolveMetric(owner: string, value: MetricLike, context: MetricContext): Metric {
  if (value instanceof Metric) return value;
  if (typeof value === "function") return new CustomMetric(value);
  if (typeof value === "object" && value !== null && "kind" in value) {
    const { kind, ...options } = value;
    return create(oneOf(owner, "metrics", kind, Object.keys(KINDS) as MetricKind[]), options);
  }
  const names = ["accuracy", "acc", ...Object.keys(KINDS), ...Object.keys(SHORT)] as MetricName[];
  const name = oneOf(owner, "metrics", value, names);
  const kind = kindOf(name, context);
  return create(kind, { name, ...defaultsOf(kind, context) });
}

/** Constructors check the options. */
function create(kind: MetricKind, options: object): Metric {
  return new KINDS[kind](options);
}

function kindOf(name: MetricName, context: MetricContext): MetricKind {
  const isSparse = context.targets === "labels";
  if (name === "accuracy" || name === "acc") {
    if (isSparse) return "sparseCategoricalAccuracy";
    return isBinary(context) ? "binaryAccuracy" : "categoricalAccuracy";
  }
  if (name === "topKCategoricalAccuracy" && isSparse) return "sparseTopKCategoricalAccuracy";
  return name in SHORT ? SHORT[name as ShortName] : (name as MetricKind);
}

/** Options that follow from the loss. The logit of a probability of 0.5 is 0. */
function defaultsOf(kind: MetricKind, context: MetricContext): object {
  const fromLogits = context.fromLogits ?? false;
  const threshold = fromLogits ? 0 : 0.5;
  if (kind === "binaryAccuracy") return { threshold };
  if (kind === "perplexity" || kind === "auc") return { fromLogits };
  if (kind !== "precision" && kind !== "recall" && kind !== "f1Score") return {};
  if (isBinary(context)) return { threshold };
  return context.features === 2 ? { classId: 1 } : { average: "macro" };
}

function isBinary({ loss, targets, features }: MetricContext): boolean {
  return targets === "values" && (features === 1 || loss === "binaryCrossentropy");
}
