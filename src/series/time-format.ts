/** How dates and times are written, and what they mean. */
import { OptionError } from "../errors.ts";
import { describe, nearest } from "../options.ts";

const DAY = 86_400_000;
/** The Gregorian calendar repeats; `Date.UTC` takes years below 100 for those of the last century. */
const YEARS_400 = 146_097 * DAY;
const MONTH_NAMES = "january february march april may june july august september october november december".split(" ");
const MONTHS = MONTH_NAMES.map((name) => name.slice(0, 3));

/**
 * How the dates of a column are written. Those with a day may be followed by a time of day, `T14:30`, ` 14:30:15.250`
 * or ` 2:30 PM`, and that by `Z` or an offset like `+02:00`. "seconds" and "milliseconds" count from 1970 UTC.
 */
export type TimeFormat =
  | "yyyy-mm-dd"
  | "yyyy/mm/dd"
  | "yyyymmdd"
  | "yyyy-mm"
  | "yyyy-Qq"
  | "yyyy"
  | "dd.mm.yyyy"
  | "dd/mm/yyyy"
  | "mm/dd/yyyy"
  | "mmm d yyyy"
  | "d mmm yyyy"
  | "mmm yyyy"
  | "seconds"
  | "milliseconds";

/** The parts of a date in the order of its pattern's groups. */
type Order = "ymd" | "dmy" | "mdy" | "ym" | "my" | "yq" | "y";

interface Shape {
  readonly pattern: RegExp;
  readonly order: Order;
}

const NAME = "([A-Za-z]{3,9})";
const CLOCK =
  "(?:[T ](\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?(?: ?([AaPp])\\.?[Mm]\\.?)?(?: ?(Z|z|[+-]\\d{2}(?::?\\d{2})?))?)?";

function dated(date: string, order: Order): Shape {
  return { pattern: new RegExp(`^${date}${CLOCK}$`), order };
}

const SHAPES: Readonly<Record<Exclude<TimeFormat, "seconds" | "milliseconds">, Shape>> = {
  "yyyy-mm-dd": dated("(\\d{4})-(\\d{1,2})-(\\d{1,2})", "ymd"),
  "yyyy/mm/dd": dated("(\\d{4})/(\\d{1,2})/(\\d{1,2})", "ymd"),
  yyyymmdd: dated("(\\d{4})(\\d{2})(\\d{2})", "ymd"),
  "dd.mm.yyyy": dated("(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4})", "dmy"),
  "dd/mm/yyyy": dated("(\\d{1,2})/(\\d{1,2})/(\\d{4})", "dmy"),
  "mm/dd/yyyy": dated("(\\d{1,2})/(\\d{1,2})/(\\d{4})", "mdy"),
  "mmm d yyyy": dated(`${NAME}\\.? (\\d{1,2}),? (\\d{4})`, "mdy"),
  "d mmm yyyy": dated(`(\\d{1,2})[ -]${NAME}\\.?[ -](\\d{4})`, "dmy"),
  "yyyy-mm": { pattern: /^(\d{4})[-/](\d{1,2})$/, order: "ym" },
  "yyyy-Qq": { pattern: /^(\d{4})[- ]?[Qq]([1-4])$/, order: "yq" },
  "mmm yyyy": { pattern: new RegExp(`^${NAME}\\.?[ -](\\d{4})$`), order: "my" },
  yyyy: { pattern: /^(\d{4})$/, order: "y" },
};

/** The groups of a pattern: 1 to 3 are of the date, those from 4 on of the time of day, 9 being the offset. */
export type TimeParts = readonly (string | undefined)[];

/** All formats. */
export const TIME_FORMATS: readonly TimeFormat[] = [
  ...(Object.keys(SHAPES) as (keyof typeof SHAPES)[]),
  "seconds",
  "milliseconds",
];

