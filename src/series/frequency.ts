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
