/// <reference lib="esnext.disposable" preserve="true" />
/** A forecaster: from series to forecasts with intervals, in one object and one file. */
import { FormatError, OptionError, StateError } from "../../errors.ts";
import { readSafetensors } from "../../io/safetensors.ts";
import { load } from "../../models/load.ts";
import type { Model } from "../../models/model.ts";
import { describe, integer, knownOptions, refuse } from "../../options.ts";
import type { Series } from "../series.ts";
import { type Backtest, type BacktestOptions, runBacktest } from "./backtest.ts";
import { requireNetwork } from "./check-network.ts";
import { indexOf, matched, requireOneEach, seriesList } from "./check-series.ts";
import { FORECASTER_METADATA, readForecaster, writeForecaster } from "./file.ts";
import { type FineTune, type FineTuneOptions, fineTune } from "./fine-tune.ts";
import type { Fitted, FittedSeries } from "./fitted.ts";
import {
  type Anomaly,
  type AnomalyOptions,
  type Forecast,
  type ForecastOptions,
  findAnomalies,
  forecastNext,
} from "./forecast.ts";
import { buildNetwork, sizesOf } from "./network.ts";
import { type ForecasterOptions, type ForecasterSettings, readForecasterOptions } from "./options.ts";
import { type PreparedSeries, prepare } from "./prepare.ts";
import { columnOf, Samples } from "./samples.ts";
import {
  calibrate,
  type ForecasterFit,
  type ForecasterFitOptions,
  readForecasterFitOptions,
  train,
} from "./training.ts";

/** Options of `Forecaster.save`. */
export interface ForecasterSaveOptions {
  /** More entries of the file's metadata, as texts by name; by default none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** All that a training makes, and that the next one replaces as a whole. */
interface State {
  readonly model: Model;
  readonly fitted: Fitted;
  /** What `fit` was given. */
  readonly kept: readonly PreparedSeries[];
  readonly isTuned: boolean;
}

/**
 * Forecasts a column of one or several series: LSTM layers over a window of rows, each forecast step with an interval of 80
 * and of 95 %. Scalers, level, calendar and intervals are part of it, and of its file. Needs `init` first.
 *
 * ```ts
 * const forecaster = new Forecaster({ target: "births", window: 28, horizon: 7, seed: 1 });
 * await forecaster.fit(series);
 * const { values, lower95, upper95 } = forecaster.forecast();
 * const { test, coverage } = await forecaster.backtest();
 * ```
 */
export class Forecaster {
  #settings: ForecasterSettings;
  #state: State | undefined;
  /** The network that is being trained. */
  #training: Model | undefined;
  #isDisposed = false;

  /** Throws OptionError. */
  constructor(options: ForecasterOptions = {}) {
    this.#settings = readForecasterOptions(options);
  }

  /** Of weights and shuffles. */
  get seed(): number {
    return this.#settings.seed;
  }

  get isFitted(): boolean {
    return this.#state !== undefined && !this.#isDisposed;
  }

  /** What `fit` settled or the file holds. Throws StateError before. */
  get fitted(): Fitted {
    return this.#ready("fitted").fitted;
  }

  /** The network, for a look at its layers and weights. Throws StateError before `fit`. */
  get model(): Model {
    return this.#ready("model").model;
  }

  /** Rows of the parts of each series given to `fit`; none of a loaded forecaster. */
  get parts(): readonly PreparedSeries[] {
    return this.#state?.kept ?? [];
  }

  /**
   * Learns from one or several series: scalers and network from the training part, when to stop from the validation part,
   * intervals from the calibration part. What was fitted before is replaced when it succeeds. Throws OptionError for columns
   * that are not there and series that do not fit together, ShapeError for too few rows, StateError before `init`.
   */
  async fit(series: Series | readonly Series[], options: ForecasterFitOptions = {}): Promise<ForecasterFit> {
    const fitOptions = readForecasterFitOptions(options);
    this.#requireIdle("fit");
    const { series: kept, fitted } = prepare(this.#settings, seriesList("Forecaster.fit", series));
    const parts = kept.map(({ series: one, split }, i) => {
      const own = fitted.series[i] as FittedSeries;
      return { samples: new Samples(fitted, own, one), own, train: split.train, validation: split.validation };
    });
    const ranges = kept.map(({ split }) => split.calibration);
    const model = buildNetwork(sizesOf(fitted), this.#settings);
    return this.#train(model, async () => {
      const result = await train(model, fitted, parts, fitOptions);
      return { result, fitted: calibrate(model, fitted, parts, ranges), kept, isTuned: false };
    });
  }

  /**
   * The next `steps` steps, by default and at most the horizon. Throws OptionError, ShapeError for fewer rows than a window,
   * StateError before `fit` and for rows so far from those trained on that the network has no answer.
   */
  forecast(steps?: number, options: ForecastOptions = {}): Forecast {
    knownOptions("Forecaster.forecast", options, ["series"]);
    const { model, fitted } = this.#ready("forecast");
    const { horizon } = fitted;
    const count = integer("Forecaster.forecast", "steps", steps ?? horizon, 1);
    if (count > horizon) {
      throw new OptionError(
        `Forecaster.forecast gives up to its horizon of ${horizon} steps, got ${count}: fit with a longer horizon.`,
      );
    }
    const { series, own } = this.#seriesOf("forecast", options.series);
    return forecastNext(model, fitted, own, series, count);
  }

