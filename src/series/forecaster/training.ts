/** Trains a forecaster's network on windows of all its series, and measures its intervals. */
import { OptionError } from "../../errors.ts";
import type { Model } from "../../models/model.ts";
import { Adam } from "../../optimizers/adam.ts";
import { CosineDecay } from "../../optimizers/schedules.ts";
import { finiteNumber, integer, knownOptions, positiveInteger, refuse } from "../../options.ts";
import type { TensorLike } from "../../shape.ts";
import type { Callback } from "../../training/callback.ts";
import { earlyStopping } from "../../training/early-stopping.ts";
import type { ValidationData } from "../../training/fit-options.ts";
import type { Span } from "../split.ts";
import { conformalHalfWidths } from "./conformal.ts";
import { type Fitted, type FittedSeries, outputSteps } from "./fitted.ts";
import { arraysOf } from "./network.ts";
import { originsOf, thinned } from "./origins.ts";
import { runNetwork } from "./run.ts";
import { floats, type Samples } from "./samples.ts";

/** Options of `Forecaster.fit`. */
export interface ForecasterFitOptions {
  /** Most epochs; by default as many as make 1,000 updates, at least 10 and at most 100. */
  readonly epochs?: number | undefined;
  /** Epochs without a better validation loss after which training ends; by default a fifth of `epochs`, at least 5. */
  readonly patience?: number | undefined;
  /** Windows of an update, by default 64. */
  readonly batchSize?: number | undefined;
  /** Of Adam at the start, falling to 0 along a cosine; by default 0.006. */
  readonly learningRate?: number | undefined;
  /** Most windows of an epoch: of more, one of every n is taken; by default 20,000. */
  readonly maxWindows?: number | undefined;
  /** Told of epochs and steps, as in `Model.fit`; by default none. */
  readonly callbacks?: readonly Callback[] | undefined;
  /** 0 silent, 1 a progress bar on a terminal and a line an epoch elsewhere, 2 a line an epoch; by default 0. */
  readonly verbose?: 0 | 1 | 2 | undefined;
  /** Ends training after the step under way: `fit` throws its reason, and what was fitted before stays. */
  readonly signal?: AbortSignal | undefined;
}

/** What `Forecaster.fit` has done. */
export interface ForecasterFit {
  /** Mean squared error in the network's unit, of each epoch. */
  readonly loss: readonly number[];
  /** Of the validation part; empty without one. Series that left the range of their training part weigh less. */
  readonly validationLoss: readonly number[];
  /** From 0; its weights are the ones kept. */
  readonly bestEpoch: number;
  /** Windows of an epoch. */
  readonly windows: number;
  readonly parameters: number;
  readonly seconds: number;
}

/** Samples of one series, its numbers, and the rows of its parts. */
export interface Part {
  readonly samples: Samples;
  readonly own: FittedSeries;
  readonly train: Span;
  readonly validation: Span;
}

const OWNER = "Forecaster.fit";
const NAMES = ["epochs", "patience", "batchSize", "learningRate", "maxWindows", "callbacks", "verbose", "signal"];
const UPDATES = 1000;
/** By default. */
export const MOST_WINDOWS = 20_000;
/** Forecasts that tell a quantile well; of more rows one of every n is taken. */
const MOST_CALIBRATION = 10_000;

/** Throws OptionError. */
export function readForecasterFitOptions(options: ForecasterFitOptions): ForecasterFitOptions {
  knownOptions(OWNER, options, NAMES);
  const { epochs, patience, batchSize, learningRate, maxWindows, callbacks } = options;
  if (epochs !== undefined) integer(OWNER, "epochs", epochs, 1);
  if (patience !== undefined) integer(OWNER, "patience", patience, 0);
  if (batchSize !== undefined) positiveInteger(OWNER, "batchSize", batchSize);
  if (learningRate !== undefined) finiteNumber(OWNER, "learningRate", learningRate, { above: 0 });
  if (maxWindows !== undefined) positiveInteger(OWNER, "maxWindows", maxWindows);
  if (callbacks !== undefined && !Array.isArray(callbacks))
    refuse(OWNER, "callbacks", "an array of callbacks", callbacks);
  return options;
}

