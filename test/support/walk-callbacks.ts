/** Options of the callbacks of `fit`. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import {
  type Callback,
  csvLogger,
  earlyStopping,
  type FitRun,
  type Logs,
  modelCheckpoint,
  progressBar,
  reduceLearningRateOnPlateau,
  SGD,
} from "../../src/index.ts";
import { type Observe, outcome, type Part, type Row, rows } from "./walk-row.ts";

const STEPS = 3;

/** Losses that fall, rise and fall by next to nothing, with an accuracy that does otherwise. */
const LOGS: readonly Logs[] = [0.9, 0.5, 0.45, 0.6, 0.7, 0.44, 0.43995, 0.8, 0.8].map((val_loss, epoch) => {
  return { loss: 2 - val_loss, val_loss, val_accuracy: epoch / 10 };
});

/** Runs a callback through LOGS, as `fit` would; gives what it did to the model, epoch by epoch. */
async function driven(callback: Callback): Promise<unknown> {
  const optimizer = new SGD({ learningRate: 1 });
  const done: unknown[] = [];
  let stopped = false;
  const run: FitRun = {
    model: {
      label: "A model",
      optimizer,
      getWeights: () => ({ w: { data: Float32Array.of(done.length), shape: [1] } }),
      setWeights: (weights) => void done.push(weights),
      save: (options) => new TextEncoder().encode(`saved with ${JSON.stringify(options)}`),
    },
    ...{ epochs: LOGS.length, initialEpoch: 0, stepsPerEpoch: STEPS, verbose: 1, validationFrequency: 1 },
    stop: () => {
      stopped = true;
    },
  };
  await callback.onTrainBegin?.(run);
  for (const [epoch, logs] of LOGS.entries()) {
    await callback.onEpochBegin?.(epoch, run);
    for (let step = 0; step < STEPS; step++) await callback.onStepEnd?.(step, { loss: step }, run);
    await callback.onEpochEnd?.(epoch, logs, run);
    done.push(optimizer.learningRate);
    if (stopped) break;
  }
  await callback.onTrainEnd?.(run);
  return done;
}

const stopping = (base: Part = {}): Observe => {
  return (part) =>
    outcome(async () => {
      const callback = earlyStopping({ ...base, ...part });
      const done = await driven(callback);
      return [done, callback.best, callback.bestEpoch, callback.stoppedEpoch];
    });
};

const lowering = (base: Part = {}): Observe => {
  return (part) => outcome(() => driven(reduceLearningRateOnPlateau({ ...base, ...part })));
};

/** Files by name that a callback leaves in a folder of its own, given the path of one. */
const filed = (make: (path: string, part: Part) => Callback, before?: string): Observe => {
  return async (part) => {
    const folder = mkdtempSync(join(tmpdir(), "gatefold-walk-"));
    mkdirSync(join(folder, "run"));
    const { path: name = "run/log", ...others } = part;
    if (before !== undefined) writeFileSync(join(folder, name), before);
    try {
      const failure = await outcome(async () => void (await driven(make(join(folder, name), others))));
      const files = existsSync(join(folder, "run")) ? readdirSync(join(folder, "run")).sort() : [];
      const texts = files.map((file) => readFileSync(join(folder, "run", file), "utf8"));
      return [files, texts, String(failure).replace(folder, "")];
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
};

const saves = (base: Part = {}) => filed((path, part) => modelCheckpoint({ path, ...base, ...part }));
/** A checkpoint for each epoch; the numbers of epochs are at the end of names, where the folder is known. */
const manySaves = (base: Part = {}) =>
  filed((path, part) => modelCheckpoint({ path: `${path}-{epoch}`, ...base, ...part }));
const logged = (base: Part = {}, before?: string) =>
  filed((path, part) => csvLogger({ path, ...base, ...part }), before);

/** A clock of its own, so that all texts are the same. */
function clock(ms: number): () => number {
  let now = 0;
  return () => {
    now += ms;
    return now;
  };
}

/** What is written; "a stream" stands for one that is not the standard output. */
const drawn = (base: Part = {}): Observe => {
  return async ({ stream: named, now, ...part }) => {
    const texts = { own: "", standard: "" };
    const streams = {
      own: { write: (text: string) => (texts.own += text) },
      standard: { write: (text: string) => (texts.standard += text) },
    };
    const { stdout } = process;
    Object.defineProperty(process, "stdout", { value: streams.standard, configurable: true });
    const stream = named === undefined ? {} : { stream: streams.own };
    const time = now === undefined ? {} : { now: clock(now) };
    const ticks = vi.spyOn(performance, "now").mockReturnValue(0);
    try {
      await driven(progressBar({ ...stream, ...base, ...time, ...part }));
    } finally {
      ticks.mockRestore();
      Object.defineProperty(process, "stdout", { value: stdout, configurable: true });
    }
    return texts;
  };
};

const monitored = {
  monitor: ["val_loss", "val_accuracy"],
  mode: ["auto", "max"],
  minDelta: [0, 0.2],
} as const;

const fixed = { now: clock(0) };

export const CALLBACK_ROWS: readonly Row[] = [
  ...rows("earlyStopping", stopping(), { ...monitored, patience: [0, 3] }),
  ...rows("earlyStopping", stopping({ patience: 2 }), { baseline: [undefined, 0.1] }),
  ...rows("earlyStopping", stopping(), { restoreBestWeights: [false, true], startFromEpoch: [0, 4] }),
  ...rows("reduceLearningRateOnPlateau", lowering({ patience: 1 }), {
    ...monitored,
    minDelta: [1e-4, 0],
    ...{ factor: [0.1, 0.5], cooldown: [0, 2], minLearningRate: [0, 0.5] },
  }),
  ...rows("reduceLearningRateOnPlateau", lowering({ monitor: "loss" }), { patience: [10, 1] }),
  ...rows("modelCheckpoint", saves(), { path: ["run/a", "run/b"], saveOptimizer: [true, false] }),
  ...rows("modelCheckpoint", manySaves(), { saveBestOnly: [false, true], keep: [undefined, 2], saveFrequency: ["epoch", 4] }), // biome-ignore format: one call
  ...rows("modelCheckpoint", manySaves({ saveBestOnly: true }), { monitor: ["val_loss", "loss"], mode: ["auto", "max"] }), // biome-ignore format: one call
  ...rows("csvLogger", logged(), { path: ["run/a", "run/b"], separator: [",", ";"] }),
  ...rows("csvLogger", logged({}, "epoch,loss\n0,1\n"), { append: [false, true] }),
  ...rows("progressBar", drawn(fixed), { stream: [undefined, "a stream"], isTerminal: [false, true], width: [undefined, 10] }), // biome-ignore format: one call
  ...rows("progressBar", drawn({ isTerminal: true, ...fixed }), { width: [79, 10] }),
  ...rows("progressBar", drawn(), { now: [undefined, 60_000] }),
];
