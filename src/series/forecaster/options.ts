/** Options of a forecaster, checked before anything is computed. */
import { OptionError } from "../../errors.ts";
import { finiteNumber, integer, knownOptions, oneOf, positiveInteger, refuse, seedOrDrawn } from "../../options.ts";
import { CALENDAR_PARTS, type CalendarPart } from "../calendar.ts";
import { type Holiday, holidayDays } from "../holidays.ts";
import type { ScalerName } from "../scalers/resolve.ts";

/** What is subtracted from a window and from what follows it, so that a trend does not leave the range trained on. */
export type Level = "last" | "mean" | "none";

/** Options of `Forecaster`. */
export interface ForecasterOptions {
  /** Column to forecast; by default the only column of the series. */
  readonly target?: string | undefined;
  /** Columns the forecast also looks at, up to the last known row; by default none. */
  readonly features?: readonly string[] | undefined;
  /** Rows the network sees before each forecast, by default 28. */
  readonly window?: number | undefined;
  /** Steps forecast, by default 7. */
  readonly horizon?: number | undefined;
  /** Units of each LSTM layer, by default [50, 50]. */
  readonly units?: readonly number[] | undefined;
  /** Share of the outputs of the last LSTM layer dropped in training, by default 0. */
  readonly dropout?: number | undefined;
  /** Rows of a season, for the level and for baselines; by default that of the series' frequency. */
  readonly season?: number | undefined;
  /** Calendar inputs for each step and for each step to come; by default those that fit the frequency. */
  readonly calendar?: "auto" | readonly CalendarPart[] | undefined;
  /** Days (UTC) that differ from others; the network learns them, the day before and the day after; by default none. */
  readonly holidays?: readonly Holiday[] | undefined;
  /** How the target is scaled, by the training part; by default "standard". Use "log" for what grows by per cents. */
  readonly scaler?: ScalerName | undefined;
  /** By default "auto": "last" or "mean", whichever is nearer to the next row in the training part. */
  readonly level?: "auto" | Level | undefined;
  /** "direct" gives each step its own output; "recursive" forecasts one step and goes on from it; by default "direct". */
  readonly strategy?: "direct" | "recursive" | undefined;
  /** Share or number of rows before the calibration part that end training early, by default 0.05; 0 for none. */
  readonly validation?: number | undefined;
  /** Share or number of rows before the test part that the intervals are measured on, never 0; by default 0.15. */
  readonly calibration?: number | undefined;
  /** Share or number of the last rows, kept for `backtest`, by default 0.15; 0 for none. */
  readonly test?: number | undefined;
  /** Seed of weights and shuffles; by default one is drawn and shown as `seed`. */
  readonly seed?: number | undefined;
}

/** Options with their defaults; what depends on the series is settled in `fit`. */
export interface ForecasterSettings {
  readonly target: string | undefined;
  readonly features: readonly string[];
  readonly window: number;
  readonly horizon: number;
  readonly units: readonly number[];
  readonly dropout: number;
  readonly season: number | undefined;
  readonly calendar: "auto" | readonly CalendarPart[];
  readonly holidays: ReadonlySet<number>;
  readonly scaler: ScalerName;
  readonly level: "auto" | Level;
  readonly strategy: "direct" | "recursive";
  readonly validation: number;
  readonly calibration: number;
  readonly test: number;
  readonly seed: number;
}

const OWNER = "Forecaster";
const NAMES = [
  ...["target", "features", "window", "horizon", "units", "dropout", "season", "calendar", "holidays", "scaler"],
  ...["level", "strategy", "validation", "calibration", "test", "seed"],
];
const MOST_STEPS = 100_000;
/** Fewest windows of the calibration part: 95 % intervals need 19 (Vovk et al. 2005: ceil((n + 1) 0.95) <= n). */
export const FEWEST_CALIBRATION = 19;
const SCALER_NAMES: readonly ScalerName[] = ["standard", "minMax", "robust", "log", "none"];
export const LEVELS: readonly Level[] = ["last", "mean", "none"];

