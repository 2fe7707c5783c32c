/** Small series for tests of forecasts: a level, a week, noise by a seeded generator. */
import { Random } from "../../src/random.ts";
import type { Series } from "../../src/series/series.ts";
import { createSeries } from "../../src/series/to-series.ts";

const DAY = 86_400_000;
const WEEK = [0, 1, 1, 1, 2, -3, -4];

/** What a made-up series is like. */
export interface ExampleOptions {
  readonly rows?: number;
  readonly seed?: number;
  readonly noise?: number;
  readonly trend?: number;
  readonly scale?: number;
  readonly name?: string;
  readonly hasTimes?: boolean;
}

/** Daily `sales` with a weekly pattern, and `price`, whose change shows in the next day's sales. */
export function exampleSeries(options: ExampleOptions = {}): Series {
  const { rows = 260, seed = 1, noise = 0.3, trend = 0, scale = 1, name = "", hasTimes = true } = options;
  const random = new Random(seed);
  const price = Float64Array.from({ length: rows }, () => random.uniform(-1, 1));
  const sales = Float64Array.from({ length: rows }, (_, row) => {
    const value = 20 + (WEEK[row % 7] ?? 0) + trend * row - 2 * (price[row - 1] ?? 0);
    return scale * (value + noise * random.uniform(-1, 1));
  });
  const start = Date.UTC(2024, 0, 1);
  const times = hasTimes ? Float64Array.from({ length: rows }, (_, row) => start + row * DAY) : undefined;
  return createSeries({ columns: { sales, price }, times, name });
}

/** The first rows of a series. */
export function firstRows(series: Series, rows: number): Series {
  const columns = new Map([...series.columns].map(([name, values]) => [name, values.slice(0, rows)]));
  return { ...series, columns, times: series.times?.slice(0, rows) };
}
