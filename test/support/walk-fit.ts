/** Options of `fit`. */
import { vi } from "vitest";
import { Dense, LSTM, Sequential } from "../../src/index.ts";
import { data, watched } from "./walk-models.ts";
import { labels, numbers, type Observe, outcome, type Part, type Row, rows } from "./walk-row.ts";

const ROWS = 40;
const x = () => numbers(ROWS, 4, 2);
const y = () => labels(2, ROWS, 1);

/** History, batches and weights of a training. */
const fitted = (base: Part = {}): Observe => {
  return (part) =>
    outcome(async () => {
      const { model, runs } = watched();
      const { epoch, history } = await model.fit(x(), y(), { verbose: 0, ...base, ...part });
      return [epoch, history, runs(), model.getWeights()];
    });
};

/** The same of a model that gives a sequence, so that it may be cut. */
const cut: Observe = async (part) => {
  const layers = [new LSTM({ units: 2, returnSequences: true }), new Dense({ units: 1 })];
  const model = new Sequential(layers, { inputShape: [null, 2], seed: 3 });
  model.compile({ optimizer: "sgd", loss: "mse" });
  const { history } = await model.fit(numbers(8, 6, 2), numbers(8, 6, 1), { verbose: 0, ...part });
  return [history, model.getWeights()];
};

/** What is told while the option's callbacks see a training. */
const told: Observe = async ({ callbacks }) => {
  const events: string[] = [];
  const recorder = { onEpochEnd: (epoch: number) => void events.push(`epoch ${epoch}`) };
  await watched().model.fit(x(), y(), { verbose: 0, ...(callbacks === undefined ? {} : { callbacks: [recorder] }) });
  return events;
};

/** What stands on a terminal, times left out. */
const shown: Observe = async (part) => {
  const { isTTY } = process.stdout;
  process.stdout.isTTY = true;
  let text = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += chunk;
    return true;
  });
  try {
    await watched().model.fit(x(), y(), { batchSize: 20, ...part });
  } finally {
    write.mockRestore();
    process.stdout.isTTY = isTTY;
  }
  return text.replace(/\s+\d[\d.]* ?[mµ]?s\S*/g, " TIME").split("\r").length;
};

const validation = { validationData: [numbers(10, 4, 2), labels(2, 10, 1)] };

export const FIT_ROWS: readonly Row[] = [
  ...rows("BaseModel.fit", fitted(), {
    ...data,
    epochs: [1, 2],
    batchSize: [32, 7],
    validationSplit: [0, 0.5],
    validationData: [undefined, validation.validationData],
    stepsPerEpoch: [undefined, 1],
    signal: [undefined, AbortSignal.abort("enough")],
  }),
  ...rows("BaseModel.fit", fitted({ epochs: 2, batchSize: 7 }), {
    initialEpoch: [0, 1],
    shuffle: [true, false],
    gradientAccumulationSteps: [1, 2],
  }),
  ...rows("BaseModel.fit", fitted({ ...validation, epochs: 2, batchSize: 8 }), {
    validationBatchSize: [8, 3],
    validationFrequency: [1, 2],
  }),
  ...rows("BaseModel.fit", cut, { truncatedSteps: [undefined, 2] }),
  ...rows("BaseModel.fit", told, { callbacks: [undefined, "one"] }),
  ...rows("BaseModel.fit", shown, { verbose: [1, 0] }),
  ...rows("BaseModel.fit", shown, { verbose: [1, 2] }),
];
