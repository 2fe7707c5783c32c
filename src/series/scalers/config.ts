/** Untrusted configurations of scalers. */
import { FormatError } from "../../errors.ts";
import { describe } from "../../options.ts";
import { LearnedScaler, type ScalerKind } from "./learned.ts";
import { logKind } from "./log.ts";
import { minMaxKind } from "./min-max.ts";
import { NONE } from "./none.ts";
import { ROBUST } from "./robust.ts";
import type { Scaler } from "./scaler.ts";
import { STANDARD } from "./standard.ts";

const READERS: ReadonlyMap<string, (config: Fields) => Scaler> = new Map([
  ["standard", (config: Fields) => restored(STANDARD, config, () => readMoments(config))],
  ["minMax", readMinMax],
  ["robust", readRobust],
  ["log", (config: Fields) => restored(logKind(config.number("offset")), config, () => readMoments(config))],
  ["none", (config: Fields) => restored(NONE, config, () => ({}))],
]);

/**
 * The scaler whose `toConfig` gave this, fitted if it was. `path` names it in errors.
 *
 * @throws FormatError for anything else: it may come from a file of a stranger.
 */
export function scalerFromConfig(config: unknown, path: string = "scaler"): Scaler {
  const fields = new Fields(config, path);
  const read = READERS.get(fields.text("kind"));
  return read === undefined ? fields.fail("kind", `one of ${[...READERS.keys()].join(", ")}`) : read(fields);
}

/** An unfitted scaler has none of the learned numbers, a fitted one has all. */
function restored<P extends Readonly<Record<string, number>>>(
  kind: ScalerKind<P>,
  config: Fields,
  read: () => P,
): Scaler {
  const own = ["kind", ...Object.keys(kind.options)];
  const isFitted = kind.kind === "none" || config.keys.some((key) => !own.includes(key));
  const learned = isFitted ? read() : undefined;
  config.only([...own, ...Object.keys(learned ?? {})]);
  return new LearnedScaler(kind, learned);
}

function readMoments(config: Fields): { readonly mean: number; readonly deviation: number } {
  return { mean: config.number("mean"), deviation: config.positive("deviation") };
}

function readRobust(config: Fields): Scaler {
  return restored(ROBUST, config, () => ({ median: config.number("median"), spread: config.positive("spread") }));
}

function readMinMax(config: Fields): Scaler {
  const range = config.pair("range");
  if (!(range[0] < range[1])) config.fail("range", "two ascending numbers");
  return restored(minMaxKind(range), config, () => {
    const [min, max] = [config.number("min"), config.number("max")];
    return min <= max ? { min, max } : config.fail("max", `at least min, which is ${min}`);
  });
}

/** Largest number of a configuration: nothing that is computed with it overflows. */
const LARGEST = 1e150;

/** The own properties of an object of braces. */
class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new FormatError(`${path} must be an object, got ${describe(value)}.`);
    }
    this.#values = value as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#values);
  }

  only(known: readonly string[]): void {
    const stranger = this.keys.find((key) => !known.includes(key));
    if (stranger === undefined) return;
    throw new FormatError(`${this.#path} has ${known.join(", ")}, got ${describe(stranger)}.`);
  }

  text(key: string): string {
    const value = this.#get(key);
    return typeof value === "string" ? value : this.fail(key, "a string");
  }

  number(key: string): number {
    const value = this.#get(key);
    return isNumber(value) ? value : this.fail(key, `a finite number up to ${LARGEST}`);
  }

  positive(key: string): number {
    const value = this.number(key);
    return value > 0 ? value : this.fail(key, "above 0");
  }

  pair(key: string): readonly [number, number] {
    const value = this.#get(key);
    const [first, second]: readonly unknown[] = Array.isArray(value) && value.length === 2 ? value : [];
    return isNumber(first) && isNumber(second) ? [first, second] : this.fail(key, "two finite numbers");
  }

  fail(key: string, wanted: string): never {
    throw new FormatError(`${this.#path}.${key} must be ${wanted}, got ${describe(this.#get(key))}.`);
  }

  #get(key: string): unknown {
    if (Object.hasOwn(this.#values, key)) return this.#values[key];
    throw new FormatError(`${this.#path}.${key} is missing.`);
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= LARGEST;
}
