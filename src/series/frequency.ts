import { OptionError } from "../errors.ts";
import { describe, integer, numbers, refuse } from "../options.ts";

/** What one step from row to row of a series is. A row without times is a step of its own kind. */
export type FrequencyUnit =
  | "row"
  | "millisecond"
  | "second"
  | "minute"
  | "hour"
  | "day"
  | "businessDay"
  | "week"
  | "month"
  | "quarter"
  | "year";

/** One row every `count` units: `{ unit: "minute", count: 15 }`. */
export interface Frequency {
  readonly unit: FrequencyUnit;
  readonly count: number;
}

const DAY = 86_400_000;
/** Milliseconds of the units that are always equally long, the longest first. */
const LENGTHS = { week: 7 * DAY, day: DAY, hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 } as const;
const MONTHS = { year: 12, quarter: 3, month: 1 } as const;
export const FREQUENCY_UNITS: readonly FrequencyUnit[] = [
  ...(Object.keys(LENGTHS) as (keyof typeof LENGTHS)[]),
  ...(Object.keys(MONTHS) as (keyof typeof MONTHS)[]),
  "businessDay",
  "row",
];

/**
 * The frequency of ascending times: their commonest step, in calendar terms. Steps between days of one month are
 * months; business days are steps of one day that never reach a Saturday or a Sunday. Throws OptionError for fewer than
 * two times.
 */
export function inferFrequency(times: ArrayLike<number>): Frequency {
  numbers("inferFrequency", "times", times);
  const step = commonest(times, (a, b) => b - a);
  if (step === undefined || !(step > 0)) {
    const got = times.length < 2 ? `${times.length}` : "times that do not ascend";
    throw new OptionError(`A frequency is inferred from at least two ascending times, got ${got}: set frequency.`);
  }
  if (step === DAY && skipsWeekends(times)) return { unit: "businessDay", count: 1 };
  if (step >= 28 * DAY && areMonthly(times)) {
    const months = commonest(times, (a, b) => monthOf(b) - monthOf(a)) ?? 1;
    if (months % 12 === 0) return { unit: "year", count: months / 12 };
    return months === 3 ? { unit: "quarter", count: 1 } : { unit: "month", count: months };
  }
  for (const unit of Object.keys(LENGTHS) as (keyof typeof LENGTHS)[]) {
    if (step % LENGTHS[unit] === 0) return { unit, count: step / LENGTHS[unit] };
  }
  return { unit: "millisecond", count: step };
}

/**
 * The time `steps` steps after `time`, before it when negative. Months keep the day of the month, which is by default
 * that of `time`; where a month is too short it is the month's last day, so that 31 gives the ends of all months.
 * Business days are Monday to Friday; a time at the weekend counts as Friday.
 */
export function addSteps(time: number, frequency: Frequency, steps: number, day?: number | undefined): number {
  const { unit, count } = checked("addSteps", frequency);
  requireNumbers("addSteps", { time, steps });
  const units = steps * count;
  if (unit === "row") return time + units;
  if (unit === "businessDay") return fromBusinessDays(businessDays(time) + units) + timeOfDay(time);
  if (unit === "month" || unit === "quarter" || unit === "year") {
    const month = monthOf(time) + units * MONTHS[unit];
    const wanted = day ?? new Date(time).getUTCDate();
    return Math.min(monthStart(month) + (wanted - 1) * DAY, monthStart(month + 1) - DAY) + timeOfDay(time);
  }
  return time + units * LENGTHS[unit];
}

/**
 * How many steps lead from `a` to `b`: a fraction when `b` is off the grid of `a`. Of months only year and month count,
 * of business days the days.
 */
export function stepsBetween(a: number, b: number, frequency: Frequency): number {
  const { unit, count } = checked("stepsBetween", frequency);
  requireNumbers("stepsBetween", { a, b });
  if (unit === "row") return (b - a) / count;
  if (unit === "businessDay") return (businessDays(b) - businessDays(a)) / count;
  if (unit === "month" || unit === "quarter" || unit === "year") {
    return (monthOf(b) - monthOf(a)) / (count * MONTHS[unit]);
  }
  return (b - a) / (count * LENGTHS[unit]);
}

/** The `count` times after the last of `times` [count]: month ends go on as month ends, 30ths as 30ths. */
export function timesAfter(times: ArrayLike<number>, frequency: Frequency, count: number): Float64Array {
  const last = times[times.length - 1];
  if (last === undefined) throw new OptionError("Times go on after at least one time, got none.");
  const day = dayOfMonths(times);
  return Float64Array.from({ length: count }, (_, i) => addSteps(last, frequency, i + 1, day));
}

/** The day of the month that monthly times stand for: 31 if all are ends of months, else the largest. */
export function dayOfMonths(times: ArrayLike<number>): number {
  let day = 1;
  let areEnds = true;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? NaN;
    day = Math.max(day, new Date(time).getUTCDate());
    areEnds &&= isMonthEnd(time);
  }
  return areEnds ? 31 : day;
}

/** For messages: "day", "15 minutes", "business day". */
export function describeFrequency(frequency: Frequency): string {
  const { unit, count } = checked("describeFrequency", frequency);
  const name = unit === "businessDay" ? "business day" : unit;
  return count === 1 ? name : `${count} ${name}s`;
}

