/** What `fit` has learned beside the weights: everything that turns rows into inputs and outputs into forecasts. */
import type { CalendarPart } from "../calendar.ts";
import type { Frequency } from "../frequency.ts";
import type { Scaler } from "../scalers/scaler.ts";
import type { Level } from "./options.ts";

/** The intervals' names: the share of actual values they are to hold, in per cent. */
export const INTERVALS = [80, 95] as const;
export type Interval = (typeof INTERVALS)[number];

/** Numbers of one series. */
export interface FittedSeries {
  readonly name: string;
  readonly target: Scaler;
  /** In the order of the features. */
  readonly features: readonly Scaler[];
  /** The unit of the network's outputs: scaled target = level + spread * output. */
  readonly spread: number;
  /** Half widths of the intervals, by interval and step [horizon], in the network's unit. */
  readonly halfWidths: Readonly<Record<Interval, Float64Array>>;
  /** Where the rows came from, for `inspect`: their number, and the first and last time where there are times. */
  readonly rows: number;
  readonly span: readonly [first: number, last: number] | undefined;
}

/** Everything but the network. */
export interface Fitted {
  readonly target: string;
  readonly features: readonly string[];
  readonly window: number;
  readonly horizon: number;
  readonly strategy: "direct" | "recursive";
  readonly frequency: Frequency;
  readonly season: number;
  readonly level: Level;
  readonly calendar: readonly CalendarPart[];
  /** UTC day numbers. */
  readonly holidays: ReadonlySet<number>;
  readonly series: readonly FittedSeries[];
}

/** Steps that one run of the network gives. */
export function outputSteps({ strategy, horizon }: Pick<Fitted, "strategy" | "horizon">): number {
  return strategy === "recursive" ? 1 : horizon;
}
