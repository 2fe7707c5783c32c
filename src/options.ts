/** Checks of option values, done once at the public boundary. `owner` names who asks: `LSTM "encoder"`. */
import { OptionError } from "./errors.ts";

const LONGEST_SHOWN = 60;

/** Bounds of `finiteNumber`: `min` and `max` are allowed values, `above` and `below` are not. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/** A value as an error message shows it: strings quoted, long ones shortened, objects by their kind. */
export function describe(value: unknown): string {
  if (typeof value === "string") return shorten(JSON.stringify(value));
  if (typeof value === "bigint") return shorten(`${value}n`);
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (ArrayBuffer.isView(value) && "length" in value) return `a ${kind} of length ${value.length}`;
  return kind === "Object" ? "an object" : `an object (${shorten(kind)})`;
}

/** Refuses with "<owner> needs <option> to be <wanted>, got <value>." */
export function refuse(owner: string, option: string, wanted: string, value: unknown): never {
  throw new OptionError(`${owner} needs ${option} to be ${wanted}, got ${describe(value)}.`);
}

/** Returns `value` if it is an integer in [min, max], by default up to 2^53 - 1; else throws OptionError. */
export function integer(
  owner: string,
  option: string,
  value: unknown,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  const top = max === Number.MAX_SAFE_INTEGER ? "2^53 - 1" : String(max);
  return refuse(owner, option, `an integer from ${min} to ${top}`, value);
}

/** Returns `value` if it is an integer from 1 to 2^53 - 1; else throws OptionError. */
export function positiveInteger(owner: string, option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  return refuse(owner, option, "a positive integer", value);
}

/** Most features, units or classes of a layer: sizes of weights are then exact in the kernels. */
const LARGEST_SIZE = 67108864;

/** Returns `value` if it is a number of features, units or classes; else throws OptionError. */
export function size(owner: string, option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > LARGEST_SIZE)
    return integer(owner, option, value, 1, LARGEST_SIZE);
  return positiveInteger(owner, option, value);
}

/** The seed given, an integer from 0 to 2^53 - 1, or one drawn when it is undefined; throws OptionError. */
export function seedOrDrawn(owner: string, value: unknown): number {
  return integer(owner, "seed", value ?? Math.floor(Math.random() * 4294967296), 0);
}

/** Returns `value` if it is a finite number within the bounds; else throws OptionError. */
export function finiteNumber(owner: string, option: string, value: unknown, bounds: Bounds = {}): number {
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = bounds;
  if (typeof value === "number" && Number.isFinite(value)) {
    if (value >= min && value <= max && value > above && value < below) return value;
  }
  const limits = [
    ...(min > -Infinity ? [`at least ${min}`] : []),
    ...(above > -Infinity ? [`above ${above}`] : []),
    ...(max < Infinity ? [`at most ${max}`] : []),
    ...(below < Infinity ? [`below ${below}`] : []),
  ];
  return refuse(owner, option, ["a finite number", limits.join(" and ")].join(" ").trimEnd(), value);
}

/** Returns `value` if it is true or false; else throws OptionError. */
export function flag(owner: string, option: string, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuse(owner, option, "true or false", value);
}

/** Returns `value` if it is one of the allowed strings; else throws OptionError that lists them. */
export function oneOf<Name extends string>(
  owner: string,
  option: string,
  value: unknown,
  allowed: readonly Name[],
): Name {
  const found = allowed.find((name) => name === value);
  if (found !== undefined) return found;
  const names = allowed.map((name) => `"${name}"`);
  const wanted = names.length === 1 ? `${names[0]}` : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  return refuse(owner, option, wanted, value);
}

/** Returns `values` if it is an array or typed array of numbers, NaN among them allowed; else throws OptionError. */
export function numbers(owner: string, option: string, values: unknown): ArrayLike<number> {
  const { length = NaN } = Object(values) as { readonly length?: unknown };
  if (typeof values !== "object" || !Number.isSafeInteger(length)) refuse(owner, option, "an array of numbers", values);
  const list = values as ArrayLike<unknown>;
  const isTyped = ArrayBuffer.isView(values) && typeof (list[0] ?? 0) === "number";
  for (let i = 0; i < list.length && !isTyped; i++) {
    if (typeof list[i] !== "number") refuse(owner, `${option}[${i}]`, "a number", list[i]);
  }
  return list as ArrayLike<number>;
}

/** Throws OptionError if `options` is no object or has a key that is not allowed; a misspelt key is told the nearest name. */
export function knownOptions(owner: string, options: unknown, allowed: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new OptionError(`${owner} takes its options as an object, got ${describe(options)}.`);
  }
  for (const key of Object.keys(options)) {
    if (allowed.includes(key)) continue;
    const near = nearest(key, allowed);
    const hint = near === undefined ? `it takes ${allowed.join(", ") || "none"}` : `did you mean "${near}"?`;
    throw new OptionError(`${owner} has no option ${describe(key)}: ${hint}${near === undefined ? "." : ""}`);
  }
}

/** The allowed name within a third of the key's length in edits, ignoring case. */
export function nearest(key: string, allowed: readonly string[]): string | undefined {
  if (key.length > LONGEST_SHOWN) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(key.length / 3)) + 1;
  for (const name of allowed) {
    const distance = editDistance(key.toLowerCase(), name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Levenshtein's distance: insertions, deletions and substitutions, one row of the table at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

function shorten(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}
