/** Trains a fitted network on newer rows. */
import { ShapeError } from "../../errors.ts";
import type { Model } from "../../models/model.ts";
import { Adam } from "../../optimizers/adam.ts";
import { finiteNumber, integer, knownOptions, positiveInteger } from "../../options.ts";
import type { Series } from "../series.ts";
import type { Span } from "../split.ts";
import { type Fitted, type FittedSeries, outputSteps } from "./fitted.ts";
import { FEWEST_CALIBRATION } from "./options.ts";
import { columnOf, Samples } from "./samples.ts";
import { calibrate, gather, MOST_WINDOWS } from "./training.ts";

/** Options of `Forecaster.fineTune`. */
export interface FineTuneOptions {
  /** Passes over the windows, by default 5. */
  readonly epochs?: number | undefined;
  /** Of Adam, by default 0.0005. */
  readonly learningRate?: number | undefined;
  /** Windows of an update, by default 64. */
  readonly batchSize?: number | undefined;
  /** Share of the last rows that is not trained on but measures the intervals, by default 0.2; 0 keeps them as they are. */
  readonly calibration?: number | undefined;
  /** The first row that a forecast may be trained on; by default all with a whole window before them. */
  readonly from?: number | undefined;
}

/** What `Forecaster.fineTune` has done. */
export interface FineTune {
  /** Mean squared error in the network's unit, of each epoch. */
  readonly loss: readonly number[];
  /** Windows of an epoch; of more than 20,000 one of every n is taken. */
  readonly windows: number;
  /** False where the rows kept aside were too few, of any of the series: its intervals are the old ones. */
  readonly isCalibrated: boolean;
}

/** One series and its numbers. */
export interface Tuned {
  readonly series: Series;
  readonly own: FittedSeries;
}

interface TunedPart {
  readonly samples: Samples;
  readonly own: FittedSeries;
  readonly train: Span;
  readonly held: Span;
  readonly isEnough: boolean;
}

const OWNER = "Forecaster.fineTune";

/** Trains the network on, and gives the numbers beside it. Throws OptionError, ShapeError for too few rows. */
export async function fineTune(
  model: Model,
  fitted: Fitted,
  list: readonly Tuned[],
  options: FineTuneOptions,
): Promise<{ readonly fitted: Fitted; readonly result: FineTune }> {
  knownOptions(OWNER, options, ["epochs", "learningRate", "batchSize", "calibration", "from"]);
  const epochs = integer(OWNER, "epochs", options.epochs ?? 5, 1);
  const learningRate = finiteNumber(OWNER, "learningRate", options.learningRate ?? 5e-4, { above: 0 });
  const batchSize = positiveInteger(OWNER, "batchSize", options.batchSize ?? 64);
  const share = finiteNumber(OWNER, "calibration", options.calibration ?? 0.2, { min: 0, below: 1 });
  const start = integer(OWNER, "from", options.from ?? 0, 0);
  const parts = list.map((one) => partOf(fitted, one, start, share));
  const data = gather(fitted, parts, ({ train }) => train, MOST_WINDOWS);
  if (data === undefined) {
    throw new ShapeError(
      `${OWNER} needs ${fitted.window} rows and, from row ${Math.max(start, fitted.window)} on, ${outputSteps(fitted)} that follow them: give more rows.`,
    );
  }
  model.compile({ optimizer: new Adam({ learningRate }), loss: "meanSquaredError" });
  const { history } = await model.fit(data.x, data.y, { epochs, batchSize, verbose: 0 });
  const ready = parts.filter(({ isEnough }) => isEnough);
  const ranges = ready.map(({ held }) => held);
  const measured = calibrate(model, fitted, ready, ranges).series;
  const series = fitted.series.map((own) => measured.find(({ name }) => name === own.name) ?? own);
  const result = { loss: history.loss ?? [], windows: data.rows, isCalibrated: ready.length === parts.length };
  return { fitted: { ...fitted, series }, result };
}

/** Rows to train on, and rows held back to measure on where they are enough. */
function partOf(fitted: Fitted, { series, own }: Tuned, start: number, share: number): TunedPart {
  const rows = columnOf(series, fitted.target).length;
  const from = Math.max(start, fitted.window);
  const held = Math.floor(Math.max(0, rows - from) * share);
  const isEnough = held >= FEWEST_CALIBRATION + fitted.horizon - 1;
  const end = isEnough ? rows - held : rows;
  const samples = new Samples(fitted, own, series);
  return { samples, own, train: { from, to: end }, held: { from: end, to: rows }, isEnough };
}
