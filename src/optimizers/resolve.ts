/** Optimizers by name, as `compile` and saved models tell of them. */
import { OptionError } from "../errors.ts";
import { describe, oneOf } from "../options.ts";
import { Adadelta, Adagrad } from "./adagrad.ts";
import { Adam, AdamW } from "./adam.ts";
import { Adamax } from "./adamax.ts";
import { Lion } from "./lion.ts";
import { Nadam, RAdam } from "./nadam.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerOptions } from "./options.ts";
import { RMSprop } from "./rmsprop.ts";
import { scheduleOf } from "./schedules.ts";
import { SGD } from "./sgd.ts";

/** What `compile` takes in place of an optimizer: `"adam"` is `new Adam()`. */
export type OptimizerName =
  | "adadelta"
  | "adagrad"
  | "adam"
  | "adamax"
  | "adamW"
  | "lion"
  | "nadam"
  | "radam"
  | "rmsprop"
  | "sgd";

const OPTIMIZERS: Readonly<Record<OptimizerName, new (options?: OptimizerOptions) => Optimizer>> = {
  adadelta: Adadelta,
  adagrad: Adagrad,
  adam: Adam,
  adamax: Adamax,
  adamW: AdamW,
  lion: Lion,
  nadam: Nadam,
  radam: RAdam,
  rmsprop: RMSprop,
  sgd: SGD,
};

/** An optimizer, its name, or its name with options, where a schedule is told in the same way. */
export type OptimizerLike = Optimizer | OptimizerName | { readonly name: string; readonly [option: string]: unknown };

/** The optimizer that `value` tells of; throws OptionError that begins with `owner`. */
export function resolveOptimizer(owner: string, value: OptimizerLike): Optimizer {
  if (value instanceof Optimizer) return value;
  const names = Object.keys(OPTIMIZERS) as OptimizerName[];
  if (typeof value === "string") return new OPTIMIZERS[oneOf(owner, "optimizer", value, names)]();
  if (typeof value !== "object" || value === null || !("name" in value)) {
    throw new OptionError(`${owner} takes an optimizer, its name or { name, ...options }, got ${describe(value)}.`);
  }
  const { name, learningRate, ...options } = value;
  const Class = OPTIMIZERS[oneOf(owner, "optimizer.name", name, names)];
  const rate = typeof learningRate === "object" ? { learningRate: scheduleOf(owner, learningRate) } : { learningRate };
  // The constructor checks what is only claimed here.
  return new Class({ ...options, ...rate } as OptimizerOptions);
}
