/** The loss that an option asks for: by name, as a record, as a function, or itself. */
import { oneOf } from "../options.ts";
import { BinaryCrossentropy } from "./binary-crossentropy.ts";
import { CategoricalCrossentropy, SparseCategoricalCrossentropy } from "./crossentropy.ts";
import { CustomLoss, type LossFunction } from "./custom.ts";
import { Huber, KLDivergence, LogCosh, MeanAbsoluteError, MeanSquaredError, Poisson } from "./elementwise.ts";
import type { Loss } from "./loss.ts";
import { RowLoss } from "./row-loss.ts";

/** Names of losses: Keras's in camelCase, and its short forms. */
export type LossName =
  | "meanSquaredError"
  | "mse"
  | "meanAbsoluteError"
  | "mae"
  | "huber"
  | "logCosh"
  | "poisson"
  | "klDivergence"
  | "binaryCrossentropy"
  | "categoricalCrossentropy"
  | "sparseCategoricalCrossentropy";

const LOSSES: Readonly<Record<LossName, new (options?: Record<string, never>) => Loss>> = {
  meanSquaredError: MeanSquaredError,
  mse: MeanSquaredError,
  meanAbsoluteError: MeanAbsoluteError,
  mae: MeanAbsoluteError,
  huber: Huber,
  logCosh: LogCosh,
  poisson: Poisson,
  klDivergence: KLDivergence,
  binaryCrossentropy: BinaryCrossentropy,
  categoricalCrossentropy: CategoricalCrossentropy,
  sparseCategoricalCrossentropy: SparseCategoricalCrossentropy,
};

/** A name with options, as config() gives them. */
export type LossConfig = { readonly name: LossName } & Readonly<Record<string, unknown>>;

/** What every option takes where it needs a loss. */
export type LossLike = LossName | LossConfig | Loss | LossFunction;

/** The loss of `value`; throws OptionError that lists the names. `owner` names who asks. */
export function resolveLoss(owner: string, value: LossLike): Loss {
  if (value instanceof RowLoss) return value;
  if (typeof value === "function") return new CustomLoss(value);
  if (typeof value !== "object" || value === null || !("name" in value)) return create(owner, value, {});
  const { name, ...options } = value;
  return create(owner, name, options);
}

/** Constructors check the options. */
function create(owner: string, name: unknown, options: object): Loss {
  const Class = LOSSES[oneOf(owner, "loss", name, Object.keys(LOSSES) as LossName[])];
  return new Class(options as Record<string, never>);
}
