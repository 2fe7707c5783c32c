/** Options of layers, alone and in models. */
import {
  Activation,
  Add,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  input,
  type Layer,
  LayerNormalization,
  LSTM,
  Masking,
  Model,
  Multiply,
  Sequential,
  SGD,
  SimpleRNN,
  type Tensor,
  TimeDistributed,
} from "../../src/index.ts";
import { labels, numbers, type Observe, onesLike, outcome, type Part, type Row, rows } from "./walk-row.ts";

type Recurrent = typeof LSTM | typeof SimpleRNN;
type RowWise = Dense | Activation | Dropout | LayerNormalization;

const x = () => numbers(2, 4, 3);

/** What a row-wise layer gives, its gradients, its weights after a step, and how it calls itself. */
function rowWise(make: (part: Part) => RowWise): Observe {
  return async (part) => {
    const layer = make(part);
    const size = layer instanceof Dense || layer instanceof LayerNormalization ? layer.inputSize : undefined;
    const y = await outcome(() => layer.forward(x(), { training: true }));
    if (typeof y === "string") return y;
    const { input: dx } = layer.backward(onesLike(y as Tensor));
    const gradients = layer.getGradients();
    if (layer.block !== undefined) new SGD().apply([layer]);
    return [layer.label, size, y, dx, gradients, layer.getWeights()];
  };
}

/** The same of a recurrent layer. */
function recurrent(Class: Recurrent): Observe {
  return (part) => {
    const layer = new Class({ units: 3, ...part });
    const size = layer.inputSize;
    const { output, ...states } = layer.forward(x(), { training: true });
    const d = layer.backward({ output: onesLike(output) });
    const gradients = layer.getGradients();
    new SGD().apply([layer]);
    return [layer.label, size, output, states, d, gradients, layer.getWeights()];
  };
}

/** Two updates of a model around a layer, and two predictions. */
function inModel(make: (part: Part) => readonly Layer[], inputs: () => Tensor = x): Observe {
  return (part) =>
    outcome(() => {
      const model = new Sequential([...make(part), new Dense({ units: 1, name: "last" })], { seed: 5 });
      model.compile({ optimizer: { name: "sgd", learningRate: 0.5 }, loss: sumOfOutputs });
      const first = model.predict(inputs());
      const target = onesLike(first);
      const logs = [model.trainOnBatch(inputs(), target), model.trainOnBatch(inputs(), target)];
      return [first, model.predict(inputs()), logs, model.getWeights(), model.summary({ print: null })];
    });
}

/** A loss whose gradient is never 0. */
function sumOfOutputs({ data, shape }: Tensor<Float32Array>) {
  const value = data.reduce((sum, y) => sum + y, 0) / (shape[0] ?? 1);
  return { value, gradient: { data: new Float32Array(data.length).fill(1 / (shape[0] ?? 1)), shape } };
}

/** Options that recurrent layers share, as each observer sees them. */
function recurrentRows(Class: Recurrent): readonly Row[] {
  const own = Class === LSTM ? { recurrentActivation: ["sigmoid", "relu"], unitForgetBias: [true, false] } : {};
  const everywhere = {
    units: [3, 4],
    seed: [undefined, 2],
    returnSequences: [false, true],
    goBackwards: [false, true],
    activation: ["tanh", "relu"],
    dropout: [0, 0.5],
    recurrentDropout: [0, 0.5],
    useBias: [true, false],
    doubleBias: [false, true],
    ...own,
  } as Record<string, readonly [unknown, unknown]>;
  const layer = (part: Part) => new Class({ units: 3, ...part });
  const noisy = (part: Part) => [new Class({ units: 3, dropout: 0.5, ...part })];
  const state = (part: Part) => {
    const symbols = layer(part).apply(input({ shape: [null, 3] }));
    return outcome(() => new Model({ inputs: input({ shape: [1] }), outputs: symbols.hidden as never }));
  };
  return [
    ...rows(Class.name, recurrent(Class), { name: [undefined, "other"], inputSize: [undefined, 3], ...everywhere }),
    ...rows(Class.name, (part) => inModel(() => [layer(part)])(part), everywhere),
    ...rows(Class.name, inModel(noisy), { name: [undefined, "other"], seed: [undefined, 9] }),
    ...rows(
      Class.name,
      inModel((part) => [layer(part)]),
      { stateful: [false, true], inputSize: [undefined, 2] },
    ),
    ...rows(Class.name, state, { returnState: [false, true] }),
    ...rows(`${Class.name}.forward`, forward(Class), {
      training: [false, true],
      initialState: [undefined, { hidden: [[1, 1, 1], [1, 1, 1]], ...(Class === LSTM && { cell: [[1, 1, 1], [0, 0, 0]] }) }], // biome-ignore format: one state
      lengths: [undefined, [2, 3]],
    }),
    ...rows(`${Class.name}.apply`, applied(Class), { initialState: [undefined, "state"] }),
  ];
}

/** With dropout, so that training shows in the result, and whether backward may follow. */
function forward(Class: Recurrent): Observe {
  return async (part) => {
    const layer = new Class({ units: 3, dropout: 0.5 });
    return [layer.forward(x(), part), await outcome(() => layer.backward({ hidden: numbers(2, 3) }))];
  };
}

