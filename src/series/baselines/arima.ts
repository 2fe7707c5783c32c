import { OptionError, UnsupportedError } from "../../errors.ts";
import { integer, knownOptions, positiveInteger, refuse } from "../../options.ts";
import { type Baseline, requireOrigins } from "./baseline.ts";

/** Numbers of autoregressive terms, of differences and of moving-average terms. */
export type ArimaOrder = readonly [p: number, d: number, q: number];

/** Options of `arima`. */
export interface ArimaOptions {
  readonly order: ArimaOrder;
  /** The same three with steps of a season, by default none. */
  readonly seasonal?: ArimaOrder | undefined;
  /** Rows of one season, which `seasonal` needs. */
  readonly season?: number | undefined;
  /** How many of the last values before an origin are fitted, by default 365. */
  readonly history?: number | undefined;
}

/** ARIMA as a baseline. */
export interface ArimaBaseline extends Baseline {
  /** As "ARIMA(1,0,0)(0,1,1)[7]". */
  readonly model: string;
  readonly forecast: (values: Float64Array, origins: ArrayLike<number>, horizon: number) => Promise<Float64Array>;
  /** Origins of the last `forecast` that fell back on persistence. */
  readonly fallbacks: number;
}

/** The package's stack holds 64 KiB; longer series overflow it and break all later fits. */
const LONGEST = 4000;
const MOST_TERMS = 5;
const MOST_DIFFERENCES = 2;
/** Conditional sum of squares: exact maximum likelihood gave forecasts that explode. */
const METHOD = 1;
/** BFGS: the package's default, L-BFGS, stops early (RMSE 857 for 820 on daily births) and takes longer. */
const OPTIMIZER = 5;
/** Forecasts farther from the history than this many of its ranges are taken for a failed fit. */
const WILD = 10;
const FITS_PER_TURN = 16;

/**
 * ARIMA (Box and Jenkins), seasonal where `seasonal` is given, through the package "arima": fitted again at every origin,
 * on the last `history` values before it. An origin falls back on persistence, and is counted in `fallbacks`, where the
 * history is too short or constant, where the fit fails, and where a forecast is not finite or more than 10 ranges of the
 * history away from it. Other work has its turn every 16 fits; the same forecasts on every engine.
 *
 * @throws OptionError
 * @throws UnsupportedError, in `forecast`, where the package cannot be loaded: where compiling is forbidden, or bundled as an
 * ES module for Node.
 */
export function arima(options: ArimaOptions): ArimaBaseline {
  knownOptions("arima", options, ["order", "seasonal", "season", "history"]);
  const [p, d, q] = readOrder("order", options.order);
  const [P, D, Q] = readOrder("seasonal", options.seasonal ?? [0, 0, 0]);
  const s = readSeason(options.season, P + D + Q > 0);
  const history = integer("arima", "history", options.history ?? 365, 10, LONGEST);
  if (p + q + P + Q === 0) {
    throw new OptionError("arima needs a term in order or seasonal to fit, got none: take persistence() or drift().");
  }
  const settings: Settings = { p, d, q, P, D, Q, s, method: METHOD, optimizer: OPTIMIZER, verbose: false };
  let fallbacks = 0;
  return {
    name: "arima",
    model: `ARIMA(${p},${d},${q})${s === 0 ? "" : `(${P},${D},${Q})[${s}]`}`,
    get fallbacks() {
      return fallbacks;
    },
    forecast: async (values, origins, horizon) => {
      requireOrigins("arima", values, origins, horizon, 1);
      const Arima = await loaded();
      const result = new Float64Array(origins.length * horizon);
      let failed = 0;
      for (let n = 0; n < origins.length; n++) {
        if (n % FITS_PER_TURN === FITS_PER_TURN - 1) await new Promise((resolve) => void setTimeout(resolve));
        const origin = origins[n] ?? 0;
        const known = Array.from(values.subarray(Math.max(0, origin - history), origin));
        const forecasts = fitAndForecast(Arima, settings, known, horizon);
        if (forecasts === undefined) failed++;
        result.set(forecasts ?? new Float64Array(horizon).fill(known.at(-1) ?? NaN), n * horizon);
      }
      fallbacks = failed;
      return result;
    },
  };
}

/** Whether the package can be loaded here: it is optional, and compiles WebAssembly of its own. */
export async function hasArima(): Promise<boolean> {
  return loaded().then(
    () => true,
    () => false,
  );
}

/** Throws UnsupportedError. */
async function loaded(): Promise<ArimaClass> {
  try {
    const { loadArima } = await import("./arima-package.ts");
    return await loadArima();
  } catch (cause) {
    throw new UnsupportedError(
      "The package arima cannot be loaded here, where it is not installed, compiling is forbidden or a bundle for Node is an ES module: leave it out, in a backtest by arima: false.",
      { cause },
    );
  }
}

type ArimaClass = Awaited<ReturnType<typeof import("./arima-package.ts").loadArima>>;
type Settings = ConstructorParameters<ArimaClass>[0];

/** Undefined where the fit fails or its forecasts cannot be meant. */
function fitAndForecast(
  Arima: ArimaClass,
  settings: Settings,
  known: number[],
  horizon: number,
): readonly number[] | undefined {
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const range = most - least;
  // The package reads past the end of what NaN and constants leave of a series.
  if (!(range > 0 && range < Infinity)) return undefined;
  const model = new Arima(settings);
  try {
    const [forecasts] = model.train(known).predict(horizon);
    const isMeant = (x: number) => x >= least - WILD * range && x <= most + WILD * range;
    return forecasts.every(isMeant) ? forecasts : undefined;
  } catch {
    return undefined;
  } finally {
    model.destroy();
  }
}

function readOrder(option: string, value: ArimaOrder): ArimaOrder {
  if (!Array.isArray(value) || value.length !== 3) refuse("arima", option, "three numbers like [2, 1, 1]", value);
  return [
    integer("arima", `${option}[0]`, value[0], 0, MOST_TERMS),
    integer("arima", `${option}[1]`, value[1], 0, MOST_DIFFERENCES),
    integer("arima", `${option}[2]`, value[2], 0, MOST_TERMS),
  ];
}

/** 0 without a seasonal part, as the package wants it. */
function readSeason(season: number | undefined, isSeasonal: boolean): number {
  if (season !== undefined) positiveInteger("arima", "season", season);
  if (!isSeasonal) return 0;
  return integer("arima", "season", season, 2, 365);
}
