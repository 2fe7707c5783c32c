/**
 * brain.js: LSTM networks for sequences of values, trained one sequence after the other; each sequence is asked for its next
 * value at every step. It keeps its own weights and its own optimizer.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import brain from "brain.js";
import type { Work } from "../works.ts";
import { serve, type Task } from "./serve.ts";
import { need, type Tensors } from "./tensors.ts";

const folder = dirname(dirname(createRequire(import.meta.url).resolve("brain.js")));
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** B sequences, one update each. */
function train({ I, H, T, B }: Work, tensors: Tensors): Task {
  const net = new brain.recurrent.LSTMTimeStep({ inputSize: I, hiddenLayers: [H, H], outputSize: I });
  net.initialize();
  const [x, y] = [need(tensors, "x").data, need(tensors, "y").data];
  const sequences = Array.from({ length: B }, (_, b) => [
    ...Array.from({ length: T }, (_, t) => x.slice((b * T + t) * I, (b * T + t + 1) * I)),
    y.slice(b, b + 1),
  ]);
  const run = () => {
    let sum = 0;
    for (const sequence of sequences) sum += Number(net.trainPattern(sequence, true));
    return sum / B;
  };
  return { run, loss: run, ownWeights: true };
}

await serve({
  about: () => `brain.js ${version}`,
  prepare: (work, tensors) => {
    if (work.kind === "forecast") return train(work, tensors);
    return work.kind === "characters" ? "has no embedding" : "has no layer alone";
  },
});
