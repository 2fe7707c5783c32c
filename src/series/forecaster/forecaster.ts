/** A forecaster: from series to forecasts with intervals, in one object and one file. */
import { FormatError, OptionError, StateError } from "../../errors.ts";
import { readSafetensors } from "../../io/safetensors.ts";
import { load } from "../../models/load.ts";
import { Model } from "../../models/model.ts";
import { describe, integer, knownOptions } from "../../options.ts";
import type { Series } from "../series.ts";
import { type Backtest, type BacktestOptions, runBacktest } from "./backtest.ts";
import { requireNetwork } from "./check-network.ts";
import { ownOf, requireColumns, requireFit, seriesList } from "./check-series.ts";
import { FORECASTER_METADATA, readForecaster, writeForecaster } from "./file.ts";
import { type FineTune, type FineTuneOptions, fineTune } from "./fine-tune.ts";
import { type Fitted, type FittedSeries, type Interval, outputSteps } from "./fitted.ts";
import { type Anomaly, type Forecast, findAnomalies, forecastNext } from "./forecast.ts";
import { buildNetwork } from "./network.ts";
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

/** Options of `forecast`. */
export interface ForecastOptions {
  /** Rows to go on from, or the name of a series given to `fit`; by default the only one given to `fit`. */
  readonly series?: string | Series | undefined;
}

/** Options of `anomalies`. */
export interface AnomalyOptions extends ForecastOptions {
  /** The interval that a row must leave, 80 or 95; by default 95. */
  readonly interval?: Interval | undefined;
  /** The first row looked at; by default that of the test part, and of other series the first with a whole window. */
  readonly from?: number | undefined;
}

/** Options of `Forecaster.save`. */
export interface ForecasterSaveOptions {
  /** More entries of the file's metadata, as texts by name; by default none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

interface State {
  readonly model: Model;
  readonly fitted: Fitted;
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
  #kept: readonly PreparedSeries[] = [];
  #isDisposed = false;
  #isFitting = false;

  /** Throws OptionError. */
  constructor(options: ForecasterOptions = {}) {
    this.#settings = readForecasterOptions(options);
  }

