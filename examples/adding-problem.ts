/**
 * The adding problem (Hochreiter and Schmidhuber 1997, experiment 4): of a hundred random numbers two are marked, one in
 * each half, and the network is to say their sum at the end. An LSTM beside a SimpleRNN of the same size; a sequence
 * counts as solved with an error below 0.04.
 *
 *   npx tsx examples/adding-problem.ts [--steps 100] [--epochs 20] [--units 64] [--seed 1] [--cells lstm,rnn] [--budget tiny]
 */
import { parseArgs } from "node:util";
import { Adam, CosineDecay, Dense, init, LSTM, Random, Sequential, SimpleRNN, tensor } from "gatefold";

const { values: flags } = parseArgs({
  options: {
    steps: { type: "string", default: "100" },
    epochs: { type: "string", default: "20" },
    units: { type: "string", default: "64" },
    seed: { type: "string", default: "1" },
    cells: { type: "string", default: "lstm,rnn" },
    budget: { type: "string", default: "full" },
  },
});
const isTiny = flags.budget === "tiny";
const steps = isTiny ? 10 : Number(flags.steps);
const epochs = isTiny ? 2 : Number(flags.epochs);
const units = isTiny ? 8 : Number(flags.units);
const seed = Number(flags.seed);
const stepsPerEpoch = isTiny ? 10 : 250;
const batchSize = 32;
const testRows = isTiny ? 100 : 2560;
const tolerance = 0.04;

const info = await init();

/** n new sequences [n, steps, 2] of numbers from 0 to 1 and marks 0 or 1, and the sums of the two marked numbers [n, 1]. */
function sequences(n: number, random: Random) {
  const x = new Float32Array(n * steps * 2);
  const y = new Float32Array(n);
  const half = Math.floor(steps / 2);
  for (let row = 0; row < n; row++) {
    for (let t = 0; t < steps; t++) x[(row * steps + t) * 2] = random.uniform();
    for (const t of [random.integer(half), half + random.integer(steps - half)]) {
      const at = (row * steps + t) * 2;
      x[at + 1] = 1;
      y[row] = (y[row] ?? 0) + (x[at] ?? 0);
    }
  }
  return { x: tensor(x, [n, steps, 2]), y: tensor(y, [n, 1]) };
}

/** Batches without end: no sequence is ever seen twice. */
async function* batches() {
  const random = new Random(seed).fork("training");
  for (;;) yield sequences(batchSize, random);
}

/** A model with its own source of batches; both models see the same ones. */
function contender(name: string, cell: LSTM | SimpleRNN) {
  const model = new Sequential([cell, new Dense({ units: 1 })], { seed });
  const learningRate = new CosineDecay({ initialLearningRate: 1e-2, decaySteps: epochs * stepsPerEpoch });
  model.compile({ optimizer: new Adam({ learningRate }), loss: "meanSquaredError" });
  return { name, model, source: batches(), solved: 0, seconds: 0 };
}

const cells = { lstm: LSTM, rnn: SimpleRNN };
const contenders = Object.entries(cells)
  .filter(([name]) => flags.cells.split(",").includes(name))
  .map(([, Cell]) => contender(Cell.name, new Cell({ units, inputSize: 2 })));

console.log(`Sums of two marked numbers among ${steps}, ${units} units, ${batchSize} new sequences an update,`);
console.log(`${stepsPerEpoch} updates an epoch. ${info.variant} binary on ${info.engine}, one thread.\n`);
console.log(`epoch${contenders.map(({ name }) => `${name}: loss`.padStart(22) + "solved".padStart(10)).join("")}`);

const random = new Random(seed).fork("test");
for (let epoch = 0; epoch < epochs; epoch++) {
  const { x, y } = sequences(testRows, random);
  let line = String(epoch + 1).padStart(5);
  for (const one of contenders) {
    const started = process.cpuUsage();
    const options = { initialEpoch: epoch, epochs: epoch + 1, stepsPerEpoch, verbose: 0 } as const;
    const { history } = await one.model.fit(one.source, options);
    one.seconds += cpuSeconds(started);
    const sums = one.model.predict(x, { batchSize: 256 }).data;
    one.solved = sums.filter((sum, row) => Math.abs(sum - (y.data[row] ?? 0)) < tolerance).length;
    line += `${(history.loss?.[0] ?? 0).toFixed(5).padStart(22)}${percent(one.solved).padStart(10)}`;
  }
  console.log(line);
}

console.log(`\nOf ${testRows} new sequences, with an error below ${tolerance}:\n`);
for (const { name, model, solved, seconds } of contenders) {
  const weights = `${model.parameterCount} weights`;
  console.log(
    `${name.padEnd(10)} ${String(solved).padStart(5)} ${percent(solved).padStart(8)}   ${weights.padEnd(14)} ${seconds.toFixed(1)} s of CPU time`,
  );
}

function percent(count: number): string {
  return `${((100 * count) / testRows).toFixed(1)} %`;
}

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}
