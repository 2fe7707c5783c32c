/**
 * Writes model-v1.safetensors, a model of every kind of tensor in the middle of an epoch, as the first version of files
 * had it, and what training makes of it. Not to be run again for this version: the file is what later ones must read.
 * Run: GATEFOLD_VARIANT=simd npx tsx test/golden/make_model.ts, then python make_model.py.
 */
import { writeFileSync } from "node:fs";
import {
  Adam,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  init,
  input,
  LayerNormalization,
  LSTM,
  load,
  Model,
  SimpleRNN,
  TimeDistributed,
} from "../../src/index.ts";
import { GOLDEN_FIT, GOLDEN_IDS, GOLDEN_LABELS } from "../support/golden-model.ts";

await init();
const ids = input({ shape: [null], dtype: "int32", name: "tokens" });
const embedded = new Embedding({ inputDim: 6, outputDim: 3, name: "embedding" }).apply(ids);
const states = new LSTM({ units: 4, returnSequences: true, recurrentDropout: 0.25, name: "lstm" }).apply(embedded);
const normed = new LayerNormalization({ name: "norm", epsilon: 1e-5 }).apply(states);
const each = new TimeDistributed({ layer: new Dense({ units: 3, activation: "relu", name: "inside" }), name: "each" });
const last = new SimpleRNN({ units: 2, doubleBias: true, stateful: true, name: "rnn" }).apply(each.apply(normed));
const backwards = new LSTM({ units: 2, goBackwards: true, useBias: false, name: "backwards" }).apply(normed);
const joined = new Concatenate({ name: "join" }).apply([
  last,
  new Dropout({ rate: 0.2, name: "drop" }).apply(backwards),
]);
const outputs = new Dense({ units: 3, activation: "softmax", name: "head" }).apply(joined);
const model = new Model({ inputs: ids, outputs, name: "golden", seed: 2026 });
model.compile({
  optimizer: new Adam({ learningRate: 0.01, amsgrad: true, useEma: true, emaMomentum: 0.5 }),
  loss: { name: "sparseCategoricalCrossentropy", labelSmoothing: 0.125 },
  metrics: ["accuracy", "perplexity"],
});
const files: Uint8Array[] = [];
const onStepEnd = () => void files.push(model.save({ optimizer: true, metadata: { format: "pt" } }));
await model.fit(GOLDEN_IDS, GOLDEN_LABELS, { ...GOLDEN_FIT, epochs: 2, callbacks: [{ onStepEnd }] });
// Three of the four steps of epoch 1: one gradient waits.
const file = files[6] as Uint8Array;
const again = load(file);
const { history } = await again.fit(GOLDEN_IDS, GOLDEN_LABELS, { ...GOLDEN_FIT, epochs: 3, initialEpoch: again.epoch });
const folder = new URL(".", import.meta.url);
writeFileSync(new URL("model-v1.safetensors", folder), file);
writeFileSync(new URL("model-v1.json", folder), `${JSON.stringify({ ids: GOLDEN_IDS, history })}\n`);
