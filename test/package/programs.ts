/** What a stranger writes with the package; each is a file of the empty project. */

/** Models alone, as TypeScript and as JavaScript. */
export const MODELS = `
import { Adam, Dense, earlyStopping, init, load, LSTM, meanSquaredError, Sequential, tensor, ShapeError } from "gatefold";
const info = await init();
const lstm = new LSTM({ units: 8, inputSize: 3, seed: 1 });
const dense = new Dense({ units: 1, seed: 2 });
const adam = new Adam({ learningRate: 0.01, globalClipNorm: 1 });
const x = tensor(Float32Array.from({ length: 60 }, (_, i) => (i % 7) / 7), [4, 5, 3]);
let first = 0;
let last = 0;
for (let step = 0; step < 50; step++) {
  const { output } = lstm.forward(x, { training: true });
  const { value, gradient } = meanSquaredError(dense.forward(output, { training: true }), [[0], [1], [0], [1]]);
  lstm.backward({ output: dense.backward(gradient).input });
  adam.apply([lstm, dense]);
  if (step === 0) first = value;
  last = value;
}
if (!(last < first)) throw new Error("The loss did not fall: " + first + ", " + last);
try {
  lstm.forward([[1, 2]]);
  throw new Error("A matrix was taken for a sequence.");
} catch (error) {
  if (!(error instanceof ShapeError)) throw error;
}
const model = new Sequential([new LSTM({ units: 8 }), new Dense({ units: 1 })], { seed: 1 });
model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: "meanSquaredError", metrics: ["mae"] });
const callbacks = [earlyStopping({ patience: 20 })];
const { history } = await model.fit(x, [[0], [1], [0], [1]], { epochs: 20, verbose: 0, validationSplit: 0.25, callbacks });
const again = load(model.save());
if (again.parameterCount !== model.parameterCount) throw new Error("Another model was loaded.");
const losses = history.loss ?? [];
if (!((losses[19] ?? 1) < (losses[0] ?? 0))) throw new Error("The model did not learn: " + losses);
console.log(model.stream().step([0, 1, 0]).length, Object.keys(history).join(" "));
console.log(info.variant, info.engine, first.toFixed(4), "->", last.toFixed(4));
`;

export const MODELS_REQUIRED = `
const { readFileSync } = require("node:fs");
const { initSync, LSTM } = require("gatefold");
const { variant } = initSync({ bytes: readFileSync(require.resolve("gatefold/core.wasm")) });
if (new LSTM({ units: 4 }).forward([[[1, 2]]]).output.shape.join() !== "1,4") throw new Error("Wrong shape.");
console.log("require and initSync:", variant);
`;

/** Forecasts for Node and browsers: what \`forecastText\` gives must be the same text on every engine. */
export const FORECAST = `
import { init } from "gatefold";
import { Forecaster, readCsv, toSeries } from "gatefold/series";
export const lines = Array.from({ length: 160 }, (_, i) => {
  const day = new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10);
  return day + "," + (100 + 10 * ((i * 3) % 7) + ((i * 7919) % 13) / 10);
});
export async function forecastText() {
  await init({ numerics: "strict" });
  const table = await readCsv("date,sales\\n" + lines.join("\\n"), { columns: { date: "time", sales: "number" } });
  const series = toSeries(table, { time: "date" });
  const forecaster = new Forecaster({ target: "sales", window: 7, horizon: 2, units: [4], seed: 1 });
  const { loss } = await forecaster.fit(series, { epochs: 2 });
  const { test, coverage, arima } = await forecaster.backtest({ arima: true });
  const { values, lower95, upper95 } = Forecaster.load(forecaster.save()).forecast(2, { series });
  if (test.arima === undefined) throw new Error("No ARIMA: " + arima);
  return JSON.stringify({ loss, test, coverage, values: [...values], lower95: [...lower95], upper95: [...upper95] });
}
`;

export const FORECAST_IMPORTED = `
import { writeFileSync } from "node:fs";
import { forecastText, lines } from "./forecast.mjs";
writeFileSync("sales.csv", "date,sales\\n" + lines.join("\\n"));
writeFileSync("forecast.json", await forecastText());
console.log("gatefold/series by import");
`;

export const FORECAST_REQUIRED = `
const { createSeries, persistence, readCsv } = require("gatefold/series");
const { OptionError } = require("gatefold");
const series = createSeries({ columns: { sales: [1, 2, 3] } });
const next = persistence().forecast(series.columns.get("sales"), [3], 1);
if (next[0] !== 3) throw new Error("Wrong forecast: " + next);
readCsv(5).then(
  () => { throw new Error("A number was read as a file."); },
  (error) => { if (!(error instanceof OptionError)) throw error; console.log("gatefold/series by require"); },
);
`;