/** A model whose second layer starts from the states of the first where the option says so. */
function applied(Class: Recurrent): Observe {
  return ({ initialState }) => {
    const symbol = input({ shape: [null, 3] });
    const { hidden, cell } = new Class({ units: 3, seed: 1, returnState: true }).apply(symbol) as Part;
    const state = initialState === undefined ? undefined : { hidden, ...(Class === LSTM && { cell }) };
    const second = new Class({ units: 3, seed: 1 }).apply(symbol, { initialState: state as never });
    return new Model({ inputs: symbol, outputs: second }).predict(x());
  };
}

const dense = (part: Part) => new Dense({ units: 2, ...part });
const embedding = (part: Part) => new Embedding({ inputDim: 4, outputDim: 2, ...part });
const named = { name: [undefined, "other"] } as const;
const ids = () => labels(4, 2, 4);

const embeddingAlone: Observe = async (part) => {
  const layer = embedding(part);
  const y = (await outcome(() => layer.forward([3, 1, 2], { training: true }))) as Tensor;
  return [layer.label, y, layer.getWeights()];
};

const masks: Observe = (part) => {
  const symbol = input({ shape: [null, 1] });
  const states = new SimpleRNN({ units: 2, seed: 1 }).apply(new Masking(part).apply(symbol));
  const model = new Model({ inputs: symbol, outputs: states });
  return [model.predict([[[1], [0], [5], [2]]]), model.summary({ print: null })];
};

function merged(Class: typeof Add | typeof Multiply | typeof Concatenate): readonly Row[] {
  const observe: Observe = (part) => {
    const symbol = input({ shape: [3] });
    return new Model({ inputs: symbol, outputs: new Class(part).apply([symbol, symbol]) }).summary({ print: null });
  };
  return rows(Class.name, observe, named);
}

/** The result in training or not, and whether backward may follow. */
const trains = (make: () => RowWise | Embedding, inputs: () => Tensor = x): Observe => {
  return async (part) => {
    const layer = make();
    const y = layer.forward(inputs(), part);
    return [y, await outcome(() => layer.backward(onesLike(y)))];
  };
};

const training = { training: [false, true] } as const;
const distributed = (part: Part) => [new TimeDistributed({ layer: new Dense({ units: 2, name: "inner" }), ...part })];

export const LAYER_ROWS: readonly Row[] = [
  ...recurrentRows(LSTM),
  ...recurrentRows(SimpleRNN),
  ...rows("Dense", rowWise(dense), { ...named, seed: [undefined, 2], units: [2, 3], inputSize: [undefined, 3], activation: ["linear", "tanh"], useBias: [true, false] }), // biome-ignore format: one call
  ...rows("Dense", inModel((part) => [dense(part)]), { ...named, seed: [undefined, 2], units: [2, 3], inputSize: [undefined, 5], activation: ["linear", "softmax"], useBias: [true, false] }), // biome-ignore format: one call
  ...rows("Embedding", embeddingAlone, { ...named, seed: [undefined, 2], inputDim: [4, 3], outputDim: [2, 3] }),
  ...rows("Embedding", inModel((part) => [embedding(part), new SimpleRNN({ units: 2 })], ids), { ...named, seed: [undefined, 2], inputDim: [4, 3], outputDim: [2, 3], maskZero: [false, true] }), // biome-ignore format: one call
  ...rows("Dropout", rowWise((part) => new Dropout({ rate: 0.5, ...part })), { ...named, seed: [undefined, 2], rate: [0.5, 0.2] }), // biome-ignore format: one call
  ...rows("Dropout", inModel((part) => [new Dropout({ rate: 0.5, ...part })]), { ...named, seed: [undefined, 2], rate: [0.5, 0] }), // biome-ignore format: one call
  ...rows("Dropout", inModel((part) => [new TimeDistributed({ layer: new Dropout({ rate: 0.5, ...part }) })]), { seed: [undefined, 2] }), // biome-ignore format: one call
  ...rows("Activation", rowWise((part) => new Activation({ activation: "tanh", ...part })), { ...named, activation: ["tanh", "softmax"] }), // biome-ignore format: one call
  ...rows("Activation", inModel((part) => [new Activation({ activation: "tanh", ...part })]), { ...named, activation: ["linear", "relu"] }), // biome-ignore format: one call
  ...rows("LayerNormalization", rowWise((part) => new LayerNormalization(part)), { ...named, inputSize: [undefined, 3], epsilon: [0.001, 0.1] }), // biome-ignore format: one call
  ...rows("LayerNormalization", inModel((part) => [new LayerNormalization(part)]), { ...named, inputSize: [undefined, 5], epsilon: [0.001, 0.1] }), // biome-ignore format: one call
  ...rows("TimeDistributed", inModel(distributed), { ...named, layer: [new Dense({ units: 2, seed: 1 }), new Dense({ units: 2, seed: 2 })] }), // biome-ignore format: one call
  ...rows("Masking", masks, { ...named, maskValue: [0, 5] }),
  ...[Add, Multiply, Concatenate].flatMap(merged),
  ...rows("Dense.forward", trains(() => dense({})), training), // biome-ignore format: one call
  ...rows("Activation.forward", trains(() => new Activation({ activation: "tanh" })), training), // biome-ignore format: one call
  ...rows("Dropout.forward", trains(() => new Dropout({ rate: 0.5, seed: 1 })), training), // biome-ignore format: one call
  ...rows("LayerNormalization.forward", trains(() => new LayerNormalization()), training), // biome-ignore format: one call
  ...rows("Embedding.forward", trains(() => embedding({}), ids), training), // biome-ignore format: one call
];
