/** Reports as the command line makes them, from formulas: births by the day, two sensors by the hour, rows without time, the least. */
import type {
  BaselineName,
  Coverage,
  ErrorsByForecast,
  Part,
  Report,
  ReportedSeries,
} from "../../src/cli/report/report.ts";
import type { ForecastErrors } from "../../src/series/forecast-errors.ts";

const DAY = 24 * 60 * 60 * 1000;
const HOUR = 60 * 60 * 1000;
const NAMES: readonly BaselineName[] = ["persistence", "seasonalNaive", "drift", "movingAverage", "arima"];
const ONE_SIDED = { "80": 1.2816, "95": 1.96 } as const;

/** Daily births with a week, a year and holidays: 5,479 days, of which 822 are tested, seven steps ahead. */
export function birthsReport(): Report {
  const random = generator(1);
  const start = Date.UTC(2000, 0, 1);
  const values = Array.from({ length: 5479 }, (_, i) => Math.round(births(start + i * DAY, random)));
  return makeReport({
    file: "births-2000-2014.csv",
    target: "births",
    frequency: "1 day",
    season: 7,
    horizon: 7,
    testRows: 822,
    time: "date",
    features: ["weekday", "month", "holiday"],
    noise: 0.35,
    random,
    repairs: ["2 missing days were filled by linear interpolation.", "1 duplicate of 2007-03-04 was dropped."],
    period: {
      period: "weekday",
      labels: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
      of: (time) => (new Date(time).getUTCDay() + 6) % 7,
    },
    series: [{ name: "", times: values.map((_, i) => start + i * DAY), values }],
    textOf: (time) => new Date(time).toISOString().slice(0, 10),
  });
}

