import { FormatError, OptionError } from "../errors.ts";
import { describe, integer, nearest, refuse } from "../options.ts";
import type { Column } from "./column.ts";
import {
  ambiguousError,
  type ColumnKind,
  type ColumnRules,
  columnRules,
  numberError,
  readNumber,
  timeError,
} from "./column-rules.ts";
import { type TimeFormat, timeFormat } from "./time-format.ts";
import { TimeReader } from "./time-text.ts";

/** The values of one column of `createTable`. */
export type ColumnValues = readonly number[] | Float64Array | Float32Array | readonly Date[] | readonly string[];

/** Names are shown up to so many. */
const NAMES_SHOWN = 20;

/** Where rows come from: the line of each, or undefined for rows that are counted from 0. */
export type LineOf = ((row: number) => number) | undefined;

/** Columns of equal length by name, as they were read: with missing values, in the file's order. */
export class Table {
  /** What messages call it: the file's name. */
  readonly source: string;
  /** In the file's order. */
  readonly names: readonly string[];
  readonly rowCount: number;
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #rules: ColumnRules;
  readonly #lineOf: LineOf;

  /** @internal */
  constructor(columns: ReadonlyMap<string, Column>, rowCount: number, rules: ColumnRules, lineOf: LineOf) {
    this.source = rules.source;
    this.names = [...columns.keys()];
    this.rowCount = rowCount;
    this.#columns = columns;
    this.#rules = rules;
    this.#lineOf = lineOf;
  }

  /** Throws OptionError for a name that is not there. */
  kindOf(name: string): ColumnKind {
    const { kind } = this.#column(name);
    return kind === "mixed" ? "text" : kind;
  }

