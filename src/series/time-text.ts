/**
 * Times as texts, read the same on every engine: `Date.parse` is not used. All times are UTC unless they have an
 * offset.
 */
import { FormatError } from "../errors.ts";
import { describe } from "../options.ts";
import { detected, matched, type TimeFormat, type TimeParts, timeOf } from "./time-format.ts";

/**
 * What the first time of a column settles for the others: two columns of one file differ, two rows of one column do
 * not.
 */
interface Style {
  readonly format: TimeFormat;
  readonly hasClock: boolean;
  readonly hasOffset: boolean;
}

/** Why a text is not a time of its column. */
export type TimeFault =
  /** No format that is known. */
  | "unknown"
  /** Another format than the column's. */
  | "different"
  /** The format is right, but there is no such day or hour. */
  | "impossible";

/**
 * Reads the texts of one column: the first one decides how the others are written. Dates like 01/02/2000 are read month
 * first until one has a part above 12; if that is the day's, those before were read wrongly, and `mend` is for them.
 */
export class TimeReader {
  /** Of the last `read` that gave NaN. */
  fault: TimeFault = "unknown";
  readonly #given: TimeFormat | undefined;
  #style: Style | undefined;
  #isUndecided = false;
  /** What was read month first, read day first. */
  #dayFirst: number[] = [];

  constructor(format?: TimeFormat | undefined) {
    this.#given = format;
  }

  /** Undefined before the first time, and while it is not decided whether days or months come first. */
  get format(): TimeFormat | undefined {
    return this.#isUndecided ? undefined : (this.#style?.format ?? this.#given);
  }

  /** Whether days and months cannot be told apart. */
  get isAmbiguous(): boolean {
    return this.#isUndecided;
  }

  /** Milliseconds since 1970 UTC; NaN for what cannot be read, then `fault` says why. */
  read(text: string): number {
    const trimmed = text.trim();
    return this.#style === undefined ? this.#first(trimmed) : this.#next(trimmed, this.#style);
  }

  /**
   * Mends the column, NaN where a text was no time, when all is read and one of the later days tells that days come
   * first.
   */
  mend(times: Float64Array): void {
    let at = 0;
    for (let row = 0; at < this.#dayFirst.length; row++) {
      if (!Number.isNaN(times[row])) times[row] = this.#dayFirst[at++] ?? NaN;
    }
  }

  #first(text: string): number {
    const formats = this.#given === undefined ? detected(text) : [this.#given];
    this.fault = "unknown";
    for (const format of formats) {
      const parts = matched(text, format);
      if (parts === null) return NaN;
      const style = styleOf(parts, format);
      this.#isUndecided = this.#given === undefined && format === "mm/dd/yyyy";
      const time = this.#isUndecided ? this.#inEitherOrder(parts, style) : timeOf(parts, format);
      if (!Number.isNaN(time)) {
        this.#style ??= style;
        return time;
      }
      this.#isUndecided = false;
      this.fault = "impossible";
    }
    return NaN;
  }

  #next(text: string, style: Style): number {
    const parts = matched(text, style.format);
    this.fault = "different";
    if (parts === null || !isSame(style, styleOf(parts, style.format))) return NaN;
    this.fault = "impossible";
    return this.#isUndecided ? this.#inEitherOrder(parts, style) : timeOf(parts, style.format);
  }

  /** The time month first; day first if it can only be that, which decides. */
  #inEitherOrder(parts: TimeParts, style: Style): number {
    const [time, dayFirst] = [timeOf(parts, "mm/dd/yyyy"), timeOf(parts, "dd/mm/yyyy")];
    if (!Number.isNaN(time) && !Number.isNaN(dayFirst)) {
      this.#dayFirst.push(dayFirst);
      return time;
    }
    if (Number.isNaN(time) && Number.isNaN(dayFirst)) return NaN;
    this.#isUndecided = false;
    if (Number.isNaN(time)) this.#style = { ...style, format: "dd/mm/yyyy" };
    else this.#dayFirst = [];
    return Number.isNaN(time) ? dayFirst : time;
  }
}

/**
 * One time in milliseconds since 1970 UTC. `format` is by default the one the text has. Throws FormatError for a text
 * that is no time, for a day that does not exist, and without `format` for one like 01/02/2000, which may be two days.
 *
 * ```ts
 * parseTime("2000-01-31T14:30+02:00"); // 949321800000
 * ```
 */
export function parseTime(text: string, format?: TimeFormat | undefined): number {
  const reader = new TimeReader(format);
  const time = reader.read(text);
  if (Number.isNaN(time)) throw new FormatError(`${describe(text)} ${faultText(reader)}.`);
  if (reader.isAmbiguous) throw new FormatError(`${describe(text)} ${AMBIGUOUS}.`);
  return time;
}

/** For the end of a sentence that begins with the value. */
export const AMBIGUOUS =
  'may be month first or day first: set timeFormat to "mm/dd/yyyy" or "dd/mm/yyyy" (or write times like 2000-01-31)';

/** For the end of a sentence that begins with the value; `sample` is how the column began. */
export function faultText(reader: TimeReader, sample?: string | undefined): string {
  const { fault, format } = reader;
  if (fault === "impossible") {
    const as = format?.includes("/") ? ` as "${format}"` : "";
    return `is no day or hour of the calendar${as}: correct it or remove the row`;
  }
  if (fault === "different" && sample !== undefined) return `is not written like ${sample}: write all times one way`;
  const wanted = format === undefined ? "2000-01-31 or 2000-01-31T14:30" : `"${format}"`;
  return `is no time that can be read: write times like ${wanted}${format === undefined ? ", or set timeFormat" : ""}`;
}

/** A time as messages show it: `2000-01-31`, with `14:30` or `14:30:15.250` where the day alone does not tell it. */
export function formatTime(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  const [day = "", clock = ""] = date.toISOString().split(/T|Z/);
  if (clock === "00:00:00.000") return day;
  return `${day} ${clock.replace(/(:00)?\.000$/, "")}`;
}

function styleOf(parts: TimeParts, format: TimeFormat): Style {
  return { format, hasClock: parts[4] !== undefined, hasOffset: parts[9] !== undefined };
}

function isSame(a: Style, b: Style): boolean {
  return a.hasClock === b.hasClock && a.hasOffset === b.hasOffset;
}
