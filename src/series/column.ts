/** Columns that grow row by row and hold nothing but their values. */

import { describe } from "../options.ts";
import {
  ambiguousError,
  type ColumnKind,
  type ColumnRules,
  cellError,
  numberError,
  readNumber,
  timeError,
} from "./column-rules.ts";
import type { TimeFormat } from "./time-format.ts";
import { TimeReader } from "./time-text.ts";

/** A whole column. Numbers and times have NaN where a value is missing. */
export type Column =
  | { readonly kind: "number"; readonly values: Float64Array }
  | { readonly kind: "time"; readonly values: Float64Array; readonly format: TimeFormat | undefined }
  | { readonly kind: "text"; readonly texts: readonly string[] }
  /** Values that are not alike in a file too long to keep their texts; `fault` is the first that differs. */
  | { readonly kind: "mixed"; readonly fault: Error };

/** A column that is being read. */
export interface ColumnBuilder {
  /**
   * `line` is that of the row, for messages. `mustDecide`: no more texts may be kept to find out what the column holds.
   * Throws FormatError.
   */
  add(text: string, line: number, mustDecide?: boolean): void;
  /** The whole column; the builder is empty then. Throws FormatError. */
  finish(): Column;
}

/** A column of a kind that is known. */
export function columnBuilder(kind: ColumnKind, name: string, rules: ColumnRules): ColumnBuilder {
  if (kind === "number") return new NumberBuilder(name, rules);
  return kind === "time" ? new TimeBuilder(name, rules) : new TextBuilder();
}

/** 512 KB each: a column is copied once, when it is whole. */
const BLOCK = 65_536;

class Numbers {
  #blocks: Float64Array[] = [];
  #block = new Float64Array(0);
  #used = 0;

  push(value: number): void {
    if (this.#used === this.#block.length) {
      this.#block = new Float64Array(this.#blocks.length === 0 ? 1024 : BLOCK);
      this.#blocks.push(this.#block);
      this.#used = 0;
    }
    this.#block[this.#used++] = value;
  }

