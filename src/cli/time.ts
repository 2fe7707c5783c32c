/** Times of rows as ISO 8601 text, without the clock where rows are days or longer. */
import type { Frequency } from "../series/frequency.ts";
import type { Series } from "../series/series.ts";

const DAY = 86_400_000;
const WITH_CLOCK: readonly string[] = ["millisecond", "second", "minute", "hour"];

/** A function from milliseconds since 1970 to text, for rows of one frequency and the time of one of them. */
export function timeTextOf({ unit }: Frequency, example: number): (time: number) => string {
  const isDate = !WITH_CLOCK.includes(unit) && example % DAY === 0;
  return (time) => {
    const text = new Date(time).toISOString();
    if (isDate) return text.slice(0, 10);
    return text.replace(/(:00)?\.000Z$/, "Z");
  };
}

/** A function from rows to their times as text, or to their numbers from 1; rows after the last need their time. */
export function rowTextOf({ times, frequency }: Series): (row: number, time?: number | undefined) => string {
  if (times === undefined) return (row) => String(row + 1);
  const text = timeTextOf(frequency, times[0] ?? 0);
  return (row, time) => text(time ?? times[row] ?? 0);
}
