/** From a CSV file to series: which columns are read, and how. */
import { OptionError } from "../errors.ts";
import { describe } from "../options.ts";
import type { ColumnKind } from "../series/column-rules.ts";
import { type ReadCsvOptions, readCsv } from "../series/csv.ts";
import type { Series } from "../series/series.ts";
import type { Table } from "../series/table.ts";
import { type ToSeriesOptions, toSeries, toSeriesByGroup } from "../series/to-series.ts";
import type { Input } from "./input.ts";

/** Options of the command line that say how a file is read. */
export interface ReadingFlags {
  /** Most rows of a series: the last ones. */
  readonly last?: number | undefined;
  readonly missing?: ToSeriesOptions["missing"];
  readonly gaps?: ToSeriesOptions["gaps"];
  readonly duplicates?: ToSeriesOptions["duplicates"];
  readonly order?: ToSeriesOptions["order"];
  /** The step of the rows, as in "15 minutes". */
  readonly frequency?: string;
  /** Texts that mean a missing value. */
  readonly missingTexts?: readonly string[];
  /** One character, or "tab". */
  readonly delimiter?: string;
  readonly decimal?: "." | ",";
  readonly encoding?: string;
  readonly timeFormat?: ReadCsvOptions["timeFormat"];
}

/** The flags that are texts and are kept in the model's file. */
type ReadingText = Exclude<keyof ReadingFlags, "last" | "missingTexts">;
export const READING_TEXTS: readonly ReadingText[] = [
  ...(["missing", "gaps", "duplicates", "order", "frequency"] as const),
  ...(["delimiter", "decimal", "encoding", "timeFormat"] as const),
];

/** Those of the flags that say how a file is read and are given; `last` is no property of a file. */
export function readingOf(flags: ReadingFlags): ReadingFlags {
  const names: readonly (keyof ReadingFlags)[] = [...READING_TEXTS, "missingTexts"];
  return Object.fromEntries(names.map((name) => [name, flags[name]]).filter(([, value]) => value !== undefined));
}

/** What is read of a file. */
export interface Columns {
  readonly target: string;
  readonly features: readonly string[];
  readonly time: string | undefined;
  readonly group: string | undefined;
  /** Columns of texts that may tell several series apart: only messages speak of them. */
  readonly texts: readonly string[];
}

/** Columns asked for on the command line. */
export interface WantedColumns {
  readonly target?: string | undefined;
  readonly features?: readonly string[] | undefined;
  readonly time?: string | undefined;
  readonly group?: string | undefined;
}

const MOST_TEXTS = 3;

/**
 * The columns asked for; else the only one of numbers is the target, and the first that holds times the time. Throws
 * OptionError that lists what there is.
 */
export async function findColumns(input: Input, wanted: WantedColumns, flags: ReadingFlags): Promise<Columns> {
  const { features = [], group } = wanted;
  const head = await readCsv(input.head, csvOptions(input, flags));
  const isFree = (name: string) => name !== wanted.target && name !== group && !features.includes(name);
  const ofKind = (kind: ColumnKind) => head.names.filter((name) => isFree(name) && head.kindOf(name) === kind);
  const time = wanted.time ?? ofKind("time")[0] ?? ofKind("text").find((name) => isMonthOrDayFirst(head, name));
  if (time === undefined) requireNoTimes(input, flags);
  const target =
    wanted.target ??
    onlyOne(
      input,
      ofKind("number").filter((name) => name !== time),
    );
  const texts = group !== undefined ? [] : ofKind("text").filter((name) => name !== time && repeats(head, name));
  return { target, features, time, group, texts: texts.slice(0, MOST_TEXTS) };
}

/** Times like 01/02/2000 that the head does not tell apart: the rest of the file may, else reading says what to do. */
function isMonthOrDayFirst(head: Table, name: string): boolean {
  try {
    return head.times(name, "dd/mm/yyyy").some((time) => !Number.isNaN(time));
  } catch {
    return false;
  }
}

/** A flag about times must not go unheard. */
function requireNoTimes({ name }: Input, { timeFormat, frequency }: ReadingFlags): void {
  const flag = timeFormat !== undefined ? "--time-format" : frequency !== undefined ? "--frequency" : undefined;
  if (flag === undefined) return;
  throw new OptionError(
    `${name} has no column of times for ${flag} ${describe(timeFormat ?? frequency)}: set --time to the one that holds them.`,
  );
}

function onlyOne({ name }: Input, numeric: readonly string[]): string {
  const [only, ...others] = numeric;
  if (only === undefined)
    throw new OptionError(`${name} has no column of numbers to forecast: set --target to see why.`);
  if (others.length === 0) return only;
  const names = numeric.map((one) => describe(one)).join(", ");
  throw new OptionError(`${name} has the columns of numbers ${names}: set --target to the one to forecast.`);
}

/** Whether each text is there twice on average; of a column that also holds numbers, no. */
function repeats(head: Table, name: string): boolean {
  try {
    const texts = head.texts(name);
    return 2 * new Set(texts).size <= texts.length;
  } catch {
    return false;
  }
}

/** The file as series, a stream that is never held as a whole. */
export async function readSeries(
  input: Input,
  columns: Columns,
  flags: ReadingFlags,
  onProgress?: (bytes: number) => void,
): Promise<readonly Series[]> {
  const { target, features, time, group, texts } = columns;
  const kinds: Record<string, ColumnKind> = {};
  for (const name of texts) kinds[name] = "text";
  if (group !== undefined) kinds[group] = "text";
  if (time !== undefined) kinds[time] = "time";
  for (const name of [target, ...features]) kinds[name] = "number";
  const table = await readCsv(input.bytes, { ...csvOptions(input, flags), columns: kinds, onProgress });
  const options: ToSeriesOptions = { ...policies(flags), time, columns: [target, ...features] };
  const all = group === undefined ? [toSeries(table, options)] : toSeriesByGroup(table, { ...options, group });
  return all.map((series) => lastRows(series, target, flags.last));
}

/** The last rows of a series that has more, and a sentence about it. */
function lastRows(series: Series, target: string, most: number | undefined): Series {
  const rows = series.columns.get(target)?.length ?? 0;
  if (most === undefined || rows <= most) return series;
  const columns = new Map([...series.columns].map(([name, values]) => [name, values.slice(-most)]));
  const repair = `Used the last ${most} of ${rows} rows: set --last to use more.`;
  return { ...series, columns, times: series.times?.slice(-most), repairs: [...series.repairs, repair] };
}

function csvOptions({ name }: Input, flags: ReadingFlags): ReadCsvOptions {
  const { decimal, encoding, timeFormat, missingTexts: missing } = flags;
  const delimiter = flags.delimiter === "tab" ? "\t" : flags.delimiter;
  return { delimiter, missing, decimal, encoding, timeFormat, name };
}

function policies({ missing, gaps, duplicates, order, frequency }: ReadingFlags): ToSeriesOptions {
  return { missing, gaps, duplicates, order, frequency };
}