  take(): Float64Array {
    const unused = this.#block.length - this.#used;
    const all = new Float64Array(this.#blocks.reduce((sum, block) => sum + block.length, 0) - unused);
    let at = 0;
    for (const block of this.#blocks) {
      all.set(block === this.#block ? block.subarray(0, this.#used) : block, at);
      at += block.length;
    }
    this.#blocks = [];
    this.#block = new Float64Array(0);
    this.#used = 0;
    return all;
  }
}

class NumberBuilder implements ColumnBuilder {
  readonly #name: string;
  readonly #rules: ColumnRules;
  readonly #values = new Numbers();

  constructor(name: string, rules: ColumnRules) {
    this.#name = name;
    this.#rules = rules;
  }

  add(text: string, line: number): void {
    const value = readNumber(text, this.#rules);
    if (value === undefined) throw numberError(this.#rules, this.#name, text, `line ${line}`);
    this.#values.push(value);
  }

  finish(): Column {
    return { kind: "number", values: this.#values.take() };
  }
}

class TimeBuilder implements ColumnBuilder {
  readonly #name: string;
  readonly #rules: ColumnRules;
  readonly #values = new Numbers();
  readonly #reader: TimeReader;
  #first: { readonly text: string; readonly line: number } | undefined;

  constructor(name: string, rules: ColumnRules) {
    this.#name = name;
    this.#rules = rules;
    this.#reader = new TimeReader(rules.timeFormat);
  }

  add(text: string, line: number): void {
    const time = this.#reader.read(text);
    if (!Number.isNaN(time)) {
      this.#first ??= { text: flat(text), line };
    } else if (!this.#rules.missing.has(text.trim())) {
      const first = this.#first;
      const sample = first === undefined ? undefined : `${describe(first.text)} at line ${first.line}`;
      throw timeError(this.#rules, this.#name, text, `line ${line}`, this.#reader, sample);
    }
    this.#values.push(time);
  }

  finish(): Column {
    const { text = "", line = 0 } = this.#first ?? {};
    if (this.#reader.isAmbiguous) throw ambiguousError(this.#rules, this.#name, text, `line ${line}`);
    const values = this.#values.take();
    this.#reader.mend(values);
    return { kind: "time", values, format: this.#reader.format };
  }
}

/** Each different text is kept once. */
class TextBuilder implements ColumnBuilder {
  readonly #codes = new Numbers();
  #numbers = new Map<string, number>();
  #texts: string[] = [];

  add(text: string): void {
    let code = this.#numbers.get(text);
    if (code === undefined) {
      code = this.#texts.length;
      const copy = flat(text);
      this.#texts.push(copy);
      this.#numbers.set(copy, code);
    }
    this.#codes.push(code);
  }

  take(): readonly string[] {
    const codes = this.#codes.take();
    const texts = this.#texts;
    this.#texts = [];
    this.#numbers = new Map();
    return Array.from(codes, (code) => texts[code] ?? "");
  }

  finish(): Column {
    return { kind: "text", texts: this.take() };
  }
}

/**
 * A column whose kind its values tell: numbers if all are numbers, else times if all are times, else texts; a column
 * without any value is text. The first rows are kept as texts and decide; in a longer file a later value of another
 * kind makes the column "mixed".
 */
export class InferredBuilder implements ColumnBuilder {
  readonly #name: string;
  readonly #rules: ColumnRules;
  readonly #texts = new TextBuilder();
  #lines: number[] = [];
  #hasValue = false;
  #builder: ColumnBuilder | undefined;
  #fault: Error | undefined;

  constructor(name: string, rules: ColumnRules) {
    this.#name = name;
    this.#rules = rules;
  }

  add(text: string, line: number, mustDecide = false): void {
    if (this.#fault !== undefined) return;
    if (this.#builder === undefined) {
      this.#texts.add(text);
      this.#lines.push(line);
      this.#hasValue ||= !this.#rules.missing.has(text.trim());
      if (mustDecide && this.#hasValue) this.#builder = this.#filled(this.#texts.take());
      return;
    }
    try {
      this.#builder.add(text, line);
    } catch (error) {
      this.#fault = mixedError(this.#rules, this.#name, text, line);
      this.#builder = undefined;
      if (!(error instanceof Error)) throw error;
    }
  }

  finish(): Column {
    if (this.#fault !== undefined) return { kind: "mixed", fault: this.#fault };
    const builder = this.#builder;
    this.#builder = undefined;
    if (builder === undefined) return this.#wholly();
    try {
      return builder.finish();
    } catch (error) {
      // Days and months that nothing tells apart.
      if (error instanceof Error) return { kind: "mixed", fault: error };
      throw error;
    }
  }

  /** The column of a file whose texts were all kept; days and months that nothing tells apart stay texts. */
  #wholly(): Column {
    const texts = this.#texts.take();
    try {
      return this.#filled(texts).finish();
    } catch {
      return { kind: "text", texts };
    }
  }

  #filled(texts: readonly string[]): ColumnBuilder {
    const lines = this.#lines;
    this.#lines = [];
    const kinds: readonly ColumnKind[] = this.#hasValue ? ["number", "time"] : [];
    for (const kind of kinds) {
      const builder = columnBuilder(kind, this.#name, this.#rules);
      if (isFilled(builder, texts, lines)) return builder;
    }
    const builder = new TextBuilder();
    isFilled(builder, texts, lines);
    return builder;
  }
}

function isFilled(builder: ColumnBuilder, texts: readonly string[], lines: readonly number[]): boolean {
  try {
    for (const [row, text] of texts.entries()) builder.add(text, lines[row] ?? 0);
    return true;
  } catch {
    return false;
  }
}

function mixedError(rules: ColumnRules, name: string, value: string, line: number): Error {
  const fix = `correct it, or say in columns that ${describe(name)} is "text"`;
  return cellError(rules, name, value, `line ${line}`, `is not of the kind of the values before: ${fix}`);
}

/** A copy: engines keep a whole piece of the file alive for each text that is a part of it, unless it is short. */
function flat(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
