/** Features of the calendar: what a row's time says before its values are known. All of UTC. */
import { OptionError } from "../errors.ts";
import { cos } from "../math/cos.ts";
import { describe, knownOptions, numbers, oneOf, refuse } from "../options.ts";
import { checked, type Frequency } from "./frequency.ts";
import { dayOf, type Holiday, holidayDays } from "./holidays.ts";

/**
 * What the calendar can tell: "hour", "weekday", "dayOfMonth", "month" and "dayOfYear" are cycles, two columns each, sine
 * and cosine of the share of the cycle that has passed; "weekdayOneHot" has seven columns from Monday on, of which one is
 * 1, which few units learn faster; "weekend" is 1 on Saturday and Sunday; "holiday" has three columns: a holiday, the day
 * before one, the day after one.
 */
export type CalendarPart =
  | "hour"
  | "weekday"
  | "weekdayOneHot"
  | "weekend"
  | "dayOfMonth"
  | "month"
  | "dayOfYear"
  | "holiday";

/** All of them. */
export const CALENDAR_PARTS: readonly CalendarPart[] = [
  ...(["hour", "weekday", "weekdayOneHot", "weekend", "dayOfMonth", "month", "dayOfYear", "holiday"] as const),
];

/** Options of `calendarFeatures`. */
export interface CalendarOptions {
  /** Days of the part "holiday": a list of dates, or the set of days that `holidayDays` makes of one. */
  readonly holidays?: readonly Holiday[] | ReadonlySet<number> | undefined;
}

/** Columns of calendar features. */
export interface CalendarFeatures {
  /** Of the columns, such as "hour.sin" or "weekday.monday". */
  readonly names: readonly string[];
  /** [n, C] by rows. */
  readonly data: Float32Array;
}

/** A time taken apart. Days and months are counted from 0, the week from Monday. */
interface Moment {
  readonly day: number;
  readonly millisecond: number;
  readonly weekday: number;
  readonly month: number;
  readonly dayOfMonth: number;
  readonly daysInMonth: number;
  readonly dayOfYear: number;
  readonly daysInYear: number;
}

interface Columns {
  readonly names: readonly string[];
  values(moment: Moment, holidays: ReadonlySet<number>): readonly number[];
}

const DAY = 86_400_000;
const TURN = 2 * Math.PI;
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

const COLUMNS: Readonly<Record<CalendarPart, Columns>> = {
  hour: cycle("hour", ({ millisecond }) => millisecond / DAY),
  weekday: cycle("weekday", ({ weekday }) => weekday / 7),
  weekdayOneHot: {
    names: WEEKDAYS.map((name) => `weekday.${name}`),
    values: ({ weekday }) => WEEKDAYS.map((_, index) => Number(index === weekday)),
  },
  weekend: { names: ["weekend"], values: ({ weekday }) => [Number(weekday >= 5)] },
  dayOfMonth: cycle("dayOfMonth", ({ dayOfMonth, daysInMonth }) => dayOfMonth / daysInMonth),
  month: cycle("month", ({ month }) => month / 12),
  dayOfYear: cycle("dayOfYear", ({ dayOfYear, daysInYear }) => dayOfYear / daysInYear),
  holiday: {
    names: ["holiday", "holiday.before", "holiday.after"],
    values: ({ day }, holidays) => [day, day + 1, day - 1].map((near) => Number(holidays.has(near))),
  },
};

/** The cycle that starts at 0 and at 1. */
function cycle(name: string, share: (moment: Moment) => number): Columns {
  return {
    names: [`${name}.sin`, `${name}.cos`],
    values: (moment) => {
      const angle = TURN * share(moment);
      return [cos(angle - Math.PI / 2), cos(angle)];
    },
  };
}

/**
 * Calendar features of rows at `times`, milliseconds since 1970 UTC [n], in the order of `parts`. Minutes and seconds
 * count as a part of the hour.
 *
 * ```ts
 * const { names, data } = calendarFeatures(series.times, ["weekdayOneHot", "dayOfYear"]);
 * ```
 *
 * @throws OptionError
 */
export function calendarFeatures(
  times: ArrayLike<number>,
  parts: readonly CalendarPart[],
  options: CalendarOptions = {},
): CalendarFeatures {
  const owner = "calendarFeatures";
  knownOptions(owner, options, ["holidays"]);
  const known = Object.keys(COLUMNS) as CalendarPart[];
  numbers(owner, "times", times);
  if (!Array.isArray(parts)) refuse(owner, "parts", 'an array like ["weekdayOneHot", "dayOfYear"]', parts);
  const columns = parts.map((part, n) => COLUMNS[oneOf(owner, `parts[${n}]`, part, known)]);
  if (parts.includes("holiday") && options.holidays === undefined) {
    throw new OptionError(`${owner} needs holidays for the part "holiday": give the option a list of dates.`);
  }
  const holidays = daysOf(options.holidays ?? []);
  const names = columns.flatMap((column) => column.names);
  const data = new Float32Array(times.length * names.length);
  let next = 0;
  for (let row = 0; row < times.length; row++) {
    const moment = momentOf(times[row], row);
    for (const column of columns) for (const value of column.values(moment, holidays)) data[next++] = value;
  }
  return { names, data };
}

function daysOf(holidays: readonly Holiday[] | ReadonlySet<number>): ReadonlySet<number> {
  return holidays instanceof Set ? holidays : holidayDays(holidays as readonly Holiday[]);
}

/** The parts that fit a frequency: cycles that are longer than its step and that data usually has. */
export function calendarPartsOf(frequency: Frequency): readonly CalendarPart[] {
  switch (checked("calendarPartsOf", frequency).unit) {
    case "millisecond":
    case "second":
    case "minute":
    case "hour":
      return ["hour", "weekdayOneHot", "dayOfYear"];
    case "day":
    case "businessDay":
      return ["weekdayOneHot", "dayOfYear"];
    case "week":
      return ["dayOfYear"];
    case "month":
    case "quarter":
      return ["month"];
    case "year":
    case "row":
      return [];
  }
}

function momentOf(time: number | undefined, row: number): Moment {
  const date = new Date(time ?? NaN);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (Number.isNaN(year)) {
    throw new OptionError(
      `calendarFeatures needs times in milliseconds since 1970, got ${describe(time)} in row ${row}.`,
    );
  }
  const day = dayOf(date.getTime());
  const [start, end] = [startOf(year, 0), startOf(year + 1, 0)];
  return {
    day,
    millisecond: date.getTime() - day * DAY,
    // 1970-01-01 was a Thursday.
    weekday: (((day + 3) % 7) + 7) % 7,
    month,
    dayOfMonth: date.getUTCDate() - 1,
    daysInMonth: startOf(year, month + 1) - startOf(year, month),
    dayOfYear: day - start,
    daysInYear: end - start,
  };
}

/** The first day of a month as days since 1970. Years below 100 are meant as they are. */
function startOf(year: number, month: number): number {
  return dayOf(new Date(0).setUTCFullYear(year, month, 1));
}
