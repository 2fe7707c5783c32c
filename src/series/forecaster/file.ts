/** A forecaster's part of its model file: one metadata entry of versioned JSON, read as untrusted. */
import { FormatError, OptionError } from "../../errors.ts";
import { ConfigReader } from "../../io/config.ts";
import { CALENDAR_PARTS } from "../calendar.ts";
import { FREQUENCY_UNITS } from "../frequency.ts";
import { scalerFromConfig } from "../scalers/config.ts";
import type { Scaler } from "../scalers/scaler.ts";
import type { Fitted, FittedSeries } from "./fitted.ts";
import { type ForecasterOptions, type ForecasterSettings, LEVELS, readForecasterOptions } from "./options.ts";

/** Name of the metadata entry. */
export const FORECASTER_METADATA = "gatefold.forecaster";
const VERSION = 1;
const MOST = { steps: 100_000, series: 100_000, columns: 10_000, season: 10_000_000 } as const;
const KEYS = [
  ...["version", "target", "features", "window", "horizon", "strategy", "frequency", "season", "level", "calendar"],
  ...["holidays", "options", "series"],
];
/** Options that `fit` needs again beside what it has settled. */
const OPTIONS = [
  "units",
  "dropout",
  "season",
  "calendar",
  "scaler",
  "level",
  "validation",
  "calibration",
  "test",
] as const;
const DAY = 86_400_000;
/** Days of what a Date can hold. */
const FARTHEST = 100_000_000;

/** What the entry holds. */
export interface SavedForecaster {
  readonly fitted: Fitted;
  readonly settings: ForecasterSettings;
}

/** The entry's text, the same for the same forecaster. Throws OptionError for what `readForecaster` would not read. */
export function writeForecaster({ fitted, settings }: SavedForecaster): string {
  const series = fitted.series.map(({ name, target, features, spread, halfWidths, rows, span }) => ({
    ...{ name, target: target.toConfig(), features: features.map((scaler) => scaler.toConfig()), spread },
    halfWidths: { 80: [...halfWidths[80]], 95: [...halfWidths[95]] },
    ...{ rows, span: span ?? null },
  }));
  const { target, features, window, horizon, strategy, frequency, season, level, calendar } = fitted;
  const text = JSON.stringify({
    ...{ version: VERSION, target, features, window, horizon, strategy, frequency, season, level, calendar },
    holidays: [...fitted.holidays].sort((a, b) => a - b),
    options: Object.fromEntries(OPTIONS.map((name) => [name, settings[name] ?? null])),
    series,
  });
  try {
    readForecaster(text, settings.seed);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new OptionError(`Forecaster.save cannot make a file of this forecaster: ${cause.message}`, { cause });
  }
  return text;
}

/** `seed` is that of the network. Throws FormatError that names the value. */
export function readForecaster(text: string, seed: number): SavedForecaster {
  const root = ConfigReader.parse(text, FORECASTER_METADATA).object();
  const version = root.get("version").integer(0);
  if (version !== VERSION) {
    throw new FormatError(
      `${FORECASTER_METADATA}.version is ${version}, this gatefold reads ${VERSION}: use the gatefold that wrote the file, or train again.`,
    );
  }
  root.object(KEYS);
  const fitted = readFitted(root);
  return { fitted, settings: readSettings(root.get("options"), fitted, seed) };
}

function readFitted(root: ConfigReader): Fitted {
  const horizon = root.get("horizon").integer(1, MOST.steps);
  const features = root
    .get("features")
    .array(MOST.columns)
    .map((name) => name.string());
  const frequency = root.get("frequency").object(["unit", "count"]);
  const series = root.get("series").array(MOST.series);
  if (series.length === 0) root.get("series").fail("an array of at least one series");
  return {
    target: root.get("target").string(),
    features,
    window: root.get("window").integer(1, MOST.steps),
    horizon,
    strategy: root.get("strategy").oneOf(["direct", "recursive"]),
    frequency: { unit: frequency.get("unit").oneOf(FREQUENCY_UNITS), count: frequency.get("count").positiveInteger() },
    season: root.get("season").integer(1, MOST.season),
    level: root.get("level").oneOf(LEVELS),
    calendar: root
      .get("calendar")
      .array(CALENDAR_PARTS.length)
      .map((part) => part.oneOf(CALENDAR_PARTS)),
    holidays: new Set(
      root
        .get("holidays")
        .array()
        .map((day) => day.integer(-FARTHEST, FARTHEST)),
    ),
    series: series.map((one) => readSeries(one, features.length, horizon)),
  };
}

/** The options as the constructor takes them: what it refuses is refused here too. */
function readSettings(config: ConfigReader, fitted: Fitted, seed: number): ForecasterSettings {
  config.object(OPTIONS);
  const options = config.plain() as unknown as ForecasterOptions;
  const { target, features, window, horizon, strategy } = fitted;
  const holidays = Array.from(fitted.holidays, (day) => day * DAY);
  const season = options.season ?? undefined;
  for (const name of OPTIONS) if (config.get(name).isNull && name !== "season") config.get(name).fail("given");
  try {
    return readForecasterOptions({
      ...{ ...options, season, target, features, window, horizon, strategy, holidays, seed },
    });
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    throw new FormatError(`${config.path} is refused: ${cause.message}`, { cause });
  }
}

function readSeries(config: ConfigReader, features: number, horizon: number): FittedSeries {
  config.object(["name", "target", "features", "spread", "halfWidths", "rows", "span"]);
  const widths = config.get("halfWidths").object(["80", "95"]);
  const scalers = config.get("features").array();
  if (scalers.length !== features) config.get("features").fail(`an array of ${features} scalers`);
  const spread = config.get("spread").number();
  if (!(spread > 0)) config.get("spread").fail("a positive number");
  return {
    name: config.get("name").string(),
    target: readScaler(config.get("target")),
    features: scalers.map(readScaler),
    spread,
    halfWidths: { 80: readWidths(widths.get("80"), horizon), 95: readWidths(widths.get("95"), horizon) },
    rows: config.get("rows").integer(0),
    span: readSpan(config.get("span")),
  };
}

function readScaler(config: ConfigReader): Scaler {
  const scaler = scalerFromConfig(config.plain(), config.path);
  return scaler.isFitted ? scaler : config.fail("a scaler that knows its column");
}

function readWidths(config: ConfigReader, horizon: number): Float64Array {
  const values = config.array().map((width) => width.number());
  if (values.length !== horizon || values.some((width) => width < 0)) {
    config.fail(`an array of ${horizon} numbers of at least 0`);
  }
  return Float64Array.from(values);
}

function readSpan(config: ConfigReader): readonly [number, number] | undefined {
  if (config.isNull) return undefined;
  const [first, last, ...others] = config.array(2).map((time) => time.number());
  if (first === undefined || last === undefined || others.length > 0) return config.fail("two times, or null");
  return [first, last];
}