  /**
   * A column of numbers, NaN where a value is missing [rowCount]: the table's own array, not to be changed. Texts are
   * read as numbers. Throws OptionError for a name that is not there, FormatError for a column that is not all numbers.
   */
  numbers(name: string): Float64Array {
    const column = this.#column(name);
    if (column.kind === "number") return column.values;
    if (column.kind === "mixed") throw column.fault;
    if (column.kind === "time") {
      throw new FormatError(`${this.source} has times, not numbers, in column ${describe(name)}: name another column.`);
    }
    return Float64Array.from(column.texts, (text, row) => {
      const value = readNumber(text, this.#rules);
      if (value === undefined) throw numberError(this.#rules, name, text, this.placeOf(row));
      return value;
    });
  }

  /**
   * A column of times in milliseconds since 1970 UTC, NaN where one is missing [rowCount]: the table's own array, not
   * to be changed. Texts, and a file's integers like 2012 or 20120131, are read as `format`, by default as the first of
   * them is written; numbers of arrays are such milliseconds. Throws OptionError for a name that is not there,
   * FormatError for a column that is not all times.
   */
  times(name: string, format?: TimeFormat | undefined): Float64Array {
    const wanted = format === undefined ? this.#rules.timeFormat : timeFormat("Table.times", format);
    const column = this.#column(name);
    if (column.kind === "mixed") throw column.fault;
    if (column.kind === "time") {
      if (format === undefined || column.format === undefined || column.format === wanted) return column.values;
      throw new OptionError(
        `${this.source} has times like "${column.format}" in column ${describe(name)}, got timeFormat "${wanted}": leave timeFormat out.`,
      );
    }
    if (column.kind === "number" && format === undefined && this.#lineOf === undefined) return column.values;
    const textOf = column.kind === "text" ? (row: number) => column.texts[row] ?? "" : integerOf(column.values);
    return this.#timesFrom(name, textOf, wanted);
  }

  /**
   * A column of texts [rowCount], with what means a missing value as it is written. Throws OptionError for a name that
   * is not there, FormatError for a column of another kind.
   */
  texts(name: string): readonly string[] {
    const column = this.#column(name);
    if (column.kind === "text") return column.texts;
    if (column.kind === "mixed") throw column.fault;
    const fix = `say in columns that ${describe(name)} is "text"`;
    throw new FormatError(`${this.source} has ${column.kind}s, not texts, in column ${describe(name)}: ${fix}.`);
  }

  /** The line of the file in which a row begins, the first line being 1; of a table made of arrays the row itself. */
  lineOf(row: number): number {
    integer(this.source, "row", row, 0);
    return this.#lineOf?.(row) ?? row;
  }

  /** For messages: "line 7", of a table made of arrays "index 5". */
  placeOf(row: number): string {
    return `${this.#lineOf === undefined ? "index" : "line"} ${this.lineOf(row)}`;
  }

  #column(name: string): Column {
    const column = this.#columns.get(name);
    if (typeof name !== "string") refuse(this.source, "the name of a column", "a text", name);
    if (column === undefined) throw missingColumn(this.source, name, this.names);
    return column;
  }

  #timesFrom(name: string, textOf: (row: number) => string, format: TimeFormat | undefined): Float64Array {
    const reader = new TimeReader(format);
    const times = new Float64Array(this.rowCount);
    let first: number | undefined;
    for (let row = 0; row < times.length; row++) {
      const text = textOf(row);
      const time = reader.read(text);
      if (!Number.isNaN(time)) first ??= row;
      else if (text !== "" && !this.#rules.missing.has(text.trim())) {
        const sample = first === undefined ? undefined : `${describe(textOf(first))} at ${this.placeOf(first)}`;
        throw timeError(this.#rules, name, text, this.placeOf(row), reader, sample);
      }
      times[row] = time;
    }
    if (reader.isAmbiguous) throw ambiguousError(this.#rules, name, textOf(first ?? 0), this.placeOf(first ?? 0));
    reader.mend(times);
    return times;
  }
}

/**
 * A table of arrays: numbers (NaN or null is a missing value), dates or texts, all of one length. Arrays are copied.
 * Throws OptionError.
 *
 * ```ts
 * createTable({ day: ["2000-01-01", "2000-01-02"], births: [9083, 8006] });
 * ```
 */
export function createTable(columns: Readonly<Record<string, ColumnValues>>): Table {
  if (typeof columns !== "object" || columns === null || Array.isArray(columns)) {
    refuse("createTable", "its columns", "an object of arrays by name", columns);
  }
  const entries = Object.entries(columns);
  if (entries.length === 0) throw new OptionError("createTable needs at least one column, got none.");
  const [firstName = "", firstValues] = entries[0] ?? [];
  const built = entries.map(([name, values]) => {
    const column = columnOf(name, values);
    if (values.length === firstValues?.length) return [name, column] as const;
    throw new OptionError(
      `createTable needs columns of one length, got ${values.length} values in ${describe(name)} and ${firstValues?.length} in ${describe(firstName)}.`,
    );
  });
  return new Table(new Map(built), firstValues?.length ?? 0, columnRules("The table"), undefined);
}

/** @internal */
export function missingColumn(source: string, name: string, names: readonly string[]): OptionError {
  const near = nearest(name, names);
  const shown = names.slice(0, NAMES_SHOWN).map((one) => describe(one));
  const others = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
  const hint = near === undefined ? " take one of these." : ` did you mean ${describe(near)}?`;
  return new OptionError(`${source} has no column ${describe(name)}, but ${shown.join(", ")}${others}:${hint}`);
}

function columnOf(name: string, values: unknown): Column {
  const owner = `createTable's column ${describe(name)}`;
  if (values instanceof Float64Array || values instanceof Float32Array) return numbersOf(owner, values);
  if (!Array.isArray(values)) refuse(owner, "its values", "an array of numbers, dates or texts", values);
  const all: readonly unknown[] = values;
  if (all.length > 0 && all.every((value) => typeof value === "string")) return { kind: "text", texts: [...all] };
  if (all.some((value) => value instanceof Date)) {
    return {
      kind: "time",
      values: Float64Array.from(all, (value, i) => timeOfDate(owner, value, i)),
      format: undefined,
    };
  }
  return numbersOf(owner, all);
}

function numbersOf(owner: string, values: ArrayLike<unknown>): Column {
  const numbers = Float64Array.from(values, (value, i) => {
    if (value === null) return NaN;
    if (typeof value === "number" && (Number.isFinite(value) || Number.isNaN(value))) return value;
    return refuse(owner, `index ${i}`, "a finite number, NaN or null, as all of its values", value);
  });
  return { kind: "number", values: numbers };
}

function timeOfDate(owner: string, value: unknown, i: number): number {
  if (value instanceof Date && Number.isFinite(value.getTime())) return value.getTime();
  return refuse(owner, `index ${i}`, "a valid Date, as all of its values", value);
}

/** Years, days like 20120131 and seconds since 1970 were read as numbers. */
function integerOf(values: Float64Array): (row: number) => string {
  return (row) => {
    const value = values[row] ?? NaN;
    return Number.isNaN(value) ? "" : String(value);
  };
}