/** Throws OptionError. */
export function readForecasterOptions(options: ForecasterOptions): ForecasterSettings {
  knownOptions(OWNER, options, NAMES);
  const { target, season, calendar = "auto", strategy = "direct" } = options;
  if (target !== undefined && typeof target !== "string") refuse(OWNER, "target", "the name of a column", target);
  const features = readFeatures(options.features ?? [], target);
  if (strategy === "recursive" && features.length > 0) {
    throw new OptionError(
      `Forecaster with strategy "recursive" cannot know features of steps to come, got features ${features.join(", ")}: use "direct".`,
    );
  }
  const horizon = integer(OWNER, "horizon", options.horizon ?? 7, 1, MOST_STEPS);
  return {
    target,
    features,
    window: integer(OWNER, "window", options.window ?? 28, 1, MOST_STEPS),
    horizon,
    units: readUnits(options.units ?? [50, 50]),
    dropout: finiteNumber(OWNER, "dropout", options.dropout ?? 0, { min: 0, below: 1 }),
    season: season === undefined ? undefined : positiveInteger(OWNER, "season", season),
    calendar: calendar === "auto" ? calendar : readCalendar(calendar),
    holidays: holidayDays(options.holidays ?? []),
    scaler: oneOf(OWNER, "scaler", options.scaler ?? "standard", SCALER_NAMES),
    level: oneOf(OWNER, "level", options.level ?? "auto", ["auto", ...LEVELS]),
    strategy: oneOf(OWNER, "strategy", strategy, ["direct", "recursive"]),
    ...readParts(options, horizon),
    seed: seedOrDrawn(OWNER, options.seed),
  };
}

function readFeatures(features: unknown, target: string | undefined): readonly string[] {
  if (!Array.isArray(features) || !features.every((name) => typeof name === "string")) {
    refuse(OWNER, "features", "an array of column names", features);
  }
  const twice = features.find((name, i) => name === target || features.indexOf(name) !== i);
  if (twice === undefined) return [...features];
  const why = twice === target ? "the target is always an input" : "each is an input once";
  throw new OptionError(`Forecaster got "${twice}" among the features more often than needed: ${why}.`);
}

function readUnits(units: unknown): readonly number[] {
  if (!Array.isArray(units) || units.length === 0)
    refuse(OWNER, "units", "units of each LSTM layer, as in [50]", units);
  return units.map((value, i) => integer(OWNER, `units[${i}]`, value, 1, 4096));
}

function readCalendar(parts: unknown): readonly CalendarPart[] {
  const isKnown = (part: unknown) => CALENDAR_PARTS.some((name) => name === part);
  if (Array.isArray(parts) && parts.every(isKnown)) return [...new Set<CalendarPart>(parts)];
  const strange = Array.isArray(parts) ? parts.find((part) => !isKnown(part)) : parts;
  return refuse(OWNER, "calendar", `"auto" or an array of ${CALENDAR_PARTS.join(", ")}`, strange);
}

type PartSizes = Pick<ForecasterSettings, "validation" | "calibration" | "test">;

/** Shares and numbers of rows that some number of rows is enough for. */
function readParts(
  { validation = 0.05, calibration = 0.15, test = 0.15 }: ForecasterOptions,
  horizon: number,
): PartSizes {
  const parts = {
    validation: readPart("validation", validation, horizon),
    calibration: readPart("calibration", calibration, horizon + FEWEST_CALIBRATION - 1),
    test: readPart("test", test, horizon),
  };
  if (parts.calibration === 0) {
    throw new OptionError(`${OWNER} needs calibration above 0: the intervals are measured on these rows.`);
  }
  const shares = Object.values(parts).reduce((sum, part) => sum + (part < 1 ? part : 0), 0);
  if (shares < 0.99) return parts;
  throw new OptionError(
    `${OWNER} needs rows to train on, but validation, calibration and test take ${shares} of all: lower one of them.`,
  );
}

/** 0, a share below 1, or a number of rows from `fewest` on. */
function readPart(option: string, value: unknown, fewest: number): number {
  const part = finiteNumber(OWNER, option, value, { min: 0 });
  if (part < 1 || (Number.isSafeInteger(part) && part >= fewest)) return part;
  return refuse(OWNER, option, `a share from 0 to 1 exclusive or a number of rows of at least ${fewest}`, value);
}
