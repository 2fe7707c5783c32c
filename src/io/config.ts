/** Untrusted plain JSON, read value by value: every error names the path of the value. */
import { FormatError } from "../errors.ts";
import { describe } from "../options.ts";

const LONGEST_TEXT = 16_777_216;
const MOST_VALUES = 500_000;
const DEEPEST = 32;
/** Names that mean something else than a property to code that copies objects. */
const FORBIDDEN: readonly string[] = ["__proto__", "constructor", "prototype"];

/** What JSON can hold; objects of a copy have no prototype. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * A value of a configuration and its path. Each method throws FormatError unless the value is of its kind:
 * `layers[2].config.units must be a positive integer, got -3.`
 *
 * ```ts
 * const config = ConfigReader.parse(text, "config").object(["layers", "seed"]);
 * const seed = config.optional("seed")?.integer(0);
 * const units = config.get("layers").array().map((layer) => layer.get("units").positiveInteger());
 * ```
 */
export class ConfigReader {
  readonly #value: unknown;
  readonly #name: string | number;
  readonly #parent: ConfigReader | undefined;

  /** `path` names the value in errors. */
  constructor(value: unknown, path: string);
  /** @internal */
  constructor(value: unknown, path: string | number, parent: ConfigReader);
  constructor(value: unknown, path: string | number, parent?: ConfigReader) {
    this.#value = value;
    this.#name = path;
    this.#parent = parent;
  }

  /** The value of a JSON text of at most 16 MiB, 500,000 values and 32 levels. */
  static parse(text: string, path: string): ConfigReader {
    requireSmall(text, path);
    try {
      return new ConfigReader(JSON.parse(text), path);
    } catch (cause) {
      throw new FormatError(`${path} must be JSON, got ${describe(text)}.`, { cause });
    }
  }

