import { OptionError } from "../errors.ts";
import { finiteNumber, integer, knownOptions } from "../options.ts";
import type { Callback, FitRun, Logs } from "./callback.ts";
import { Monitor, type MonitorOptions } from "./monitor.ts";

const OWNER = "reduceLearningRateOnPlateau";

export interface ReduceLearningRateOnPlateauOptions extends MonitorOptions {
  /** Only a change by more than this is an improvement, by default 1e-4. */
  readonly minDelta?: number | undefined;
  /** The new learning rate is the old one times this, above 0 and below 1; by default 0.1. */
  readonly factor?: number | undefined;
  /** Validated epochs without improvement after which the rate falls, by default 10. */
  readonly patience?: number | undefined;
  /** Validated epochs after a reduction that do not count as waiting, by default 0. */
  readonly cooldown?: number | undefined;
  /** The rate never falls below it; by default 0. */
  readonly minLearningRate?: number | undefined;
}

/**
 * Lowers the learning rate when a number of the logs has stopped improving, as Keras 3 does. Throws OptionError; so
 * does training when a schedule governs the rate, and when its logs lack `monitor`.
 *
 * ```ts
 * await model.fit(x, y, { callbacks: [reduceLearningRateOnPlateau({ monitor: "loss", factor: 0.5, patience: 3 })] });
 * ```
 */
export function reduceLearningRateOnPlateau(options: ReduceLearningRateOnPlateauOptions = {}): Callback {
  return new Plateau(options);
}

class Plateau implements Callback {
  readonly #monitor: Monitor;
  readonly #factor: number;
  readonly #patience: number;
  readonly #cooldown: number;
  readonly #minLearningRate: number;
  #best: number | undefined;
  #waited = 0;
  #cooling = 0;

  constructor(options: ReduceLearningRateOnPlateauOptions) {
    const known = ["monitor", "factor", "patience", "minDelta", "cooldown", "minLearningRate", "mode"];
    knownOptions(OWNER, options, known);
    const { factor = 0.1, patience = 10, minDelta = 1e-4, cooldown = 0, minLearningRate = 0 } = options;
    this.#monitor = new Monitor(OWNER, { ...options, minDelta });
    this.#factor = finiteNumber(OWNER, "factor", factor, { above: 0, below: 1 });
    this.#patience = integer(OWNER, "patience", patience, 0);
    this.#cooldown = integer(OWNER, "cooldown", cooldown, 0);
    this.#minLearningRate = finiteNumber(OWNER, "minLearningRate", minLearningRate, { min: 0 });
  }

  onTrainBegin(run: FitRun): void {
    this.#monitor.begin(run);
    this.#best = undefined;
    this.#waited = this.#cooling = 0;
    setLearningRate(run, run.model.optimizer.learningRate);
  }

  onEpochEnd(epoch: number, logs: Logs, run: FitRun): void {
    const value = this.#monitor.read(epoch, logs, run);
    if (value === undefined) return;
    if (this.#cooling > 0) {
      this.#cooling--;
      this.#waited = 0;
    }
    if (this.#monitor.isBetter(value, this.#best)) {
      this.#best = value;
      this.#waited = 0;
    } else if (this.#cooling === 0 && ++this.#waited >= this.#patience) this.#reduce(run);
  }

  #reduce(run: FitRun): void {
    const rate = run.model.optimizer.learningRate;
    if (rate <= this.#minLearningRate) return;
    setLearningRate(run, Math.max(rate * this.#factor, this.#minLearningRate));
    this.#cooling = this.#cooldown;
    this.#waited = 0;
  }
}

/** Also called with the rate as it is, before the first epoch: the setter throws where a schedule governs. */
function setLearningRate({ model }: FitRun, rate: number): void {
  try {
    model.optimizer.learningRate = rate;
  } catch (cause) {
    throw new OptionError(
      `${OWNER} cannot change the learning rate of ${model.label}: give its optimizer a number instead of a schedule.`,
      { cause },
    );
  }
}
