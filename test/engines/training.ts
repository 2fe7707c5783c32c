/** A small training whose weights must have the same bits on every engine; runs on all of them, so without vitest. */
import { Adam, Dense, init, type Layer, LSTM, Random, sparseCategoricalCrossentropy, tensor } from "../../src/index.ts";

const STEPS = 200;
const [BATCH, LENGTH, FEATURES, CLASSES] = [9, 11, 5, 3];

export interface Trained {
  /** 64 bits as 16 hexadecimal digits. */
  readonly hash: string;
  readonly engine: string;
  readonly losses: readonly number[];
}

/** Two LSTM layers and a Dense of odd sizes, rows that end early, Adam with clipping. */
export async function train(): Promise<Trained> {
  const { engine } = await init({ numerics: "strict" });
  const first = new LSTM({ units: 13, returnSequences: true, seed: 1 });
  const second = new LSTM({ units: 6, doubleBias: true, seed: 2 });
  const head = new Dense({ units: CLASSES, seed: 3 });
  const optimizer = new Adam({ learningRate: 0.01, globalClipNorm: 0.5 });
  const random = new Random(4);
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const { x, labels, lengths } = batch(random);
    const sequence = first.forward(x, { training: true, lengths }).output;
    const states = second.forward(sequence, { training: true, lengths }).output;
    const { value, gradient } = sparseCategoricalCrossentropy(head.forward(states, { training: true }), labels);
    const d = second.backward({ output: head.backward(gradient).input });
    first.backward({ output: d.input });
    optimizer.apply([first, second, head]);
    losses.push(value);
  }
  return { hash: hashOf([first, second, head]), engine, losses };
}

/** Rows whose label is the feature, of the first three, with the largest sum over the row's steps. */
function batch(random: Random) {
  const x = new Float32Array(BATCH * LENGTH * FEATURES);
  const labels = new Int32Array(BATCH);
  const lengths = Array.from({ length: BATCH }, () => 1 + random.integer(LENGTH));
  for (const [row, length] of lengths.entries()) {
    const sums = new Float64Array(FEATURES);
    for (let n = 0; n < length * FEATURES; n++) {
      const value = random.uniform(-1, 1);
      x[row * LENGTH * FEATURES + n] = value;
      sums[n % FEATURES] = (sums[n % FEATURES] ?? 0) + value;
    }
    const classes = sums.subarray(0, CLASSES);
    labels[row] = classes.indexOf(classes.reduce((most, sum) => Math.max(most, sum)));
  }
  return { x: tensor(x, [BATCH, LENGTH, FEATURES]), labels: tensor(labels), lengths };
}

/** Two FNV-1a hashes over the weights' 32-bit words, of different bases, each stirred a word at a time. */
function hashOf(layers: readonly Layer[]): string {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (const { data } of layers.flatMap((layer) => Object.values(layer.getWeights()))) {
    for (const word of new Uint32Array(data.buffer, data.byteOffset, data.length)) {
      // Shifted between the products: a product alone never carries a high bit down.
      low = Math.imul(low ^ word, 0x01000193);
      low ^= low >>> 15;
      high = Math.imul(high ^ (word >>> 16) ^ (word << 16), 0x01000193);
      high ^= high >>> 13;
    }
  }
  return [high, low].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
}
