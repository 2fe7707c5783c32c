/** From one series to the arrays a network takes. */
import { OutOfMemoryError } from "../../errors.ts";
import { calendarFeatures } from "../calendar.ts";
import { timesAfter } from "../frequency.ts";
import type { Series } from "../series.ts";
import { type Fitted, type FittedSeries, outputSteps } from "./fitted.ts";
import { type LevelAt, levelOf } from "./level.ts";

/** Inputs of the rows asked for: windows [n, window, columns], and the calendar of the steps to come [n, steps * parts]. */
export interface Inputs {
  readonly window: { readonly data: Float32Array; readonly shape: readonly number[] };
  readonly calendar: { readonly data: Float32Array; readonly shape: readonly number[] } | undefined;
}

/**
 * One series as the network sees it. An origin is the number of rows known when a forecast is made: its window is the rows
 * origin - window to origin - 1, its first step is row origin, which may lie after the end. Columns of a window: target
 * (relative to the window's level, over the spread), features, calendar of the next row.
 */
export class Samples {
  readonly rows: number;
  /** Columns of a window. */
  readonly width: number;
  /** Calendar numbers of a step. */
  readonly parts: number;
  /** The unit of the network's outputs, in scaled units. */
  readonly spread: number;
  /** Target scaled [rows]. */
  readonly scaled: Float64Array;
  readonly #fitted: Fitted;
  readonly #features: readonly Float64Array[];
  /** [rows + horizon, parts] */
  readonly #calendar: Float32Array;
  readonly #levelAt: LevelAt;

  /** The columns must be there. */
  constructor(fitted: Fitted, own: FittedSeries, series: Series) {
    this.#fitted = fitted;
    this.spread = own.spread;
    this.scaled = own.target.transform(columnOf(series, fitted.target));
    this.rows = this.scaled.length;
    this.#features = fitted.features.map((name, i) => own.features[i]?.transform(columnOf(series, name)) ?? EMPTY);
    const { data, parts } = calendarOf(fitted, series, this.rows);
    this.#calendar = data;
    this.parts = parts;
    this.width = 1 + this.#features.length + parts;
    this.#levelAt = levelOf(fitted.level, fitted.window, fitted.season);
  }

  /** The level of the window before each origin, in scaled units. */
  levels(origins: ArrayLike<number>): Float64Array {
    return Float64Array.from(origins, (origin) => this.#levelAt(this.scaled, origin));
  }

  inputs(origins: ArrayLike<number>): Inputs {
    const { window } = this.#fitted;
    const data = floats(origins.length, window * this.width);
    for (let i = 0; i < origins.length; i++) {
      this.#fillWindow(data, i * window * this.width, origins[i] ?? 0, this.scaled);
    }
    const shape = [origins.length, window, this.width];
    return { window: { data, shape }, calendar: this.#stepsToCome(origins) };
  }

  /**
   * As `inputs`, `ahead` steps after each origin, for forecasts that go on from forecasts: `known` holds for each the target's
   * rows from the window's first one on, forecasts included.
   */
  continuations(origins: readonly number[], known: readonly Float64Array[], ahead: number): Inputs {
    const { window } = this.#fitted;
    const data = floats(origins.length, window * this.width);
    for (const [i, values] of known.entries()) {
      this.#fillWindow(data, i * window * this.width, (origins[i] ?? 0) + ahead, values, window + ahead);
    }
    const shape = [origins.length, window, this.width];
    return { window: { data, shape }, calendar: this.#stepsToCome(origins.map((origin) => origin + ahead)) };
  }

  levelAt(scaled: Float64Array, origin: number): number {
    return this.#levelAt(scaled, origin);
  }

  /** What the network is to give [n, steps]: rows after each origin, relative to the level, over the spread. */
  targets(
    origins: ArrayLike<number>,
    steps: number,
  ): { readonly data: Float32Array; readonly shape: readonly number[] } {
    const data = floats(origins.length, steps);
    for (let i = 0; i < origins.length; i++) {
      const origin = origins[i] ?? 0;
      const level = this.#levelAt(this.scaled, origin);
      for (let step = 0; step < steps; step++) {
        data[i * steps + step] = ((this.scaled[origin + step] ?? 0) - level) / this.spread;
      }
    }
    return { data, shape: [origins.length, steps] };
  }

  /** `end` is the place in `values` of the row `origin`. */
  #fillWindow(data: Float32Array, at: number, origin: number, values: Float64Array, end: number = origin): void {
    const { window } = this.#fitted;
    const level = this.#levelAt(values, end);
    for (let step = 0; step < window; step++) {
      const row = origin - window + step;
      let to = at + step * this.width;
      data[to++] = ((values[end - window + step] ?? 0) - level) / this.spread;
      for (const feature of this.#features) data[to++] = feature[row] ?? 0;
      for (let part = 0; part < this.parts; part++) data[to++] = this.#calendar[(row + 1) * this.parts + part] ?? 0;
    }
  }

  #stepsToCome(origins: ArrayLike<number>): Inputs["calendar"] {
    if (this.parts === 0) return undefined;
    const length = outputSteps(this.#fitted) * this.parts;
    const data = floats(origins.length, length);
    for (let i = 0; i < origins.length; i++) {
      const from = (origins[i] ?? 0) * this.parts;
      data.set(this.#calendar.subarray(from, from + length), i * length);
    }
    return { data, shape: [origins.length, length] };
  }
}

/** Zeros for `count` windows. Throws OutOfMemoryError. */
export function floats(count: number, each: number): Float32Array {
  try {
    return new Float32Array(count * each);
  } catch (cause) {
    throw new OutOfMemoryError(
      `${count} windows of ${each} numbers need ${count * each * 4} bytes, which the engine refuses: lower maxWindows or shorten the window.`,
      { cause },
    );
  }
}

const EMPTY: Float64Array = new Float64Array(0);

/** A column that is known to be there. */
export function columnOf(series: Series, name: string): Float64Array {
  return series.columns.get(name) ?? EMPTY;
}

/** Times of the rows and of the `horizon` steps after them. */
export function timesWithHorizon(series: Series, horizon: number): Float64Array | undefined {
  const { times, frequency } = series;
  if (times === undefined) return undefined;
  const result = new Float64Array(times.length + horizon);
  result.set(times);
  result.set(timesAfter(times, frequency, horizon), times.length);
  return result;
}

function calendarOf(fitted: Fitted, series: Series, rows: number): { data: Float32Array; parts: number } {
  const times = timesWithHorizon(series, fitted.horizon);
  if (times === undefined || fitted.calendar.length === 0) return { data: new Float32Array(0), parts: 0 };
  const { data } = calendarFeatures(times, fitted.calendar, { holidays: fitted.holidays });
  return { data, parts: data.length / (rows + fitted.horizon) };
}
