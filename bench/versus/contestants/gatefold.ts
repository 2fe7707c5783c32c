/** gatefold as an application has it: the built package, through its public API. The argument is the options of `init`, as JSON. */
import type * as Gatefold from "../../../src/index.ts";
import { EPSILON, LEARNING_RATE } from "../protocol.ts";
import type { Work } from "../works.ts";
import { serve, type Task } from "./serve.ts";
import { need, type Tensors } from "./tensors.ts";

const { Adam, Dense, Embedding, init, LSTM, Sequential, SparseCategoricalCrossentropy, tensor }: typeof Gatefold =
  await import(new URL("../../../build/index.js", import.meta.url).href);
const wanted: Gatefold.InitOptions = JSON.parse(process.argv[2] ?? "{}");
const info = await init(wanted);
const memoryBytes = () => info.memoryBytes;

function lstmWeights(tensors: Tensors, name: string) {
  return {
    weight_ih: need(tensors, `${name}.weight_ih`),
    weight_hh: need(tensors, `${name}.weight_hh`),
    bias_ih: need(tensors, `${name}.bias`),
    bias_hh: tensor(new Float32Array(need(tensors, `${name}.bias`).data.length), need(tensors, `${name}.bias`).shape),
  };
}

function forward({ I, H, B }: Work, tensors: Tensors): Task {
  const lstm = new LSTM({ units: H, inputSize: I, returnSequences: true });
  const model = new Sequential([lstm]);
  lstm.setWeights(lstmWeights(tensors, "lstm0"));
  const { data, shape } = need(tensors, "x");
  const x = tensor(data, shape);
  const run = () => model.predict(x, { batchSize: B }).data;
  return { run, outputs: run, memoryBytes };
}

function step({ I, H, T }: Work, tensors: Tensors): Task {
  const lstm = new LSTM({ units: H, inputSize: I });
  const model = new Sequential([lstm]);
  lstm.setWeights(lstmWeights(tensors, "lstm0"));
  const { data } = need(tensors, "x");
  const steps = Array.from({ length: T }, (_, t) => data.slice(t * I, (t + 1) * I));
  const stream = model.stream();
  let t = 0;
  const run = () => stream.step(steps[t++ % T] as Float32Array);
  const outputs = () => {
    stream.reset();
    const result = new Float32Array(T * H);
    for (t = 0; t < T; ) result.set(run(), (t - 1) * H);
    return result;
  };
  return { run, outputs, memoryBytes };
}

function train(work: Work, tensors: Tensors): Task {
  const { I, H } = work;
  const lstms = [
    new LSTM({ units: H, returnSequences: true }),
    new LSTM({ units: H, returnSequences: work.kind === "characters" }),
  ];
  const dense = new Dense({ units: work.kind === "characters" ? work.V : 1 });
  const embedding = work.kind === "characters" ? [new Embedding({ inputDim: work.V, outputDim: I })] : [];
  const model = new Sequential([...embedding, ...lstms, dense], {
    inputShape: work.kind === "characters" ? [null] : [null, I],
  });
  embedding[0]?.setWeights({ weight: need(tensors, "embedding.weight") });
  for (const [i, lstm] of lstms.entries()) lstm.setWeights(lstmWeights(tensors, `lstm${i}`));
  dense.setWeights({ weight: need(tensors, "dense.weight"), bias: need(tensors, "dense.bias") });
  model.compile({
    optimizer: new Adam({ preset: "pytorch", learningRate: LEARNING_RATE, epsilon: EPSILON, globalClipNorm: null }),
    loss: work.kind === "characters" ? new SparseCategoricalCrossentropy({ fromLogits: true }) : "meanSquaredError",
  });
  const of = (name: string) => {
    const { data, ids, shape } = need(tensors, name);
    return tensor(work.kind === "characters" ? ids : data, shape);
  };
  const [x, y] = [of("x"), of("y")];
  const loss = () => model.trainOnBatch(x, y).loss ?? Number.NaN;
  return { run: loss, loss, memoryBytes };
}

/** What was asked for and could not be had. */
function missing(): string | undefined {
  if (wanted.turbo === true && !info.turbo) return "no turbo here";
  return wanted.threads !== undefined && info.threads !== wanted.threads ? "no threads here" : undefined;
}

await serve({
  about: () => {
    const [node] = process.version.split(".");
    return `gatefold ${info.variant}${info.turbo ? " turbo" : ""}, ${info.threads} thread${info.threads === 1 ? "" : "s"}, Node ${node?.slice(1)}`;
  },
  prepare: (work, tensors) => {
    if (work.kind === "forward") return missing() ?? forward(work, tensors);
    return missing() ?? (work.kind === "step" ? step(work, tensors) : train(work, tensors));
  },
});
