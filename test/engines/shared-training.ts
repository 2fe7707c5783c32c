/** A training whose every part is large enough for threads to share; runs on all engines, so without vitest. */
import { createHash } from "node:crypto";

/** Kernels that threads share in it. */
export const SHARED: readonly string[] = [
  "activationBackward",
  "activationForward",
  "adam",
  "blend",
  "crossEntropy",
  "denseBackward",
  "denseForward",
  "denseGradients",
  "dropoutRows",
  "gatherRows",
  "layerNormForward",
  "lstmBackward",
  "lstmForward",
  "recurrentGradients",
  "recurrentTable",
  "recurrentTableBackward",
  "scale",
  "scatterAddRows",
  "softmaxBackward",
  "softmaxForward",
  "weightGradient",
];

/** What must have the same bits for any number of threads: 64 bits of the losses, of the saved model and of what it predicts. */
export async function train(gatefold: typeof import("../../src/index.ts")): Promise<string> {
  const { Adam, Concatenate, Dense, Dropout, Embedding, input, LayerNormalization, LSTM, Model, Random, tensor } =
    gatefold;
  const [batch, steps, classes] = [48, 11, 80];
  const table = { inputDim: classes, outputDim: 70 };
  const tokens = input({ shape: [steps], dtype: "int32" });
  // An LSTM looks up its embedding by itself; a Dense is given the rows.
  const states = new LSTM({ units: 36, returnSequences: true }).apply(new Embedding(table).apply(tokens));
  const rows = new Dense({ units: 90, activation: "tanh" }).apply(new Embedding(table).apply(tokens));
  const second = new LSTM({ units: 33, returnSequences: true }).apply(
    new LayerNormalization().apply(new Dropout({ rate: 0.2 }).apply(new Concatenate().apply([states, rows]))),
  );
  const outputs = new Dense({ units: classes, activation: "softmax" }).apply(second);
  const model = new Model({ inputs: tokens, outputs, seed: 3 });
  const random = new Random(5);
  const draw = () => Int32Array.from({ length: batch * steps }, () => random.integer(classes));
  const [x, y] = [tensor(draw(), [batch, steps]), tensor(draw(), [batch, steps])];
  const optimizer = new Adam({ learningRate: 0.01, weightDecay: 0.01, globalClipNorm: 0.01 });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy" });
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 40, verbose: 0 });
  const predicted = model.predict(x).data as Float32Array;
  return createHash("sha256")
    .update(new Float64Array(history.loss ?? []))
    .update(model.save({ optimizer: true }))
    .update(new Uint8Array(predicted.buffer, predicted.byteOffset, predicted.byteLength))
    .digest("hex")
    .slice(0, 16);
}
