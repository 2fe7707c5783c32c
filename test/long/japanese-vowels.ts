/**
 * Japanese Vowels (Kudo, Toyama and Shimbo 1999): which of nine men says "ae", from 7 to 29 frames of 12 features. One LSTM
 * layer, a training for each seed; prints the accuracy of each on the test part, and their median.
 *
 *   tsx test/long/japanese-vowels.ts FOLDER [SEED ...]
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  Adam,
  CosineDecay,
  Dense,
  Dropout,
  init,
  LSTM,
  Sequential,
  SparseCategoricalCrossentropy,
  tensor,
} from "gatefold";
import { parseSeries, type Series, standardise } from "./japanese-vowels-data.ts";

const longest = 29;
const classes = 9;
const [folder = "", ...seeds] = process.argv.slice(2);
const epochs = 60;
const batchSize = 16;

await init();
const known = read("JapaneseVowels_TRAIN.ts");
const train = standardise(known, known);
const test = standardise(known, read("JapaneseVowels_TEST.ts"));
console.log(`${train.rows} sequences to train, ${test.rows} to test.`);

const accuracies: number[] = [];
for (const seed of seeds) {
  accuracies.push(await trained(Number(seed)));
  console.log(`seed ${seed}: accuracy ${accuracies.at(-1)?.toFixed(4)}`);
}
const median = accuracies.toSorted((a, b) => a - b)[Math.floor(accuracies.length / 2)];
console.log(`median accuracy ${median?.toFixed(4)}`);

function read(name: string): Series {
  return parseSeries(readFileSync(join(folder, name), "utf8"), longest);
}

async function trained(seed: number): Promise<number> {
  using model = new Sequential([new LSTM({ units: 64 }), new Dropout({ rate: 0.3 }), new Dense({ units: classes })], {
    inputShape: [longest, train.features],
    seed,
  });
  const decaySteps = epochs * Math.ceil(train.rows / batchSize);
  model.compile({
    optimizer: new Adam({ learningRate: new CosineDecay({ initialLearningRate: 4e-3, decaySteps }) }),
    loss: new SparseCategoricalCrossentropy({ fromLogits: true }),
    metrics: ["accuracy"],
  });
  await model.fit(...dataOf(train), { epochs, batchSize, lengths: train.lengths, verbose: 0 });
  return model.evaluate(...dataOf(test), { lengths: test.lengths }).accuracy ?? 0;
}

function dataOf({ x, labels, rows, steps, features }: Series) {
  return [tensor(x, [rows, steps, features]), tensor(labels, [rows])] as const;
}