  /** Of weights and shuffles. */
  get seed(): number {
    return this.#state?.model.seed ?? this.#settings.seed;
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

  /** Rows of the parts of each series given to `fit`. */
  get parts(): readonly PreparedSeries[] {
    return this.#kept;
  }

  /**
   * Learns from one or several series: scalers and network from the training part, when to stop from the validation part,
   * intervals from the calibration part. What was fitted before is replaced when it succeeds. Throws OptionError for columns
   * that are not there and series that do not fit together, ShapeError for too few rows, StateError before `init`.
   */
  async fit(series: Series | readonly Series[], options: ForecasterFitOptions = {}): Promise<ForecasterFit> {
    const fitOptions = readForecasterFitOptions(options);
    this.#requireIdle("fit");
    const prepared = prepare(this.#settings, seriesList("Forecaster.fit", series));
    const parts = prepared.series.map(({ series: one, split }, i) => {
      const own = prepared.fitted.series[i] as FittedSeries;
      return { samples: new Samples(prepared.fitted, own, one), own, train: split.train, validation: split.validation };
    });
    const [{ samples } = { samples: undefined }] = parts;
    const { window } = prepared.fitted;
    const sizes = { window, width: samples?.width ?? 1, parts: samples?.parts ?? 0 };
    const model = buildNetwork({ ...sizes, steps: outputSteps(prepared.fitted) }, this.#settings);
    this.#isFitting = true;
    try {
      const result = await train(model, prepared.fitted, parts, fitOptions);
      const ranges = prepared.series.map(({ split }) => split.calibration);
      const fitted = calibrate(model, prepared.fitted, parts, ranges);
      this.#state?.model.dispose();
      this.#state = { model, fitted };
      this.#kept = prepared.series;
      return result;
    } catch (error) {
      model.dispose();
      throw error;
    } finally {
      this.#isFitting = false;
    }
  }

  /** The next `steps` steps, by default and at most the horizon. Throws OptionError, StateError before `fit`. */
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
   * StateError before `fit` and without a test part.
   */
  async backtest(options: BacktestOptions = {}): Promise<Backtest> {
    const { model, fitted } = this.#ready("backtest");
    if (this.#kept.length === 0)
      throw new StateError("Forecaster.backtest needs the series of fit(): a loaded forecaster has none.");
    if (this.#settings.test === 0)
      throw new StateError("Forecaster.backtest needs a test part: fit with test above 0.");
    return runBacktest(model, fitted, this.#kept, options);
  }

  /** Rows outside their one-step interval, the most surprising first. Throws OptionError, StateError before `fit`. */
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
    const { model, fitted } = this.#ready("fineTune");
    const tuned = seriesList("Forecaster.fineTune", series).map((one) => ({
      series: one,
      own: this.#seriesOf("fineTune", one).own,
    }));
    this.#isFitting = true;
    try {
      const { fitted: next, result } = await fineTune(model, fitted, tuned, options);
      this.#state = { model, fitted: next };
      return result;
    } finally {
      this.#isFitting = false;
    }
  }

  /** The file: safetensors with the network, and everything that forecasts need beside it. Throws StateError before `fit`. */
  save(options: ForecasterSaveOptions = {}): Uint8Array {
    knownOptions("Forecaster.save", options, ["metadata"]);
    const { model, fitted } = this.#ready("save");
    return model.save({ metadata: { ...options.metadata, [FORECASTER_METADATA]: writeForecaster(fitted) } });
  }

  /** The forecaster of a file from `save`. Throws FormatError for anything else, StateError before `init`. */
  static load(bytes: Uint8Array): Forecaster {
    const model = load(bytes);
    try {
      const text = readSafetensors(bytes).metadata.get(FORECASTER_METADATA);
      if (text === undefined || !(model instanceof Model)) {
        throw new FormatError(
          `Forecaster.load needs a file of a forecaster, got a model without "${FORECASTER_METADATA}": use load().`,
        );
      }
      const fitted = readForecaster(text);
      requireNetwork(model, fitted);
      const { target, features, window, horizon, strategy } = fitted;
      const forecaster = new Forecaster({ target, features, window, horizon, strategy, seed: model.seed });
      forecaster.#state = { model, fitted };
      return forecaster;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  /** Frees the network's memory; a second call does nothing. */
  dispose(): void {
    this.#state?.model.dispose();
    this.#isDisposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #requireIdle(what: string): void {
    if (this.#isDisposed) throw new StateError(`Forecaster.${what} was called after dispose(): make a new Forecaster.`);
    if (this.#isFitting) throw new StateError(`Forecaster is in fit() or fineTune(): await it before ${what}().`);
  }

  #ready(what: string): State {
    if (this.#isDisposed) throw new StateError(`Forecaster.${what} was called after dispose(): make a new Forecaster.`);
    if (this.#state !== undefined) return this.#state;
    throw new StateError(
      `Forecaster.${what} needs a fitted forecaster: call fit(series) or Forecaster.load(bytes) first.`,
    );
  }

  /** A series, its numbers, and its first row that `fit` has not seen. */
  #seriesOf(what: string, given: string | Series | undefined): { series: Series; own: FittedSeries; start: number } {
    const { fitted } = this.#ready(what);
    if (given === undefined || typeof given === "string") {
      const kept = this.#keptSeries(what, given);
      const own = fitted.series[this.#kept.indexOf(kept)] as FittedSeries;
      return { series: kept.series, own, start: kept.split.test.from };
    }
    const owner = `Forecaster.${what}`;
    const [series] = seriesList(owner, given) as readonly [Series];
    requireColumns(series, [fitted.target, ...fitted.features]);
    const own = ownOf(owner, fitted, series);
    requireFit(owner, fitted, series);
    return { series, own, start: fitted.window };
  }

  #keptSeries(what: string, name: string | undefined): PreparedSeries {
    const names = this.#kept.map(({ series }) => series.name);
    if (names.length === 0) {
      throw new StateError(`Forecaster.${what} needs rows: a loaded forecaster has none, give { series }.`);
    }
    const found = name === undefined && names.length === 1 ? this.#kept[0] : this.#kept[names.indexOf(name ?? "")];
    if (found !== undefined) return found;
    const list = names.map((one) => JSON.stringify(one)).join(", ");
    throw new OptionError(`Forecaster.${what} needs series to be one of ${list}, got ${describe(name)}.`);
  }
}