/** The frequency as it is; throws OptionError for one that is described, or none. @internal */
export function checked(owner: string, frequency: Frequency): Frequency {
  if (isFrequency(frequency) && Number.isSafeInteger(frequency.count) && frequency.count > 0) return frequency;
  return refuse(owner, "frequency", 'like { unit: "minute", count: 15 }', frequency);
}

function isFrequency(value: unknown): value is Frequency {
  if (typeof value !== "object" || value === null) return false;
  return "count" in value && "unit" in value && FREQUENCY_UNITS.some((unit) => unit === value.unit);
}

function requireNumbers(owner: string, values: Readonly<Record<string, unknown>>): void {
  for (const name in values) if (typeof values[name] !== "number") refuse(owner, name, "a number", values[name]);
}

/** A frequency as it is, or one described: "day", "15 minutes", "business day". Throws OptionError. */
export function toFrequency(owner: string, value: unknown): Frequency {
  if (typeof value === "string") {
    const [, count = "1", name = ""] = /^\s*(?:(\d{1,9})\s+)?([a-zA-Z][a-zA-Z ]*?)s?\s*$/.exec(value) ?? [];
    const plain = name.replace(/[\s-]/g, "").toLowerCase();
    const unit = FREQUENCY_UNITS.find((one) => one.toLowerCase() === plain);
    if (unit !== undefined && Number(count) > 0) return { unit, count: Number(count) };
  } else if (isFrequency(value)) {
    return { unit: value.unit, count: integer(owner, "the count of frequency", value.count, 1) };
  }
  throw new OptionError(
    `${owner} needs frequency to be like "day", "15 minutes", "business day", "month" or { unit: "minute", count: 15 }, got ${describe(value)}.`,
  );
}

/**
 * After how many rows a series usually repeats itself: an hour of minutes below 5, a day of longer ones and of hours, a
 * week of days, a year of weeks, months and quarters. 1 where that is no whole number of rows.
 */
export function seasonOf(frequency: Frequency): number {
  const { unit, count } = checked("seasonOf", frequency);
  const whole = (units: number): number => (units % count === 0 ? units / count : 1);
  switch (unit) {
    case "millisecond":
    case "second":
      return whole(60);
    case "minute":
      return whole(count >= 5 ? 1440 : 60);
    case "hour":
      return whole(24);
    case "day":
      return count === 1 ? 7 : 1;
    case "businessDay":
      return count === 1 ? 5 : 1;
    case "week":
      return whole(52);
    case "month":
      return whole(12);
    case "quarter":
      return whole(4);
    default:
      return 1;
  }
}

/** Of equally common ones the smallest. */
function commonest(times: ArrayLike<number>, step: (a: number, b: number) => number): number | undefined {
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const value = step(times[i - 1] ?? NaN, times[i] ?? NaN);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  let best: number | undefined;
  let most = 0;
  for (const [value, count] of counts) {
    if (count > most || (count === most && value < (best ?? Infinity))) [best, most] = [value, count];
  }
  return best;
}

function skipsWeekends(times: ArrayLike<number>): boolean {
  let crossed = false;
  for (let i = 0; i < times.length; i++) {
    if (weekday(times[i] ?? NaN) > 4) return false;
    crossed ||= i > 0 && weekday(times[i] ?? NaN) < weekday(times[i - 1] ?? NaN);
  }
  return crossed;
}

/**
 * One day of the month throughout (where it has it), or never two times in a month at steps that differ, as business
 * month ends.
 */
function areMonthly(times: ArrayLike<number>): boolean {
  const day = dayOfMonths(times);
  const first = times[0] ?? NaN;
  let areAligned = true;
  let areEqual = true;
  for (let i = 1; i < times.length; i++) {
    const [before, time] = [times[i - 1] ?? NaN, times[i] ?? NaN];
    if (monthOf(time) === monthOf(before)) return false;
    const date = new Date(time).getUTCDate();
    areAligned &&= date === day || (date < day && isMonthEnd(time));
    areEqual &&= time - before === (times[1] ?? NaN) - first;
  }
  const isFirstAligned = new Date(first).getUTCDate() === day || isMonthEnd(first);
  return (areAligned && isFirstAligned) || !areEqual;
}

/** Days since Monday, 29 December 1969, at which 1970 begins with Thursday. */
function dayNumber(time: number): number {
  return Math.floor(time / DAY) + 3;
}

function weekday(time: number): number {
  const day = dayNumber(time);
  return day - 7 * Math.floor(day / 7);
}

function businessDays(time: number): number {
  return 5 * Math.floor(dayNumber(time) / 7) + Math.min(weekday(time), 4);
}

function fromBusinessDays(days: number): number {
  const weeks = Math.floor(days / 5);
  return (7 * weeks + (days - 5 * weeks) - 3) * DAY;
}

function timeOfDay(time: number): number {
  return time - Math.floor(time / DAY) * DAY;
}

/** Months since year 0. */
function monthOf(time: number): number {
  const date = new Date(time);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
}

/**
 * The years are those of a date 400 years later, since `Date.UTC` takes years below 100 for those of the last century.
 */
function monthStart(month: number): number {
  return Date.UTC(400, month, 1) - 146_097 * DAY;
}

function isMonthEnd(time: number): boolean {
  return new Date(time + DAY).getUTCDate() === 1;
}