  /**
   * Forecasts from every row of the test part, one to `horizon` steps ahead, beside the baselines, and measures all. Throws
   * StateError before `fit`, without a test part and after `fineTune`, which may have seen these rows.
   */
  async backtest(options: BacktestOptions = {}): Promise<Backtest> {
    const { model, fitted, kept, isTuned } = this.#ready("backtest");
    if (isTuned) {
      throw new StateError(
        "Forecaster.backtest needs rows that training has not seen, which fineTune() may have: call it before fineTune, or fit again.",
      );
    }
    if (kept.length === 0)
      throw new StateError("Forecaster.backtest needs the series of fit(): a loaded forecaster has none.");
    if (this.#settings.test === 0)
      throw new StateError("Forecaster.backtest needs a test part: fit with test above 0.");
    return runBacktest(model, fitted, kept, options);
  }

  /** Rows outside their one-step interval, the most surprising first. Throws as `forecast`. */
  anomalies(options: AnomalyOptions = {}): readonly Anomaly[] {
    const owner = "Forecaster.anomalies";
    knownOptions(owner, options, ["series", "interval", "from"]);
    const { model, fitted } = this.#ready("anomalies");
    const { interval = 95, from } = options;
    if (interval !== 80 && interval !== 95)
      throw new OptionError(`${owner} needs interval to be 80 or 95, got ${describe(interval)}.`);
    const { series, own, start } = this.#seriesOf("anomalies", options.series);
    const rows = columnOf(series, fitted.target).length;
    const first = from === undefined ? start : integer(owner, "from", from, fitted.window, rows);
    return findAnomalies(model, fitted, own, series, { from: first, interval });
  }

  /**
   * Goes on training with newer rows, scalers and level as they are, and measures the intervals anew on the last of them
   * where they are enough. Throws as `fit`; a failed call changes nothing.
   */
  async fineTune(series: Series | readonly Series[], options: FineTuneOptions = {}): Promise<FineTune> {
    this.#requireIdle("fineTune");
    const { model, fitted, kept } = this.#ready("fineTune");
    const list = seriesList("Forecaster.fineTune", series);
    const tuned = list.map((one) => ({ series: one, own: this.#seriesOf("fineTune", one).own }));
    requireOneEach("Forecaster.fineTune", tuned);
    // Trained is a copy, so that forecasts meanwhile, and after a failure, are those of before.
    const copy = load(model.save()) as Model;
    return this.#train(copy, async () => ({ ...(await fineTune(copy, fitted, tuned, options)), kept, isTuned: true }));
  }

  /**
   * The file: safetensors with the network, and beside it everything that forecasts, and another `fit`, need. Throws
   * StateError before `fit`, OptionError for what `load` would not read.
   */
  save(options: ForecasterSaveOptions = {}): Uint8Array {
    knownOptions("Forecaster.save", options, ["metadata"]);
    const { model, fitted } = this.#ready("save");
    const { metadata = {} } = options;
    if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
      refuse("Forecaster.save", "metadata", "an object of texts by name", metadata);
    }
    if (Object.hasOwn(Object(metadata), FORECASTER_METADATA)) {
      throw new OptionError(
        `Forecaster.save writes the metadata "${FORECASTER_METADATA}" itself: choose another name.`,
      );
    }
    const own = writeForecaster({ fitted, settings: this.#settings });
    return model.save({ metadata: { ...metadata, [FORECASTER_METADATA]: own } });
  }

  /**
   * The forecaster of a file from `save`, with the options it was made with but without its series. Throws FormatError for
   * anything else, StateError before `init`.
   */
  static load(bytes: Uint8Array): Forecaster {
    const model = load(bytes);
    try {
      const text = readSafetensors(bytes).metadata.get(FORECASTER_METADATA);
      if (text === undefined) {
        throw new FormatError(
          `Forecaster.load needs a file of a forecaster, got a model without "${FORECASTER_METADATA}": use load().`,
        );
      }
      const { fitted, settings } = readForecaster(text, model.seed);
      const network = requireNetwork(model, fitted);
      const forecaster = new Forecaster();
      forecaster.#settings = settings;
      forecaster.#state = { model: network, fitted, kept: [], isTuned: false };
      return forecaster;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  /** Frees the networks' memory and ends a training under way with a StateError; a second call does nothing. */
  dispose(): void {
    this.#isDisposed = true;
    this.#state?.model.dispose();
    this.#training?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Trains a network, which takes the place of the present one when all went well. */
  async #train<Result>(
    model: Model,
    work: () => Promise<Omit<State, "model"> & { readonly result: Result }>,
  ): Promise<Result> {
    this.#training = model;
    try {
      const { result, ...rest } = await work();
      this.#requireUsable("fit");
      this.#state?.model.dispose();
      this.#state = { ...rest, model };
      return result;
    } catch (error) {
      model.dispose();
      throw error;
    } finally {
      this.#training = undefined;
    }
  }

  #requireUsable(what: string): void {
    if (this.#isDisposed) throw new StateError(`Forecaster.${what} was called after dispose(): make a new Forecaster.`);
  }

  #requireIdle(what: string): void {
    this.#requireUsable(what);
    if (this.#training !== undefined)
      throw new StateError(`Forecaster is in fit() or fineTune(): await it before ${what}().`);
  }

  #ready(what: string): State {
    this.#requireUsable(what);
    if (this.#state !== undefined) return this.#state;
    throw new StateError(
      `Forecaster.${what} needs a fitted forecaster: call fit(series) or Forecaster.load(bytes) first.`,
    );
  }

  /** A series, its numbers, and its first row that `fit` has not seen. */
  #seriesOf(what: string, given: string | Series | undefined): { series: Series; own: FittedSeries; start: number } {
    const { fitted, kept } = this.#ready(what);
    if (given === undefined || typeof given === "string") {
      const index = indexOf(`Forecaster.${what}`, kept, given);
      const { series, split } = kept[index] as PreparedSeries;
      return { series, own: fitted.series[index] as FittedSeries, start: split.test.from };
    }
    return { ...matched(`Forecaster.${what}`, fitted, given), start: fitted.window };
  }
}