/** Trains until the validation loss no longer falls, and keeps the best weights. */
export async function train(
  model: Model,
  fitted: Fitted,
  parts: readonly Part[],
  options: ForecasterFitOptions,
): Promise<ForecasterFit> {
  const { batchSize = 64, learningRate = 6e-3, maxWindows = MOST_WINDOWS, callbacks = [], verbose, signal } = options;
  const training = gather(fitted, parts, ({ train }) => train, maxWindows);
  const validation = gather(fitted, parts, (part) => part.validation, maxWindows);
  if (training === undefined) throw new OptionError(`${OWNER} found no window to train on.`);
  if (validation === undefined && options.patience !== undefined) {
    throw new OptionError(`${OWNER} needs validation above 0 for a patience of ${options.patience}.`);
  }
  const steps = Math.ceil(training.rows / batchSize);
  const epochs = options.epochs ?? Math.min(100, Math.max(10, Math.ceil(UPDATES / steps)));
  const patience = options.patience ?? Math.max(5, Math.ceil(epochs / 5));
  const decay = new CosineDecay({ initialLearningRate: learningRate, decaySteps: epochs * steps });
  model.compile({ optimizer: new Adam({ learningRate: decay }), loss: "meanSquaredError" });
  const stopping = earlyStopping({ monitor: "val_loss", patience, restoreBestWeights: true });
  const watched =
    validation === undefined
      ? { callbacks }
      : { callbacks: [stopping, ...callbacks], validationData: weighted(validation, parts.length) };
  const started = performance.now();
  const { history } = await model.fit(training.x, training.y, {
    ...{ epochs, batchSize, validationBatchSize: 512, verbose: verbose ?? 0, signal },
    ...watched,
  });
  const { loss = [], val_loss: validationLoss = [] } = history;
  const seconds = (performance.now() - started) / 1000;
  const { parameterCount: parameters } = model;
  const bestEpoch = stopping.bestEpoch ?? loss.length - 1;
  return { loss, validationLoss, bestEpoch, windows: training.rows, parameters, seconds };
}

/** `fitted` with intervals from the errors over rows that training has not seen, `ranges` one for each series. */
export function calibrate(
  model: Model,
  fitted: Fitted,
  parts: readonly Pick<Part, "samples" | "own">[],
  ranges: readonly Span[],
): Fitted {
  const { horizon, window } = fitted;
  const series = parts.map(({ samples, own }, i): FittedSeries => {
    const range = ranges[i] ?? { from: 0, to: 0 };
    const { from, to } = originsOf(range, window, 1);
    const stride = Math.max(1, Math.ceil((to - from) / MOST_CALIBRATION));
    const origins = thinned({ from, to }, stride);
    const forecasts = runNetwork(model, fitted, samples, origins);
    const errors = forecasts.map((forecast, k) => {
      const row = (origins[Math.floor(k / horizon)] ?? 0) + (k % horizon);
      return row < range.to ? (forecast - (samples.scaled[row] ?? 0)) / samples.spread : Number.NaN;
    });
    return { ...own, halfWidths: conformalHalfWidths(errors, horizon) };
  });
  return { ...fitted, series };
}

interface Gathered {
  readonly x: TensorLike | readonly TensorLike[];
  readonly y: TensorLike;
  readonly rows: number;
  /** Of each window [rows]: 1, or less where the targets of its series are larger than those trained on. */
  readonly weights: Float32Array;
}

/** Of several series one that left its range after the training part must not decide alone when training ends. */
function weighted({ x, y, weights }: Gathered, series: number): ValidationData {
  return series === 1 ? [x, y] : [x, y, weights];
}

/** Windows of one part of all series, one of every n when there are more than `most`; undefined when there is none. */
export function gather<P extends Pick<Part, "samples">>(
  fitted: Fitted,
  parts: readonly P[],
  rangeOf: (part: P) => Span,
  most: number,
): Gathered | undefined {
  const steps = outputSteps(fitted);
  const ranges = parts.map((part) => originsOf(rangeOf(part), fitted.window, steps));
  const total = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  if (total === 0) return undefined;
  const stride = Math.ceil(total / most);
  const pieces = parts.map(({ samples }, i) => {
    const origins = thinned(ranges[i] ?? { from: 0, to: 0 }, stride);
    return { inputs: samples.inputs(origins), targets: samples.targets(origins, steps) };
  });
  const windows = joined(pieces.map(({ inputs }) => inputs.window));
  const calendars = pieces.map(({ inputs }) => inputs.calendar).filter((calendar) => calendar !== undefined);
  const y = joined(pieces.map(({ targets }) => targets));
  const calendar = calendars.length === 0 ? undefined : joined(calendars);
  const weights = pieces.flatMap(({ targets: { data, shape } }) => {
    return new Array<number>(shape[0] ?? 0).fill(1 / Math.max(1, meanSquare(data)));
  });
  return { x: arraysOf({ window: windows, calendar }), y, rows: weights.length, weights: Float32Array.from(weights) };
}

function meanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return values.length === 0 ? 0 : sum / values.length;
}

interface Rows {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

function joined(pieces: readonly Rows[]): Rows {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const rows = pieces.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const rest = first?.shape.slice(1) ?? [];
  const data = floats(
    rows,
    rest.reduce((product, size) => product * size, 1),
  );
  let at = 0;
  for (const piece of pieces) {
    data.set(piece.data, at);
    at += piece.data.length;
  }
  return { data, shape: [rows, ...rest] };
}