/** Returns `value` if it is a time format, ignoring case; else throws OptionError. */
export function timeFormat(owner: string, value: unknown): TimeFormat {
  const found = TIME_FORMATS.find((name) => typeof value === "string" && name.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  const near = typeof value === "string" ? nearest(value, TIME_FORMATS) : undefined;
  const hint = near === undefined ? "" : `, did you mean "${near}"`;
  throw new OptionError(
    `${owner} needs timeFormat to be one of ${TIME_FORMATS.map((name) => `"${name}"`).join(", ")}, got ${describe(value)}${hint}.`,
  );
}

/** The formats whose pattern a text has, the likeliest first. */
export function detected(text: string): readonly TimeFormat[] {
  if (/^\d{10}$/.test(text)) return ["seconds"];
  if (/^\d{13}$/.test(text)) return ["milliseconds"];
  const names = (Object.keys(SHAPES) as (keyof typeof SHAPES)[]).filter((name) => SHAPES[name].pattern.test(text));
  return names.includes("mm/dd/yyyy") ? ["mm/dd/yyyy"] : names;
}

/** Null if the text does not fit. */
export function matched(text: string, format: TimeFormat): TimeParts | null {
  if (format === "seconds" || format === "milliseconds") return /^-?\d{1,15}$/.test(text) ? [text] : null;
  return SHAPES[format].pattern.exec(text);
}

/** NaN for no day or hour of the calendar. */
export function timeOf(parts: TimeParts, format: TimeFormat): number {
  if (format === "seconds") return Number(parts[0]) * 1000;
  if (format === "milliseconds") return Number(parts[0]);
  const [, a = "", b = "1", c = "1"] = parts;
  switch (SHAPES[format].order) {
    case "ymd":
      return dayOf(a, b, c) + clockOf(parts);
    case "dmy":
      return dayOf(c, b, a) + clockOf(parts);
    case "mdy":
      return dayOf(c, a, b) + clockOf(parts);
    case "my":
      return dayOf(b, a, "1");
    case "yq":
      return dayOf(a, String(3 * Number(b) - 2), "1");
    default:
      return dayOf(a, b, "1");
  }
}

function dayOf(yearText: string, monthText: string, dayText: string): number {
  const [year, day] = [Number(yearText), Number(dayText)];
  const month = monthText.length < 3 ? Number(monthText) : monthNamed(monthText.toLowerCase());
  if (month < 1 || month > 12 || day < 1 || day > 31) return NaN;
  const time = utc(year, month, day);
  return day < 29 || time < utc(year, month + 1, 1) ? time : NaN;
}

/** 0 for no month's name. */
function monthNamed(name: string): number {
  return name === "sept" ? 9 : 1 + (name.length === 3 ? MONTHS.indexOf(name) : MONTH_NAMES.indexOf(name));
}

/** 24:00 is midnight at the end of a day. */
function clockOf(parts: TimeParts): number {
  if (parts[4] === undefined) return 0;
  const [minute, second] = [Number(parts[5]), Number(parts[6] ?? "0")];
  const hour = parts[8] === undefined ? Number(parts[4]) : hourOfHalf(Number(parts[4]), parts[8]);
  const milliseconds = parts[7] === undefined ? 0 : Number(parts[7].slice(0, 3).padEnd(3, "0"));
  const clock = hour * 3_600_000 + minute * 60_000 + second * 1000 + milliseconds;
  if (minute > 59 || second > 59 || clock > DAY) return NaN;
  return clock - offsetOf(parts[9] ?? "Z");
}

function offsetOf(text: string): number {
  if (text.length === 1) return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(":", ""))];
  if (hours > 23 || minutes > 59) return NaN;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function hourOfHalf(hour: number, half: string): number {
  if (hour < 1 || hour > 12) return NaN;
  return (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
}

/** Midnight of a day; months and days may be beyond the year's and the month's. */
function utc(year: number, month: number, day: number): number {
  return Date.UTC(year + 400, month - 1, day) - YEARS_400;
}
