import { finiteNumber, flag, integer, knownOptions } from "../options.ts";
import type { NamedTensors } from "../shape.ts";
import type { Callback, FitRun, Logs } from "./callback.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";

const OWNER = "earlyStopping";

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Validated epochs without improvement after which training ends; 0 and 1 both end it at the first; by default 0. */
  readonly patience?: number | undefined;
  /** Improvements count as such only when they are also better than this. */
  readonly baseline?: number | undefined;
  /** At the end of training, take back the weights of the best epoch; by default false. */
  readonly restoreBestWeights?: boolean | undefined;
  /** The first epoch that is looked at, counted from 0; by default 0. */
  readonly startFromEpoch?: number | undefined;
}

/** What `earlyStopping` has seen of the last training. */
export interface EarlyStopping extends Callback {
  /** The epoch that ended training, counted from 0; undefined if it ran to its end. */
  readonly stoppedEpoch: number | undefined;
  /** The epoch of the best value, counted from 0. */
  readonly bestEpoch: number | undefined;
  readonly best: number | undefined;
}

/**
 * Ends training when a number of the logs has stopped improving, as Keras 3 does. With restoreBestWeights the best
 * epoch's weights come back however training ended, except by an error. NaN is never an improvement. Throws
 * OptionError; so does training when its logs lack `monitor`.
 *
 * ```ts
 * const stopping = earlyStopping({ monitor: "val_loss", patience: 5, restoreBestWeights: true });
 * await model.fit(x, y, { epochs: 100, validationSplit: 0.1, callbacks: [stopping] });
 * stopping.bestEpoch;
 * ```
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  return new Stopping(options);
}

class Stopping implements EarlyStopping {
  stoppedEpoch: number | undefined;
  bestEpoch: number | undefined;
  best: number | undefined;
  readonly #monitor: Monitor;
  readonly #patience: number;
  readonly #baseline: number | undefined;
  readonly #restores: boolean;
  readonly #startFromEpoch: number;
  #bestWeights: NamedTensors | undefined;
  #waited = 0;

  constructor(options: EarlyStoppingOptions) {
    knownOptions(OWNER, options, [
      "monitor",
      "minDelta",
      "patience",
      "mode",
      "baseline",
      "restoreBestWeights",
      "startFromEpoch",
    ]);
    const { patience = 0, baseline, restoreBestWeights = false, startFromEpoch = 0 } = options;
    this.#monitor = new Monitor(OWNER, options);
    this.#patience = integer(OWNER, "patience", patience, 0);
    this.#baseline = baseline === undefined ? undefined : finiteNumber(OWNER, "baseline", baseline);
    this.#restores = flag(OWNER, "restoreBestWeights", restoreBestWeights);
    this.#startFromEpoch = integer(OWNER, "startFromEpoch", startFromEpoch, 0);
  }

  onTrainBegin(run: FitRun): void {
    this.#monitor.begin(run);
    this.stoppedEpoch = this.bestEpoch = this.best = this.#bestWeights = undefined;
    this.#waited = 0;
  }

  onEpochEnd(epoch: number, logs: Logs, run: FitRun): void {
    const value = this.#monitor.read(epoch, logs, run);
    if (value === undefined || epoch < this.#startFromEpoch) return;
    this.#waited++;
    if (this.#monitor.isBetter(value, this.best)) {
      this.best = value;
      this.bestEpoch = epoch;
      if (this.#restores) this.#bestWeights = run.model.getWeights();
      if (this.#baseline === undefined || this.#monitor.isBetter(value, this.#baseline)) this.#waited = 0;
      return;
    }
    if (this.#waited < this.#patience) return;
    this.stoppedEpoch = epoch;
    run.stop();
  }

  onTrainEnd(run: FitRun): void {
    if (this.#bestWeights !== undefined) run.model.setWeights(this.#bestWeights);
    this.#bestWeights = undefined;
  }
}
