/** Times as text, as short as the steps between them allow. All of them are in UTC, as the rows are. */
import { formatCount } from "./format.ts";

/** What tells one row's time from the next one's. "row" is a number of a row without time. */
export type TimeStyle = "row" | "year" | "quarter" | "month" | "day" | "minute" | "second" | "millisecond";

export const DAY: number = 24 * 60 * 60 * 1000;
export const MONTHS: readonly string[] = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

/** Milliseconds since 1970 UTC of an ISO 8601 time; one without zone is in UTC. NaN for other text. */
export function parseTime(text: string): number {
  const hasClock = text.includes("T") || text.includes(" ");
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(text);
  return Date.parse(hasClock && !hasZone ? `${text.replace(" ", "T")}Z` : text);
}

/** The shortest style that tells these times apart, ascending milliseconds since 1970. */
export function timeStyle(times: readonly number[]): TimeStyle {
  const every = (holds: (date: Date) => boolean) => times.every((time) => holds(new Date(time)));
  const step = smallestStep(times);
  if (every((date) => date.getTime() % DAY === 0)) {
    const isFirst = every((date) => date.getUTCDate() === 1);
    const isLast = every((date) => new Date(date.getTime() + DAY).getUTCDate() === 1);
    if (!(isFirst || isLast) || step < 28 * DAY) return "day";
    if (step < 89 * DAY) return "month";
    if (step >= 365 * DAY && every((date) => date.getUTCMonth() === (isFirst ? 0 : 11))) return "year";
    return step < 180 * DAY && every((date) => (date.getUTCMonth() - (isFirst ? 0 : 2)) % 3 === 0)
      ? "quarter"
      : "month";
  }
  if (every((date) => date.getTime() % 60_000 === 0)) return "minute";
  return every((date) => date.getTime() % 1000 === 0) ? "second" : "millisecond";
}

/** A time, or the number of a row, as text: "2014-12-31", "Dec 2014", "2014-12-31 14:00", "4,018". */
export function formatTime(time: number, style: TimeStyle): string {
  if (style === "row") return formatCount(time);
  if (!Number.isFinite(time)) return "–";
  const date = new Date(time);
  const iso = date.toISOString();
  const [day = "", clock = ""] = iso.split("T");
  if (style === "day") return day;
  if (style === "minute") return `${day} ${clock.slice(0, 5)}`;
  if (style === "second") return `${day} ${clock.slice(0, 8)}`;
  if (style === "millisecond") return `${day} ${clock.slice(0, 12)}`;
  const year = String(date.getUTCFullYear());
  if (style === "year") return year;
  if (style === "quarter") return `Q${Math.floor(date.getUTCMonth() / 3) + 1} ${year}`;
  return `${MONTHS[date.getUTCMonth()] ?? ""} ${year}`;
}

/** A time as it stands alone: rows say that they are. */
export function nameOfTime(time: number | undefined, style: TimeStyle): string {
  const text = formatTime(time ?? Number.NaN, style);
  return style === "row" ? `Row ${text}` : text;
}

/** The moment at which a report was made, to the minute. */
export function formatMoment(text: string): string {
  const time = parseTime(text);
  return Number.isFinite(time) ? `${formatTime(time, "minute")} UTC` : text;
}

function smallestStep(times: readonly number[]): number {
  let step = Number.POSITIVE_INFINITY;
  let last = Number.NaN;
  for (const time of times) {
    if (time > last) step = Math.min(step, time - last);
    last = time;
  }
  return step;
}
