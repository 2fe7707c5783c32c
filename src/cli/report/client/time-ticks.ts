/** Where a time axis has its ticks, and what stands beneath them: whole hours, days, months and years of UTC. */
import { exponentOf } from "../format.ts";
import { DAY, formatTime, MONTHS, type TimeStyle } from "../times.ts";

export interface Ticks {
  readonly at: readonly number[];
  /** A second line stands after "\n". */
  readonly labels: readonly string[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Steps below a month, in milliseconds. */
const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14].map((count) => count * DAY),
];
const MONTH_STEPS: readonly number[] = [1, 2, 3, 6];
const FINEST: Readonly<Record<TimeStyle, number>> = {
  row: 1,
  year: 12,
  quarter: 3,
  month: 1,
  day: DAY,
  minute: MINUTE,
  second: SECOND,
  millisecond: 1,
};

/** Units of the screen between ticks of times, and of numbers. */
const TIME_SPACE = 62;
const COUNT_SPACE = 44;

/** Ticks from `from` to `to` on an axis of this width, none finer than the rows are. */
export function timeTicks(from: number, to: number, width: number, style: TimeStyle): Ticks {
  if (!(to > from)) return { at: [from], labels: [formatTime(from, style)] };
  if (style === "row") return countTicks(from, to, width);
  const isMonthly = style === "year" || style === "quarter" || style === "month";
  const least = ((to - from) * TIME_SPACE) / Math.max(TIME_SPACE, width);
  const step = isMonthly ? undefined : STEPS.find((one) => one >= Math.max(least, FINEST[style]));
  if (step !== undefined) return stepTicks(from, to, step);
  const leastMonths = Math.max(least / (30.4 * DAY), isMonthly ? FINEST[style] : 1);
  return monthTicks(from, to, MONTH_STEPS.find((one) => one >= leastMonths) ?? 12 * niceStep(leastMonths / 12));
}

/** Ticks at whole numbers: rows, steps, epochs. */
export function countTicks(from: number, to: number, width: number): Ticks {
  const step = niceStep(((to - from) * COUNT_SPACE) / Math.max(COUNT_SPACE, width));
  const at: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) at.push(i * step);
  return { at, labels: at.map((value) => formatTime(value, "row")) };
}

/** The smallest of 1, 2, 5, 10, 20, 50 ... that is not below `least`. */
function niceStep(least: number): number {
  if (!(least > 1)) return 1;
  const power = Number(`1e${exponentOf(least)}`);
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10);
}

function stepTicks(from: number, to: number, step: number): Ticks {
  const at: number[] = [];
  // The epoch was a Thursday: weeks begin with its Monday.
  const origin = step >= 7 * DAY ? 4 * DAY : 0;
  for (let i = Math.ceil((from - origin) / step); origin + i * step <= to; i++) at.push(origin + i * step);
  const labels = at.map((time, i) => {
    const last = at[i - 1];
    const [day = "", clock = ""] = new Date(time).toISOString().split("T");
    const isNewDay = last === undefined || new Date(last).toISOString().slice(0, 10) !== day;
    if (step >= DAY) return dayLabel(time, last);
    const digits = step >= MINUTE ? 5 : step >= SECOND ? 8 : 12;
    return isNewDay ? `${clock.slice(0, digits)}\n${dayLabel(time, last).replace("\n", " ")}` : clock.slice(0, digits);
  });
  return { at, labels };
}

/** "Dec 31", and the year beneath where it begins. */
function dayLabel(time: number, last: number | undefined): string {
  const date = new Date(time);
  const year = date.getUTCFullYear();
  const label = `${MONTHS[date.getUTCMonth()] ?? ""} ${date.getUTCDate()}`;
  return last !== undefined && new Date(last).getUTCFullYear() === year ? label : `${label}\n${year}`;
}

function monthTicks(from: number, to: number, step: number): Ticks {
  const start = new Date(from);
  const at: number[] = [];
  const firstMonth = start.getUTCFullYear() * 12 + start.getUTCMonth();
  for (let month = Math.ceil(firstMonth / step) * step; ; month += step) {
    const time = utcMonth(month);
    if (time > to) break;
    if (time >= from) at.push(time);
  }
  const labels = at.map((time, i) => {
    const date = new Date(time);
    const year = date.getUTCFullYear();
    const last = at[i - 1];
    if (step >= 12) return String(year);
    const label = MONTHS[date.getUTCMonth()] ?? "";
    return last !== undefined && new Date(last).getUTCFullYear() === year ? label : `${label}\n${year}`;
  });
  return { at, labels };
}

/** The first moment of a month, counted from the year 0. */
function utcMonth(month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(Math.floor(month / 12), month % 12, 1);
  return date.getTime();
}