/** Two sensors by the hour, a day ahead; the second one is of another size. */
export function hourlyReport(): Report {
  const random = generator(2);
  const start = Date.UTC(2024, 4, 1);
  const times = Array.from({ length: 2160 }, (_, i) => start + i * HOUR);
  const load = (size: number) =>
    times.map((_, i) => size * (1 + 0.45 * Math.sin((2 * Math.PI * (i - 8)) / 24) + 0.08 * normal(random)));
  return makeReport({
    file: "sensors.csv",
    target: "load",
    frequency: "1 hour",
    season: 24,
    horizon: 24,
    testRows: 432,
    time: "timestamp",
    features: ["hour"],
    noise: 0.8,
    random,
    repairs: [],
    period: {
      period: "hour",
      labels: Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`),
      of: (time) => new Date(time).getUTCHours(),
    },
    series: [
      { name: "north", times, values: load(41.7) },
      { name: "Süd & Ost", times, values: load(1873) },
    ],
    textOf: (time) => new Date(time).toISOString(),
  });
}

/** Rows without times; the model does not beat the best baseline. */
export function rowsReport(): Report {
  const random = generator(3);
  let level = 0.02;
  const values = Array.from({ length: 900 }, () => (level += 0.001 * normal(random)));
  return makeReport({
    file: "walk.csv",
    target: "value",
    frequency: "row",
    season: 1,
    horizon: 3,
    testRows: 135,
    time: null,
    features: [],
    noise: 1.1,
    random,
    repairs: [],
    series: [{ name: "", times: values.map((_, i) => i), values }],
    textOf: (row) => String(row),
  });
}

/** The least there can be: one step, one baseline, two rows of test, one epoch. */
export function tinyReport(): Report {
  const coverage: Coverage = { "80": 1, "95": 1 };
  const errors = { model: { rmse: 0.5, mae: 0.5, mape: null }, persistence: { rmse: 1, mae: 1, mape: null } };
  const part = (rows: number): Part => ({ rows });
  const one = (value: number) => [value, value];
  return {
    gatefold: "0.1.0",
    created: "2026-01-05T09:30:00.000Z",
    engine: { variant: "simd", name: "Node 24", seed: 1 },
    data: {
      file: "tiny.csv",
      target: "y",
      time: null,
      features: [],
      frequency: "row",
      season: 1,
      rows: 8,
      repairs: [],
    },
    options: {},
    split: { train: part(3), validation: part(2), calibration: part(1), test: part(2) },
    training: { loss: [0.3], validationLoss: [0.4], bestEpoch: 0, seconds: 0.2, windows: 2, parameters: 12 },
    test: errors,
    coverage,
    verdict: { bestBaseline: "persistence", ratio: 0.5, sentence: "The model's error is half of persistence's." },
    byHorizon: [{ step: 1, coverage, ...errors }],
    byPeriod: null,
    series: [
      {
        name: "",
        test: {
          times: ["7", "8"],
          actual: one(0),
          model: [0.5, -0.5],
          lower80: one(-1),
          upper80: one(1),
          lower95: one(-2),
          upper95: one(2),
          bestBaseline: [1, -1],
        },
        history: { times: ["8"], actual: [0] },
        forecast: [{ time: "9", value: 0.5, lower80: -0.5, upper80: 1.5, lower95: -1.5, upper95: 2.5 }],
        anomalies: [],
      },
    ],
  };
}

interface Plan {
  readonly file: string;
  readonly target: string;
  readonly frequency: string;
  readonly season: number;
  readonly horizon: number;
  readonly testRows: number;
  readonly time: string | null;
  readonly features: readonly string[];
  /** The model's errors over those of the best baseline. */
  readonly noise: number;
  readonly random: () => number;
  readonly repairs: readonly string[];
  readonly period?: {
    readonly period: "hour" | "weekday" | "month";
    readonly labels: readonly string[];
    of(time: number): number;
  };
  readonly series: readonly {
    readonly name: string;
    readonly times: readonly number[];
    readonly values: readonly number[];
  }[];
  textOf(time: number): string;
}

interface Tested {
  readonly name: string;
  readonly times: readonly number[];
  readonly actual: readonly number[];
  readonly of: Readonly<Record<"model" | BaselineName, readonly number[]>>;
  readonly width: number;
}

function makeReport(plan: Plan): Report {
  const tested = plan.series.map((series) => testOf(plan, series, 1));
  const test = errorsOf(tested);
  const bestBaseline = bestOf(test);
  const ratio = test.model.rmse / (test[bestBaseline]?.rmse ?? 1);
  const rows = plan.series[0]?.values.length ?? 0;
  return {
    gatefold: "0.1.0",
    created: "2026-01-05T09:30:00.000Z",
    engine: { variant: "simd", name: "Node 24.11.1 (V8 13.6)", seed: 1 },
    data: {
      file: plan.file,
      target: plan.target,
      time: plan.time,
      features: plan.features,
      frequency: plan.frequency,
      season: plan.season,
      rows: rows * plan.series.length,
      repairs: plan.repairs,
    },
    options: {
      target: plan.target,
      horizon: plan.horizon,
      window: 28,
      units: [50, 50],
      epochs: 60,
      quantiles: "conformal",
      missing: "interpolate",
      strict: true,
    },
    split: splitOf(plan, rows),
    training: trainingOf(plan),
    test,
    coverage: coverageOf(tested),
    verdict: {
      bestBaseline,
      ratio,
      sentence:
        ratio < 1
          ? `The model's error one step ahead is ${(100 * ratio).toFixed(0)} % of that of the best baseline, and its 95 % interval holds.`
          : "The model does not beat the best baseline: use the baseline, or give the model more to learn from.",
    },
    byHorizon: Array.from({ length: plan.horizon }, (_, i) => {
      const ahead = plan.series.map((series) => testOf(plan, series, i + 1));
      return { step: i + 1, coverage: coverageOf(ahead), ...errorsOf(ahead) };
    }),
    byPeriod: periodOf(plan, tested),
    series: plan.series.map((series, i) => reported(plan, series, tested[i] as Tested, bestBaseline)),
  };
}

function testOf(plan: Plan, { name, times, values }: Plan["series"][number], ahead: number): Tested {
  const from = values.length - plan.testRows;
  const indices = Array.from({ length: plan.testRows }, (_, i) => from + i);
  const at = (index: number) => values[Math.max(0, index)] ?? 0;
  const actual = indices.map(at);
  const season = plan.season * Math.ceil(ahead / plan.season);
  const mean = (index: number) =>
    Array.from({ length: 7 }, (_, k) => at(index - ahead - k) / 7).reduce((a, b) => a + b);
  const drift = (at(from - 1) - at(0)) / from;
  const seasonal = indices.map((i) => at(i - season));
  const width = rmse(actual, seasonal) * plan.noise * Math.sqrt(1 + 0.09 * (ahead - 1));
  return {
    name,
    times: indices.map((i) => times[i] ?? 0),
    actual,
    width,
    of: {
      model: actual.map((value) => value + width * normal(plan.random)),
      persistence: indices.map((i) => at(i - ahead)),
      seasonalNaive: seasonal,
      drift: indices.map((i) => at(i - ahead) + ahead * drift),
      movingAverage: indices.map(mean),
      arima: actual.map((value, i) => value + 0.9 * ((seasonal[i] ?? 0) - value)),
    },
  };
}

function reported(
  plan: Plan,
  { name, times, values }: Plan["series"][number],
  tested: Tested,
  best: BaselineName,
): ReportedSeries {
  const { actual, of, width } = tested;
  const bound = (level: "80" | "95", sign: number) => of.model.map((value) => value + sign * ONE_SIDED[level] * width);
  const texts = tested.times.map(plan.textOf);
  const score = (i: number) => Math.abs((actual[i] ?? 0) - (of.model[i] ?? 0)) / (ONE_SIDED["95"] * width);
  const last = times.at(-1) ?? 0;
  const step = last - (times.at(-2) ?? 0);
  return {
    name,
    test: {
      times: texts,
      actual,
      model: of.model,
      lower80: bound("80", -1),
      upper80: bound("80", 1),
      lower95: bound("95", -1),
      upper95: bound("95", 1),
      bestBaseline: of[best],
    },
    history: { times: times.slice(-400).map(plan.textOf), actual: values.slice(-400) },
    forecast: Array.from({ length: plan.horizon }, (_, i) => {
      const value = (values[values.length - plan.season + (i % plan.season)] ?? 0) + width * 0.3 * normal(plan.random);
      const half = width * Math.sqrt(1 + 0.09 * i);
      const by = (level: "80" | "95", sign: number) => value + sign * ONE_SIDED[level] * half;
      return {
        time: plan.textOf(last + (i + 1) * step),
        value,
        lower80: by("80", -1),
        upper80: by("80", 1),
        lower95: by("95", -1),
        upper95: by("95", 1),
      };
    }),
    anomalies: actual
      .map((value, i) => ({ time: texts[i] ?? "", actual: value, forecast: of.model[i] ?? 0, score: score(i) }))
      .filter((row) => row.score > 1)
      .sort((a, b) => b.score - a.score),
  };
}

function periodOf({ period }: Plan, tested: readonly Tested[]): Report["byPeriod"] {
  if (period === undefined) return null;
  const rows = period.labels.map((label, i) => {
    const part = tested.map((one) => selected(one, (time) => period.of(time) === i));
    return { label, rows: part.reduce((sum, { actual }) => sum + actual.length, 0), ...errorsOf(part) };
  });
  return { period: period.period, rows };
}

function selected(tested: Tested, holds: (time: number) => boolean): Tested {
  const keep = (values: readonly number[]) => values.filter((_, i) => holds(tested.times[i] ?? 0));
  const of = Object.fromEntries(
    Object.entries(tested.of).map(([key, values]) => [key, keep(values)]),
  ) as unknown as Tested["of"];
  return { ...tested, times: keep(tested.times), actual: keep(tested.actual), of };
}

function splitOf(plan: Plan, rows: number): Report["split"] {
  const times = plan.series[0]?.times ?? [];
  const part = (from: number, to: number): Part => {
    const size = { rows: (to - from) * plan.series.length };
    return plan.time === null
      ? size
      : { ...size, start: plan.textOf(times[from] ?? 0), end: plan.textOf(times[to - 1] ?? 0) };
  };
  const test = rows - plan.testRows;
  const calibration = Math.round(test * 0.92);
  const validation = Math.round(test * 0.83);
  return {
    train: part(0, validation),
    validation: part(validation, calibration),
    calibration: part(calibration, test),
    test: part(test, rows),
  };
}

function trainingOf({ random }: Plan): Report["training"] {
  const epochs = 60;
  const loss = Array.from({ length: epochs }, (_, i) => 0.05 + 0.9 * Math.exp(-i / 7) - 0.0004 * i);
  const validationLoss = loss.map(
    (value, i) => value * 1.05 + 0.012 + 0.00035 * Math.max(0, i - 30) + 0.006 * random(),
  );
  const bestEpoch = validationLoss.indexOf(Math.min(...validationLoss));
  return { loss, validationLoss, bestEpoch, seconds: 74.2, windows: 3791, parameters: 30651 };
}

function errorsOf(tested: readonly Tested[]): ErrorsByForecast {
  const all = (key: "model" | BaselineName): ForecastErrors => {
    const actual = tested.flatMap((one) => one.actual);
    const forecast = tested.flatMap((one) => one.of[key]);
    const absolute = actual.map((value, i) => Math.abs(value - (forecast[i] ?? 0)));
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    return {
      rmse: rmse(actual, forecast),
      mae: mean(absolute),
      mape: 100 * mean(absolute.map((value, i) => Math.abs(value / (actual[i] ?? 1)))),
    };
  };
  return { model: all("model"), ...Object.fromEntries(NAMES.map((name) => [name, all(name)])) };
}

function bestOf(errors: ErrorsByForecast): BaselineName {
  return [...NAMES].sort((a, b) => (errors[a]?.rmse ?? 0) - (errors[b]?.rmse ?? 0))[0] ?? "persistence";
}

function coverageOf(tested: readonly Tested[]): Coverage {
  const share = (level: "80" | "95") => {
    const inside = tested.flatMap(({ actual, of, width }) =>
      actual.map((value, i) => Math.abs(value - (of.model[i] ?? 0)) <= ONE_SIDED[level] * width),
    );
    return inside.filter(Boolean).length / inside.length;
  };
  return { "80": share("80"), "95": share("95") };
}

function rmse(actual: readonly number[], forecast: readonly number[]): number {
  return Math.sqrt(actual.reduce((sum, value, i) => sum + (value - (forecast[i] ?? 0)) ** 2, 0) / actual.length);
}

function births(time: number, random: () => number): number {
  const date = new Date(time);
  const weekday = [7600, 11200, 12800, 12600, 12650, 12300, 8600][date.getUTCDay()] ?? 0;
  const day = date.getTime() / DAY;
  const isHoliday = [
    [0, 1],
    [6, 4],
    [11, 24],
    [11, 25],
  ].some(([month, of]) => date.getUTCMonth() === month && date.getUTCDate() === of);
  const year = 1 + 0.05 * Math.sin((2 * Math.PI * (day - 150)) / 365.25);
  return weekday * year * (isHoliday ? 0.68 : 1) + 330 * normal(random);
}

/** Numbers of [0, 1), the same in every run (Mulberry32, public domain). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal (Box and Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