  get path(): string {
    if (this.#parent === undefined) return String(this.#name);
    return pathTo(this.#parent.path, this.#name);
  }

  get isNull(): boolean {
    return this.#value === null;
  }

  /** This, if the value is an object that has only the keys listed; without a list, any. */
  object(known?: readonly string[]): this {
    if (!isPlainObject(this.#value)) this.fail("an object");
    const stranger = known && Object.keys(this.#value).find((key) => !known.includes(key));
    if (known === undefined || stranger === undefined) return this;
    throw new FormatError(`${pathTo(this.path, stranger)} is not known: ${this.path} has ${known.join(", ")}.`);
  }

  /** The value of a key that must be there. */
  get(key: string): ConfigReader {
    const found = this.optional(key);
    if (found !== undefined) return found;
    throw new FormatError(`${pathTo(this.path, key)} is missing.`);
  }

  /** The value of a key, undefined where it is absent. */
  optional(key: string): ConfigReader | undefined {
    if (!isPlainObject(this.#value)) this.fail("an object");
    return Object.hasOwn(this.#value, key) ? new ConfigReader(this.#value[key], key, this) : undefined;
  }

  /** Keys, which may be any text, and values of an object: for names that users gave. */
  entries(): readonly (readonly [key: string, value: ConfigReader])[] {
    if (!isPlainObject(this.#value)) this.fail("an object");
    return Object.entries(this.#value).map(([key, value]) => [key, new ConfigReader(value, key, this)]);
  }

  array(most: number = MOST_VALUES): readonly ConfigReader[] {
    if (!Array.isArray(this.#value) || this.#value.length > most) {
      this.fail(most === MOST_VALUES ? "an array" : `an array of at most ${most} elements`);
    }
    return Array.from(this.#value, (value, index) => new ConfigReader(value, index, this));
  }

  string(): string {
    return typeof this.#value === "string" ? this.#value : this.fail("a string");
  }

  integer(min: number = Number.MIN_SAFE_INTEGER, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#value;
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    const least = min === Number.MIN_SAFE_INTEGER ? "-(2^53 - 1)" : String(min);
    const most = max === Number.MAX_SAFE_INTEGER ? "2^53 - 1" : String(max);
    return this.fail(`an integer from ${least} to ${most}`);
  }

  positiveInteger(): number {
    const value = this.#value;
    return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : this.fail("a positive integer");
  }

  number(): number {
    const value = this.#value;
    return typeof value === "number" && Number.isFinite(value) ? value : this.fail("a finite number");
  }

  boolean(): boolean {
    return typeof this.#value === "boolean" ? this.#value : this.fail("true or false");
  }

  oneOf<Name extends string>(names: readonly Name[]): Name {
    const found = names.find((name) => name === this.#value);
    return found ?? this.fail(`one of ${names.map((name) => `"${name}"`).join(", ")}`);
  }

  /** The value copied, whatever it holds. */
  plain(): Plain {
    return plainCopy(this.#value, this.path);
  }

  /** Throws "<path> must be <wanted>, got <value>." */
  fail(wanted: string): never {
    throw new FormatError(`${this.path} must be ${wanted}, got ${describe(this.#value)}.`);
  }
}

/**
 * A copy of plain JSON in fresh arrays and in objects without a prototype, so that it can be handed on as options.
 * Throws FormatError for anything that JSON cannot hold, for keys `__proto__`, `constructor` and `prototype`, past 32
 * levels and past 500,000 values.
 */
export function plainCopy(value: unknown, path: string): Plain {
  let left = MOST_VALUES;
  const copy = (source: unknown, parent: string, name: string | number | undefined, depth: number): Plain => {
    if (source === null || typeof source === "boolean" || typeof source === "string") return source;
    if (typeof source === "number" && Number.isFinite(source)) return source;
    const here = name === undefined ? parent : pathTo(parent, name);
    if (!Array.isArray(source) && !isPlainObject(source)) {
      throw new FormatError(`${here} must be plain JSON, got ${describe(source)}.`);
    }
    if (depth === DEEPEST) throw new FormatError(`${path} must be nested at most ${DEEPEST} levels.`);
    left -= Array.isArray(source) ? source.length : Object.keys(source).length;
    if (left < 0) throw new FormatError(`${path} must hold at most ${MOST_VALUES} values.`);
    if (Array.isArray(source)) return Array.from(source, (item, i) => copy(item, here, i, depth + 1));
    const result = Object.create(null) as { [key: string]: Plain };
    for (const [key, item] of Object.entries(source)) {
      if (FORBIDDEN.includes(key)) throw new FormatError(`${pathTo(here, key)} is no name for an option.`);
      result[key] = copy(item, here, key, depth + 1);
    }
    return result;
  };
  return copy(value, path, undefined, 0);
}

/** An object of braces, also of another realm: not an array, not of a class. */
function isPlainObject(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function pathTo(parent: string, name: string | number): string {
  if (typeof name === "number") return `${parent}[${name}]`;
  return /^[A-Za-z_$][\w$]{0,59}$/.test(name) ? `${parent}.${name}` : `${parent}[${describe(name)}]`;
}

/** Counts levels and values of a JSON text, before JSON.parse makes anything of them; throws FormatError for too many. */
export function requireSmall(text: string, path: string): void {
  if (text.length > LONGEST_TEXT) {
    throw new FormatError(`${path} must have at most ${LONGEST_TEXT} characters, got ${text.length}.`);
  }
  let depth = 0;
  let values = 1;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === 0x22) isInString = !isInString;
    else if (isInString) i += character === 0x5c ? 1 : 0;
    else if (character === 0x2c) values++;
    else if (character === 0x5b || character === 0x7b) {
      values++;
      if (++depth > DEEPEST) throw new FormatError(`${path} must be nested at most ${DEEPEST} levels.`);
    } else if (character === 0x5d || character === 0x7d) depth--;
  }
  if (values > MOST_VALUES) throw new FormatError(`${path} must hold at most ${MOST_VALUES} values, got ${values}.`);
}
