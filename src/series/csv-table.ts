import { FormatError } from "../errors.ts";
import { describe } from "../options.ts";
import { type Column, type ColumnBuilder, columnBuilder, InferredBuilder } from "./column.ts";
import { type ColumnKind, type ColumnRules, readNumber } from "./column-rules.ts";
import { missingColumn, Table } from "./table.ts";
import { TimeReader } from "./time-text.ts";

/** Values that are kept as texts until their columns' kinds are decided. */
const KEPT_TEXTS = 65_536;

interface Kept {
  readonly name: string;
  /** In the row. */
  readonly index: number;
  readonly builder: ColumnBuilder;
}

/** Makes a table of the rows of a CSV file, the header first. */
export class CsvTable {
  readonly #rules: ColumnRules;
  readonly #kinds: ReadonlyMap<string, ColumnKind> | undefined;
  #width = 0;
  #headerLine = 0;
  #kept: readonly Kept[] = [];
  #rowCount = 0;
  readonly #lines = new Lines();
  /** Lines of rows without any value, which count if one with a value follows. */
  #emptyLines: number[] = [];

  constructor(rules: ColumnRules, kinds: ReadonlyMap<string, ColumnKind> | undefined) {
    this.#rules = rules;
    this.#kinds = kinds;
  }

  /** Throws FormatError, and OptionError for a column that is not there. */
  add(fields: readonly string[], line: number): void {
    const isBlank = fields.length === 1 && fields[0] === "";
    if (isBlank && this.#width !== 1) return;
    if (this.#width === 0) {
      this.#begin(fields, line);
    } else if (fields.length !== this.#width) {
      throw this.#raggedError(fields, line);
    } else if (fields[0] === "" && fields.every((field) => field === "")) {
      this.#emptyLines.push(line);
    } else {
      for (const emptyLine of this.#emptyLines) this.#keep([], emptyLine);
      if (this.#emptyLines.length > 0) this.#emptyLines = [];
      this.#keep(fields, line);
    }
  }

  /** Throws FormatError. */
  finish(): Table {
    const { source } = this.#rules;
    if (this.#width === 0) throw new FormatError(`${source} is empty: it needs a header line and rows.`);
    if (this.#rowCount === 0) {
      throw new FormatError(`${source} has no rows after its header at line ${this.#headerLine}: add rows of values.`);
    }
    const columns = new Map<string, Column>(this.#kept.map(({ name, builder }) => [name, builder.finish()]));
    return new Table(columns, this.#rowCount, this.#rules, (row) => this.#lines.of(row));
  }

  #keep(fields: readonly string[], line: number): void {
    this.#lines.add(this.#rowCount, line);
    const mustDecide = this.#rowCount * this.#kept.length >= KEPT_TEXTS;
    for (const { builder, index } of this.#kept) builder.add(fields[index] ?? "", line, mustDecide);
    this.#rowCount++;
  }

  #begin(fields: readonly string[], line: number): void {
    const names = fields.map((field) => field.trim());
    this.#checkNames(names, line);
    const kinds = this.#kinds ?? new Map(names.map((name) => [name, undefined]));
    for (const name of kinds.keys()) {
      if (!names.includes(name)) throw missingColumn(this.#rules.source, name, names);
    }
    this.#kept = names.flatMap((name, index) => {
      if (!kinds.has(name)) return [];
      const kind = kinds.get(name);
      const builder =
        kind === undefined ? new InferredBuilder(name, this.#rules) : columnBuilder(kind, name, this.#rules);
      return [{ name, index, builder }];
    });
    this.#width = names.length;
    this.#headerLine = line;
  }

  #checkNames(names: readonly string[], line: number): void {
    const { source } = this.#rules;
    if (this.#looksLikeValues(names)) {
      const shown = describe(names.join(", "));
      throw new FormatError(
        `${source} has values, ${shown}, where its header should be at line ${line}: add a header.`,
      );
    }
    const empty = names.indexOf("");
    if (empty >= 0) {
      throw new FormatError(
        `${source} has no name for column ${empty + 1} of ${names.length} in its header at line ${line}: name it or remove it.`,
      );
    }
    const seen = new Map<string, number>();
    for (const [index, name] of names.entries()) {
      const other = seen.get(name);
      if (other !== undefined) {
        throw new FormatError(
          `${source} has the name ${describe(name)} for both column ${other + 1} and column ${index + 1} in its header at line ${line}: rename one.`,
        );
      }
      seen.set(name, index);
    }
  }

  /** Names may be integers, as pandas numbers columns without names, but not all numbers and times. */
  #looksLikeValues(names: readonly string[]): boolean {
    const isNumber = (text: string) => (readNumber(text, this.#rules) ?? NaN) > -Infinity;
    const isTime = (text: string) => new TimeReader().read(text) > -Infinity;
    return !names.every((text) => /^[+-]?\d+$/.test(text)) && names.every((text) => isNumber(text) || isTime(text));
  }

  #raggedError(fields: readonly string[], line: number): FormatError {
    const { source } = this.#rules;
    const header = `line ${this.#headerLine}`;
    const count = `${fields.length} field${fields.length === 1 ? "" : "s"}`;
    const extra = fields.slice(this.#width);
    let fix = "quote fields that have the delimiter in them";
    if (extra.every((field) => field === "")) fix = "remove the delimiters at its end";
    if (extra.length === 0) fix = `complete it, or make ${header} the header`;
    return new FormatError(
      `${source} has ${count} at line ${line} where its header at ${header} has ${this.#width}: ${fix}.`,
    );
  }
}

/** The line of each row, as the rows at which lines and rows get out of step. */
class Lines {
  readonly #rows: number[] = [];
  readonly #shifts: number[] = [];
  #shift = NaN;

  add(row: number, line: number): void {
    if (line - row === this.#shift) return;
    this.#shift = line - row;
    this.#rows.push(row);
    this.#shifts.push(this.#shift);
  }

  of(row: number): number {
    let [low, high] = [0, this.#rows.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#rows[middle] ?? 0) <= row) low = middle;
      else high = middle;
    }
    return row + (this.#shifts[low] ?? 0);
  }
}