/** A page's script; its text ends up where the check looks for it. */
export const PAGE = `
import { forecastText } from "./forecast.mjs";
globalThis.forecast = forecastText();
`;

/** The script of a page that trains and predicts, and asks for nothing else; what it loads ends up where the check looks. */
export const NETWORK = `
import { Adam, Dense, init, LSTM, Sequential } from "gatefold";
async function train() {
  await init();
  const model = new Sequential([new LSTM({ units: 4 }), new Dense({ units: 1 })], { inputShape: [null, 1], seed: 1 });
  model.compile({ optimizer: new Adam({ learningRate: 0.05 }), loss: "meanSquaredError" });
  const x = Array.from({ length: 32 }, (_, row) => [[row / 32], [1 - row / 32], [0]]);
  const y = Array.from({ length: 32 }, (_, row) => [row / 32]);
  const { history } = await model.fit(x, y, { epochs: 10, validationSplit: 0.25 });
  if (!(history.loss[9] < history.loss[0])) throw new Error("The model did not learn.");
  if (model.predict(x).data.some(Number.isNaN)) throw new Error("A prediction is NaN.");
  return performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
}
globalThis.files = train();
`;

/** What is typed: every option and result that a stranger's compiler sees. */
export const TYPED = `
import { init } from "gatefold";
import {
  type Backtest, type CsvSource, type Forecast, Forecaster, type ForecasterOptions, readCsv, type Series, toSeries,
} from "gatefold/series";
await init({ numerics: "strict" });
const text = "day,sold\\n2024-01-01,1\\n2024-01-02,2\\n";
const sources: readonly CsvSource[] = [text, new Uint8Array(1), new Blob([text]), new Blob([text]).stream()];
const table = await readCsv(sources[0] ?? "", { columns: { day: "time", sold: "number" } });
const series: Series = toSeries(table, { time: "day", missing: { sold: "linear" }, frequency: "day" });
const options: ForecasterOptions = { target: "sold", window: 8, units: [6], scaler: "log" };
export async function use(forecaster: Forecaster = new Forecaster(options)): Promise<number> {
  const { loss } = await forecaster.fit([series], { epochs: 2 });
  const { values, times }: Forecast = forecaster.forecast(1, { series });
  const { test }: Backtest = await forecaster.backtest({ arima: "auto" });
  // @ts-expect-error: misspelt
  forecaster.forecast(1, { seires: series });
  return (loss[0] ?? 0) + (values[0] ?? 0) + (times?.[0] ?? 0) + test.model.rmse + (test.arima?.rmse ?? 0);
}
`;

/** Trains with threads, on every engine alike; warnings are part of the result. */
export const THREADS = `
import { Dense, init, LSTM, Sequential, tensor } from "gatefold";
export async function train(options) {
  const warnings = [];
  const { warn } = console;
  console.warn = (text) => warnings.push(text);
  const { threads } = await init({ numerics: "strict", threads: 2, ...options });
  console.warn = warn;
  const model = new Sequential([new LSTM({ units: 40, returnSequences: true }), new Dense({ units: 70 })], { seed: 1 });
  model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  const x = tensor(Float32Array.from({ length: 40 * 20 * 30 }, (_, i) => (i % 17) / 17), [40, 20, 30]);
  const y = tensor(Float32Array.from({ length: 40 * 20 * 70 }, (_, i) => (i % 13) / 13), [40, 20, 70]);
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 40, verbose: 0 });
  return { threads, warnings, loss: history.loss };
}
`;

export const THREADS_NODE = `
import { train } from "./train.mjs";
console.log(JSON.stringify(await train({ workerUrl: process.argv[2] })));
`;

export const THREADS_WORKER = `
import { train } from "./train.mjs";
onmessage = async ({ data }) => postMessage(await train(data));
`;

/** The page and workers of it, one of which is not told where the package's worker is. */
export const THREADS_PAGE = `
import { train } from "./train.mjs";
const inWorker = (options) => new Promise((resolve, reject) => {
  const worker = new Worker("/threads-worker.js", { type: "module" });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(options);
});
const told = { workerUrl: "/worker.js" };
globalThis.outcomes = (async () => [await train(told), await inWorker(told), await inWorker({})])();
`;
