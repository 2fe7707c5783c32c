import { OptionError } from "../errors.ts";
import { describe } from "../options.ts";

/** A day: "2014-12-25", a Date or milliseconds since 1970, of which the UTC day counts. */
export type Holiday = string | Date | number;

const DAY = 86_400_000;
/** What a Date can hold, in days from 1970. */
const FARTHEST = 100_000_000;

/** The UTC day of a time: days since 1970-01-01. @internal */
export function dayOf(time: number): number {
  return Math.floor(time / DAY);
}

/**
 * Days since 1970-01-01 UTC of a list of dates.
 *
 * ```ts
 * holidayDays(["2014-12-25", new Date("2015-01-01"), Date.UTC(2015, 6, 4)]);
 * ```
 *
 * @throws OptionError that names the entry which is no date.
 */
export function holidayDays(list: readonly Holiday[]): ReadonlySet<number> {
  if (!Array.isArray(list)) {
    throw new OptionError(`holidays are a list of dates like ["2014-12-25"], got ${describe(list)}.`);
  }
  return new Set(Array.from(list, dayOfHoliday));
}

function dayOfHoliday(entry: Holiday, index: number): number {
  const day = dayOf(timeOf(entry));
  if (Math.abs(day) <= FARTHEST) return day;
  throw new OptionError(
    `holidays[${index}] must be a date like "2014-12-25", a Date or milliseconds since 1970, got ${describe(entry)}.`,
  );
}

function timeOf(entry: Holiday): number {
  if (entry instanceof Date) return entry.getTime();
  if (typeof entry === "string") return parse(entry);
  return typeof entry === "number" ? entry : NaN;
}

/** NaN for what is no day of the calendar, such as 2014-02-30. */
function parse(text: string): number {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return date.getUTCDate() === Number(day) ? date.getTime() : NaN;
}
