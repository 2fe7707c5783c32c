/** TensorFlow.js on the backend of the argument: cpu or wasm (SIMD, one thread). */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { EPSILON, LEARNING_RATE } from "../protocol.ts";
import type { Work } from "../works.ts";
import { serve, type Task } from "./serve.ts";
import { need, type Tensors } from "./tensors.ts";

const backend = process.argv[2] ?? "cpu";
if (backend === "wasm") {
  const file = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${dirname(file)}/`);
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setThreadsCount(1);
}
await tf.setBackend(backend);
await tf.ready();

function transposed(tensors: Tensors, name: string): tf.Tensor {
  const { data, shape } = need(tensors, name);
  return tf.tensor(data, shape, "float32").transpose();
}

/** Gates in TensorFlow's order i f c o, which is PyTorch's i f g o; weights transposed. */
function setLstm(layer: tf.layers.Layer, tensors: Tensors, name: string): void {
  const bias = tf.tensor1d(need(tensors, `${name}.bias`).data);
  layer.setWeights([transposed(tensors, `${name}.weight_ih`), transposed(tensors, `${name}.weight_hh`), bias]);
}

/** Weights are set: the orthogonal initializer would take minutes for 512 units. */
const initializers = { kernelInitializer: "zeros", recurrentInitializer: "zeros" } as const;
const lstmOptions = { ...initializers, recurrentActivation: "sigmoid", returnSequences: true } as const;

function forward({ I, H, T, B }: Work, tensors: Tensors): Task {
  const layer = tf.layers.lstm({ ...lstmOptions, units: H, inputShape: [T, I] });
  const model = tf.sequential({ layers: [layer] });
  setLstm(layer, tensors, "lstm0");
  const { data, shape } = need(tensors, "x");
  const x = tf.tensor3d(data, shape as [number, number, number]);
  // `apply` and not `predict`, which copies the batch.
  const run = () => tf.tidy(() => (model.apply(x) as tf.Tensor).dataSync() as Float32Array);
  if (x.shape[0] !== B) throw new Error("The data has another number of rows.");
  return { run, outputs: run };
}

/** The layer's cell. */
function step({ I, H, T }: Work, tensors: Tensors): Task {
  const cell = tf.layers.lstmCell({ ...initializers, units: H, recurrentActivation: "sigmoid" });
  cell.build([1, I]);
  setLstm(cell, tensors, "lstm0");
  const { data } = need(tensors, "x");
  const steps = Array.from({ length: T }, (_, t) => tf.tensor2d(data.slice(t * I, (t + 1) * I), [1, I]));
  let t = 0;
  let state = [tf.zeros([1, H]), tf.zeros([1, H])];
  const run = () => {
    const next = tf.tidy(() => cell.call([steps[t++ % T] as tf.Tensor, ...state], {}) as tf.Tensor[]);
    const [output, ...states] = next as [tf.Tensor, ...tf.Tensor[]];
    tf.dispose(state);
    state = states;
    const values = output.dataSync() as Float32Array;
    if (!states.includes(output)) output.dispose();
    return values;
  };
  const outputs = () => {
    tf.dispose(state);
    t = 0;
    state = [tf.zeros([1, H]), tf.zeros([1, H])];
    const result = new Float32Array(T * H);
    while (t < T) result.set(run(), (t - 1) * H);
    return result;
  };
  return { run, outputs };
}

/** The wasm backend has no gradient of a gather: ids enter as one-hot rows, multiplied with the embedding. */
function train(work: Work, tensors: Tensors): Task {
  const { I, H, T } = work;
  const isText = work.kind === "characters";
  const lstms = [
    tf.layers.lstm({ ...lstmOptions, units: H, inputShape: [T, I] }),
    tf.layers.lstm({ ...lstmOptions, units: H, returnSequences: isText }),
  ];
  const dense = tf.layers.dense({ units: isText ? work.V : 1 });
  const model = tf.sequential({ layers: [...lstms, dense] });
  for (const [i, lstm] of lstms.entries()) setLstm(lstm, tensors, `lstm${i}`);
  dense.setWeights([transposed(tensors, "dense.weight"), tf.tensor1d(need(tensors, "dense.bias").data)]);
  const adam = tf.train.adam(LEARNING_RATE, 0.9, 0.999, EPSILON);
  const loss = isText ? textLoss(work, tensors, model) : forecastLoss(tensors, model);
  const run = () => {
    const cost = adam.minimize(loss, true) as tf.Scalar;
    const value = cost.dataSync()[0] ?? Number.NaN;
    cost.dispose();
    return value;
  };
  return { run, loss: run };
}

function forecastLoss(tensors: Tensors, model: tf.Sequential): () => tf.Scalar {
  const [x, y] = ["x", "y"].map((name) => tf.tensor(need(tensors, name).data, need(tensors, name).shape));
  if (x === undefined || y === undefined) throw new Error("No data.");
  return () => tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor).asScalar();
}

function textLoss(work: Work, tensors: Tensors, model: tf.Sequential): () => tf.Scalar {
  const { T, B, I } = work;
  const V = work.kind === "characters" ? work.V : 0;
  const oneHot = (name: string) => tf.oneHot(tf.tensor1d(need(tensors, name).ids, "int32"), V).toFloat();
  const [x, y] = [oneHot("x"), oneHot("y")];
  const table = tf.variable(tf.tensor2d(need(tensors, "embedding.weight").data, [V, I]));
  return () => {
    const rows = tf.matMul(x, table as unknown as tf.Tensor2D).reshape([B, T, I]);
    const logits = (model.apply(rows, { training: true }) as tf.Tensor).reshape([B * T, V]);
    return tf.losses.softmaxCrossEntropy(y, logits).asScalar();
  };
}

await serve({
  about: () => `TensorFlow.js ${tf.version.tfjs}`,
  prepare: (work, tensors) =>
    work.kind === "forward"
      ? forward(work, tensors)
      : work.kind === "step"
        ? step(work, tensors)
        : train(work, tensors),
});
