/** From a CSV file to series: which columns are read, and how. */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { OptionError } from "../errors.ts";
import { type ReadCsvOptions, readCsv } from "../series/csv.ts";
import type { Series } from "../series/series.ts";
import type { Table } from "../series/table.ts";
import { type ToSeriesOptions, toSeries, toSeriesByGroup } from "../series/to-series.ts";

/** Options of the command line that say how a file is read. */
export interface ReadingFlags {
  /** Most rows of a series: the last ones. */
  readonly last?: number | undefined;
  readonly missing?: ToSeriesOptions["missing"];
  readonly gaps?: ToSeriesOptions["gaps"];
  readonly duplicates?: ToSeriesOptions["duplicates"];
  readonly order?: ToSeriesOptions["order"];
  /** Texts that mean a missing value. */
  readonly missingTexts?: readonly string[];
  /** One character, or "tab". */
  readonly delimiter?: string;
  readonly decimal?: "." | ",";
  readonly encoding?: string;
  readonly timeFormat?: ReadCsvOptions["timeFormat"];
}

const READING: readonly (keyof ReadingFlags)[] = [
  ...([
    "missing",
    "gaps",
    "duplicates",
    "order",
    "missingTexts",
    "delimiter",
    "decimal",
    "encoding",
    "timeFormat",
  ] as const),
];

/** Those of the flags that say how a file is read and are given; `last` is no property of a file. */
export function readingOf(flags: ReadingFlags): ReadingFlags {
  return Object.fromEntries(READING.map((name) => [name, flags[name]]).filter(([, value]) => value !== undefined));
}

/** What is read of a file. */
export interface Columns {
  readonly target: string;
  readonly features: readonly string[];
  readonly time: string | undefined;
  readonly group: string | undefined;
}

/** Enough for a look at the header and the kinds of the columns. */
const HEAD_BYTES = 65_536;

/** The columns asked for; without a time column the first that holds times. Throws OptionError that lists what there is. */
export async function findColumns(
  path: string,
  wanted: {
    readonly target?: string;
    readonly features?: readonly string[];
    readonly time?: string;
    readonly group?: string;
  },
  flags: ReadingFlags,
): Promise<Columns> {
  const { target, features = [], group } = wanted;
  if (target !== undefined && (wanted.time !== undefined || path === "-"))
    return { target, features, time: wanted.time, group };
  const head = await readHead(path, flags);
  const ofKind = (kind: string) => head.names.filter((name) => head.kindOf(name) === kind);
  const time = wanted.time ?? ofKind("time").find((name) => name !== target && name !== group);
  if (target !== undefined) return { target, features, time, group };
  const numeric = ofKind("number").filter((name) => name !== time && name !== group);
  throw new OptionError(
    `gatefold forecast needs --target to say which column to forecast: ${basename(path)} has the numeric columns ${numeric.join(", ") || "none"}.`,
  );
}

/** The file as series, a stream that is never held as a whole. */
export async function readSeries(path: string, columns: Columns, flags: ReadingFlags): Promise<readonly Series[]> {
  const { target, features, time, group } = columns;
  const kinds: Record<string, "number" | "time" | "text"> = {};
  if (group !== undefined) kinds[group] = "text";
  if (time !== undefined) kinds[time] = "time";
  for (const name of [target, ...features]) kinds[name] = "number";
  const progress = await readingProgress(path);
  const table = await readCsv(sourceOf(path), {
    ...csvOptions(path, flags),
    columns: kinds,
    onProgress: progress?.show,
  });
  progress?.end();
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

function sourceOf(path: string): AsyncIterable<Uint8Array> {
  return path === "-" ? process.stdin : createReadStream(path, { highWaterMark: 1 << 20 });
}

/** From this size on a terminal shows how far reading is. */
const LARGE = 20_000_000;
const REDRAW_MS = 200;

async function readingProgress(path: string): Promise<{ show(bytes: number): void; end(): void } | undefined> {
  const { size } = path === "-" ? { size: 0 } : await stat(path);
  if (size < LARGE || !process.stderr.isTTY) return undefined;
  let drawn = 0;
  let width = 0;
  const draw = (text: string) => {
    process.stderr.write(`\r${text.padEnd(width)}`);
    width = text.length;
  };
  return {
    show: (bytes) => {
      const now = performance.now();
      if (now - drawn < REDRAW_MS) return;
      drawn = now;
      draw(`Reading ${basename(path)}: ${Math.floor((bytes / size) * 100)} %`);
    },
    end: () => draw("\r"),
  };
}

function csvOptions(path: string, flags: ReadingFlags): ReadCsvOptions {
  const { decimal, encoding, timeFormat, missingTexts: missing } = flags;
  const delimiter = flags.delimiter === "tab" ? "\t" : flags.delimiter;
  return {
    delimiter,
    missing,
    decimal,
    encoding,
    timeFormat,
    name: path === "-" ? "The standard input" : basename(path),
  };
}

function policies({ missing, gaps, duplicates, order }: ReadingFlags): ToSeriesOptions {
  return { missing, gaps, duplicates, order };
}

async function readHead(path: string, flags: ReadingFlags): Promise<Table> {
  const { size } = await stat(path);
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES);
    const isWhole = bytesRead >= size;
    const end = isWhole ? bytesRead : buffer.lastIndexOf(10, bytesRead - 1) + 1;
    return await readCsv(buffer.subarray(0, end || bytesRead), csvOptions(path, flags));
  } finally {
    await file.close();
  }
}
