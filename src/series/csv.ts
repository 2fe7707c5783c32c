import { describe, knownOptions, oneOf, refuse } from "../options.ts";
import { type ColumnKind, type ColumnRules, columnRules, MISSING } from "./column-rules.ts";
import { CsvDecoder } from "./csv-decode.ts";
import { CsvRows } from "./csv-rows.ts";
import { type CsvSource, piecesOf } from "./csv-source.ts";
import { CsvTable } from "./csv-table.ts";
import type { Table } from "./table.ts";
import { type TimeFormat, timeFormat } from "./time-format.ts";

const OWNER = "readCsv";

export interface ReadCsvOptions {
  /** The columns to keep and what they hold; by default all, and their values tell. */
  readonly columns?: Readonly<Record<string, ColumnKind>> | undefined;
  /** One character; by default that of comma, semicolon, tab and | that fits the first rows. */
  readonly delimiter?: string | undefined;
  /** By default ".". */
  readonly decimal?: "." | "," | undefined;
  /** A name that TextDecoder knows; by default "utf-8". A byte order mark has precedence. */
  readonly encoding?: string | undefined;
  /** Texts that mean a missing value; by default "", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "-" and "?". */
  readonly missing?: readonly string[] | undefined;
  /** How times are written; by default as the first of their column. */
  readonly timeFormat?: TimeFormat | undefined;
  /** What messages call the file; by default "The CSV file". */
  readonly name?: string | undefined;
  /** Called with the bytes read so far, of a text its characters. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Reads a CSV file with a header. A stream is never held as a whole: memory is that of the kept columns, eight bytes a
 * number or time and each different text once. Empty lines are skipped, in a file of one column those at its end; so
 * are rows without any value at the end. Names and values are taken without spaces around them, texts as they are.
 *
 * Throws OptionError for an option or a column that is not there; FormatError for what is no CSV file, with line,
 * column, value and fix, as soon as it is read.
 *
 * ```ts
 * const table = await readCsv(createReadStream("births.csv"), { columns: { date: "time", births: "number" } });
 * table.numbers("births"); // Float64Array
 * ```
 */
export async function readCsv(source: CsvSource, options: ReadCsvOptions = {}): Promise<Table> {
  const { rules, columns, delimiter, encoding, onProgress } = checked(options);
  const decoder = new CsvDecoder(rules.source, encoding);
  const table = new CsvTable(rules, columns);
  const rows = new CsvRows(rules.source, delimiter, (fields, line) => table.add(fields, line));
  let bytes = 0;
  for await (const piece of piecesOf(OWNER, source)) {
    rows.push(decoder.push(piece));
    bytes += piece.length;
    onProgress?.(bytes);
  }
  rows.push(decoder.end());
  rows.end();
  return table.finish();
}

interface Checked {
  readonly rules: ColumnRules;
  readonly columns: ReadonlyMap<string, ColumnKind> | undefined;
  readonly delimiter: string | undefined;
  readonly encoding: string;
  readonly onProgress: ((bytes: number) => void) | undefined;
}

function checked(options: ReadCsvOptions): Checked {
  knownOptions(OWNER, options, [
    "columns",
    "delimiter",
    "decimal",
    "encoding",
    "missing",
    "timeFormat",
    "name",
    "onProgress",
  ]);
  const { columns, delimiter, decimal = ".", encoding = "utf-8", missing = MISSING, name = "The CSV file" } = options;
  if (delimiter !== undefined && !(typeof delimiter === "string" && /^[^"\r\n\w.+-]$/.test(delimiter))) {
    refuse(OWNER, "delimiter", 'one character that is in no number, like "," or ";"', delimiter);
  }
  oneOf(OWNER, "decimal", decimal, [".", ","]);
  if (typeof encoding !== "string") refuse(OWNER, "encoding", 'a name like "utf-8" or "windows-1252"', encoding);
  if (!Array.isArray(missing) || !missing.every((text) => typeof text === "string")) {
    refuse(OWNER, "missing", 'texts that mean a missing value, like ["", "NA"]', missing);
  }
  if (typeof name !== "string" || name === "") refuse(OWNER, "name", 'a name like "births.csv"', name);
  const { onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== "function") {
    refuse(OWNER, "onProgress", "a function of the bytes read", onProgress);
  }
  const format = options.timeFormat === undefined ? undefined : timeFormat(OWNER, options.timeFormat);
  const rules = columnRules(name, decimal, missing, format);
  return { rules, columns: kindsOf(columns), delimiter, encoding, onProgress };
}

function kindsOf(columns: unknown): ReadonlyMap<string, ColumnKind> | undefined {
  if (columns === undefined) return undefined;
  if (typeof columns !== "object" || columns === null || Array.isArray(columns)) {
    refuse(OWNER, "columns", 'kinds by name, like { date: "time", births: "number" }', columns);
  }
  const kinds = Object.entries(columns).map(
    ([name, kind]) => [name, oneOf(OWNER, `column ${describe(name)}`, kind, ["number", "time", "text"])] as const,
  );
  if (kinds.length === 0) refuse(OWNER, "columns", "at least one column", columns);
  return new Map(kinds);
}
