import { FormatError } from "../errors.ts";
import { describe } from "../options.ts";
import type { TimeFormat } from "./time-format.ts";
import { AMBIGUOUS, faultText, type TimeReader } from "./time-text.ts";

/** What the values of a column are: numbers, times or texts. */
export type ColumnKind = "number" | "time" | "text";

/** How the texts of one table are read, and how messages call it. */
export interface ColumnRules {
  /** The file's name, at the beginning of messages. */
  readonly source: string;
  readonly decimal: "." | ",";
  /** Texts without spaces around them that mean a missing value. */
  readonly missing: ReadonlySet<string>;
  /** Whether one of `missing` is a number, as -999. */
  readonly hasNumericMissing: boolean;
  readonly timeFormat: TimeFormat | undefined;
}

/** Texts that mean a missing value unless others are given. */
export const MISSING: readonly string[] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "-", "?"];

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const [ZERO, NINE, MINUS, POINT] = [48, 57, 45, 46];

export function columnRules(
  source: string,
  decimal: "." | "," = ".",
  missing: readonly string[] = MISSING,
  timeFormat?: TimeFormat | undefined,
): ColumnRules {
  const texts = new Set(missing.map((text) => text.trim()));
  const hasNumericMissing = [...texts].some((text) => DECIMAL.test(withPoint(text, decimal)));
  return { source, decimal, missing: texts, hasNumericMissing, timeFormat };
}

/** The number that a text is, NaN if it means a missing value, undefined if it is neither. */
export function readNumber(text: string, rules: ColumnRules): number | undefined {
  if (rules.hasNumericMissing && rules.missing.has(text.trim())) return NaN;
  const plain = rules.decimal === "." ? text : withPoint(text, rules.decimal);
  const value = Number(plain);
  // `Number` also takes blanks and 0x10: what begins like 12, -3 or 0.5 is neither.
  if (value - value === 0 && beginsPlainly(plain)) return value;
  const trimmed = text.trim();
  if (rules.missing.has(trimmed)) return NaN;
  return value - value === 0 && DECIMAL.test(plain.trim()) ? value : undefined;
}

function beginsPlainly(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first === ZERO && text.length > 1) return text.charCodeAt(1) <= NINE && text.charCodeAt(1) >= POINT;
  return (first >= ZERO && first <= NINE) || first === MINUS;
}

/** With a decimal comma, a point is none: it may part thousands. */
function withPoint(text: string, decimal: "." | ","): string {
  return decimal === "." ? text : text.replace(/[.,]/g, (sign) => (sign === "," ? "." : "'"));
}

/** A cell that is at fault, in a sentence that ends with `problem`. */
export function cellError(
  rules: ColumnRules,
  name: string,
  value: string,
  place: string,
  problem: string,
): FormatError {
  return new FormatError(
    `${rules.source} has ${describe(value)} in column ${describe(name)} at ${place}, which ${problem}.`,
  );
}

export function numberError(rules: ColumnRules, name: string, value: string, place: string): FormatError {
  return cellError(rules, name, value, place, `is no number: ${numberFix(value.trim(), rules.decimal)}`);
}

/** `sample` is how the first time of the column is written, and where. */
export function timeError(
  rules: ColumnRules,
  name: string,
  value: string,
  place: string,
  reader: TimeReader,
  sample: string | undefined,
): FormatError {
  return cellError(rules, name, value, place, faultText(reader, sample));
}

export function ambiguousError(rules: ColumnRules, name: string, value: string, place: string): FormatError {
  return cellError(rules, name, value, place, AMBIGUOUS);
}

function numberFix(text: string, decimal: "." | ","): string {
  const other = decimal === "." ? "," : ".";
  const groups = new RegExp(`^[+-]?\\d{1,3}(?:[ '\\u00a0\\u202f${other}]\\d{3})+(?:\\${decimal}\\d+)?$`);
  const separators = "write it without separators of thousands";
  if (new RegExp(`^[+-]?\\d*\\${other}\\d+(?:[eE][+-]?\\d+)?$`).test(text)) {
    return groups.test(text)
      ? `set decimal to "${other}" if "${other}" begins its decimals, else ${separators}`
      : `set decimal to "${other}"`;
  }
  if (groups.test(text)) return separators;
  if (/^[+-]?\d{1,3}(?:[.,]\d{3})+[.,]\d*$/.test(text)) return `set decimal to "${other}" and ${separators}`;
  return 'correct it, or list it in the option "missing" of the CSV reader if it means that there is no value';
}
