/** A forecaster's part of its model file: one metadata entry of versioned JSON, read as untrusted. */
import { FormatError } from "../../errors.ts";
import { ConfigReader } from "../../io/config.ts";
import { CALENDAR_PARTS } from "../calendar.ts";
import { FREQUENCY_UNITS } from "../frequency.ts";
import { scalerFromConfig } from "../scalers/config.ts";
import type { Scaler } from "../scalers/scaler.ts";
import type { Fitted, FittedSeries } from "./fitted.ts";
import { LEVELS } from "./options.ts";

/** Name of the metadata entry. */
export const FORECASTER_METADATA = "gatefold.forecaster";
const VERSION = 1;
const MOST = { steps: 100_000, series: 100_000, columns: 10_000, season: 10_000_000 } as const;
const KEYS = [
  ...["version", "target", "features", "window", "horizon", "strategy", "frequency", "season", "level", "calendar"],
  ...["holidays", "series"],
];

/** The entry's text: the same for the same forecaster. */
export function writeForecaster(fitted: Fitted): string {
  const series = fitted.series.map(({ name, target, features, spread, halfWidths, rows, span }) => ({
    ...{ name, target: target.toConfig(), features: features.map((scaler) => scaler.toConfig()), spread },
    halfWidths: { 80: [...halfWidths[80]], 95: [...halfWidths[95]] },
    ...{ rows, span: span ?? null },
  }));
  const { target, features, window, horizon, strategy, frequency, season, level, calendar } = fitted;
  return JSON.stringify({
    ...{ version: VERSION, target, features, window, horizon, strategy, frequency, season, level, calendar },
    holidays: [...fitted.holidays].sort((a, b) => a - b),
    series,
  });
}

/** Throws FormatError that names the value. */
export function readForecaster(text: string): Fitted {
  const root = ConfigReader.parse(text, FORECASTER_METADATA).object();
  const version = root.get("version").integer(0);
  if (version !== VERSION) {
    throw new FormatError(
      `${FORECASTER_METADATA}.version is ${version}, this gatefold reads ${VERSION}: use the gatefold that wrote the file, or train again.`,
    );
  }
  root.object(KEYS);
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
        .map((day) => day.integer()),
    ),
    series: series.map((one) => readSeries(one, features.length, horizon)),
  };
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
