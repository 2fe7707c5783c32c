/** Paths with places for numbers, in Python's notation: "run/{epoch:02d}-{val_loss:.4f}.safetensors". */
import { OptionError } from "../errors.ts";
import { describe, refuse } from "../options.ts";

interface Place {
  readonly name: string;
  readonly zeros: boolean;
  readonly width: number;
  readonly precision: number | undefined;
  readonly type: string;
}

export class PathTemplate {
  /** Names of the places. */
  readonly names: readonly string[];
  readonly #owner: string;
  readonly #parts: readonly (string | Place)[];

  /** Throws OptionError for what is no path, and for a place that is not like {epoch}, {epoch:02d} or {val_loss:.4f}. */
  constructor(owner: string, path: unknown) {
    if (typeof path !== "string" || path === "")
      refuse(owner, "path", 'a file like "run/{epoch:02d}.safetensors"', path);
    this.#owner = owner;
    this.#parts = path
      .split(/(\{\{|\}\}|\{[^{}]*\}|[{}])/)
      .filter((part) => part !== "")
      .map((part) => {
        if (part === "{{" || part === "}}") return part.slice(1);
        if (!/[{}]/.test(part)) return part;
        return (
          placeOf(part) ?? refuse(owner, "path", "made of text and places like {epoch:02d} or {val_loss:.4f}", path)
        );
      });
    this.names = this.#parts.flatMap((part) => (typeof part === "string" ? [] : [part.name]));
  }

  /** The path with its places filled; throws OptionError for a place that is not among the values. */
  fill(values: Readonly<Record<string, number>>): string {
    const texts = this.#parts.map((part) => {
      if (typeof part === "string") return part;
      const value = Object.hasOwn(values, part.name) ? values[part.name] : undefined;
      if (value !== undefined) return numberText(this.#owner, part, value);
      const names = Object.keys(values).join(", ");
      throw new OptionError(`${this.#owner} has {${part.name}} in its path, but there are only ${names}: use these.`);
    });
    return texts.join("");
  }
}

function placeOf(text: string): Place | undefined {
  const match = /^\{([^{}:]+)(?::(0?)(\d{0,2})(?:\.(\d{1,2}))?([def]?))?\}$/.exec(text);
  if (match === null) return undefined;
  const [, name = "", zero = "", width = "", precision, type = ""] = match;
  // Python's general format, which a precision alone asks for, is not known here, nor are digits after an integer.
  if (precision !== undefined && (type === "" || type === "d")) return undefined;
  const digits = precision === undefined ? undefined : Number(precision);
  return { name, zeros: zero === "0", width: Number(width), precision: digits, type };
}

function numberText(owner: string, { name, zeros, width, precision = 6, type }: Place, value: number): string {
  if (type === "d" && !Number.isInteger(value)) {
    throw new OptionError(`${owner} has {${name}:d} in its path, but it is ${describe(value)}: write {${name}:.4f}.`);
  }
  const digits = Number.isFinite(value)
    ? finiteText(Math.abs(value), precision, type)
    : Number.isNaN(value)
      ? "nan"
      : "inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (zeros) return sign + digits.padStart(width - sign.length, "0");
  return (sign + digits).padStart(width);
}

/** Python writes at least two digits of an exponent. */
function finiteText(value: number, precision: number, type: string): string {
  if (type === "f") return value.toFixed(precision);
  if (type === "e") return value.toExponential(precision).replace(/([+-])(\d)$/, "$10$2");
  return String(value);
}
