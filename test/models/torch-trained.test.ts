import { beforeAll, expect, test } from "vitest";
import {
  Adam,
  AdamW,
  Concatenate,
  Dense,
  Embedding,
  input,
  LayerNormalization,
  LSTM,
  Model,
  Multiply,
  Sequential,
  SGD,
  SparseCategoricalCrossentropy,
  type Tensor,
} from "../../src/index.ts";
import type { Arrays } from "../../src/training/read.ts";
import { tensorOf } from "../support/golden.ts";
import { type TrainedGolden, trainedGoldens } from "../support/golden-models.ts";
import { expectClose, f32, loadCore } from "../support/layers.ts";
import { backpropagate } from "../support/models.ts";

beforeAll(async () => {
  await loadCore();
});

/** Float32 against float64: about 1e-7 in the first loss, carried on through nine updates. */
const LOSSES = { absolute: 0, relative: 1e-5 };
const PARAMETERS = { absolute: 1e-5, relative: 1e-5 };

interface Case {
  readonly model: Model | Sequential;
  readonly x: Arrays;
  readonly y: Tensor;
  readonly lengths?: Int32Array;
  /** PyTorch's name for each of the model's layers. */
  readonly names: Readonly<Record<string, string>>;
}

function given({ inputs }: TrainedGolden, name: string): Tensor<Float32Array> {
  const { data, shape } = tensorOf(inputs, name);
  return f32(data, ...shape);
}

const BUILD: Readonly<Record<TrainedGolden["name"], (golden: TrainedGolden) => Case>> = {
  Tagger: (golden) => {
    const lstm = { units: 6, returnSequences: true, doubleBias: true };
    const layers = [
      new Embedding({ inputDim: 9, outputDim: 5 }),
      new LSTM(lstm),
      new LSTM(lstm),
      new Dense({ units: 4 }),
    ];
    const model = new Sequential(layers);
    const loss = new SparseCategoricalCrossentropy({ fromLogits: true, ignoreIndex: -100 });
    model.compile({ optimizer: optimizerOf(golden), loss });
    const lengths = Int32Array.from(given(golden, "lengths").data);
    const names = { embedding: "embedding", lstm: "lstm l0", lstm_1: "lstm l1", dense: "linear" };
    return { model, x: given(golden, "x"), y: given(golden, "y"), lengths, names };
  },
  Siamese: (golden) => {
    const [a, b] = [input({ shape: [null, 3], name: "a" }), input({ shape: [null, 3], name: "b" })];
    const lstm = new LSTM({ units: 5, doubleBias: true });
    const product = new Multiply().apply([lstm.apply(a), lstm.apply(b)]);
    const model = new Model({ inputs: [a, b], outputs: new Dense({ units: 2 }).apply(product) });
    model.compile({ optimizer: optimizerOf(golden), loss: "meanSquaredError" });
    return {
      model,
      x: [given(golden, "a"), given(golden, "b")],
      y: given(golden, "y"),
      names: { lstm: "lstm l0", dense: "linear" },
    };
  },
  Normalised: (golden) => {
    const x = input({ shape: [null, 4] });
    const before = new LayerNormalization({ epsilon: 1e-5, name: "before" }).apply(x);
    const states = new LSTM({ units: 7, returnSequences: true, doubleBias: true }).apply(before);
    const after = new LayerNormalization({ epsilon: 1e-5, name: "after" }).apply(states);
    const hidden = new Dense({ units: 6, activation: "tanh", name: "hidden" }).apply(
      new Concatenate().apply([after, before]),
    );
    const model = new Model({ inputs: x, outputs: new Dense({ units: 2, name: "linear" }).apply(hidden) });
    model.compile({ optimizer: optimizerOf(golden), loss: "meanSquaredError" });
    const names = { before: "before", after: "after", lstm: "lstm l0", hidden: "hidden", linear: "linear" };
    return { model, x: given(golden, "x"), y: given(golden, "y"), names };
  },
};

/** Without a limit that PyTorch has not: recurrent models would clip to 1. */
function optimizerOf({ optimizer: { name, config, clip_norm } }: TrainedGolden): Adam | AdamW | SGD {
  const shared = { preset: "pytorch", learningRate: config.lr, globalClipNorm: clip_norm ?? 1e30 } as const;
  if (name === "SGD") return new SGD({ ...shared, momentum: config.momentum });
  return name === "Adam" ? new Adam(shared) : new AdamW({ ...shared, weightDecay: config.weight_decay });
}

function torchName(names: Case["names"], own: string): string {
  const [layer = "", weight = ""] = own.split(".");
  const [torch = "", suffix] = (names[layer] ?? "").split(" ");
  return suffix === undefined ? `${torch}.${weight}` : `${torch}.${weight}_${suffix}`;
}

test.each(
  trainedGoldens().map((golden) => [golden.name, golden] as const),
)("%s of PyTorch, ten steps: losses, gradient norms and weights to 1e-5, by trainOnBatch and by fit", async (name, golden) => {
  for (const way of ["trainOnBatch", "fit"]) {
    const { model, x, y, lengths, names } = BUILD[name](golden);
    const load = Object.entries(model.getWeights()).map(([own, { shape }]) => {
      return [own, f32(tensorOf(golden.params, torchName(names, own)).data, ...shape)] as const;
    });
    model.setWeights(Object.fromEntries(load));
    const losses: number[] = [];
    const norms: number[] = [];
    if (way === "fit") {
      const { history } = await model.fit(x, y, { epochs: golden.losses.length, shuffle: false, verbose: 0, lengths });
      losses.push(...(history.loss ?? []));
    } else {
      for (let step = 0; step < golden.losses.length; step++) {
        const { gradients } = backpropagate(model, x, y, { lengths });
        const squares = Object.values(gradients).flatMap(({ data }) => Array.from(data, (g) => g * g));
        norms.push(Math.sqrt(squares.reduce((sum, square) => sum + square, 0)));
        losses.push(model.trainOnBatch(x, y, { lengths }).loss ?? Number.NaN);
      }
      expectClose(norms, golden.gradient_norms, `${way}: norms`, LOSSES);
    }
    expectClose(losses, golden.losses, `${way}: losses`, LOSSES);
    for (const [own, { data }] of Object.entries(model.getWeights())) {
      expectClose(data, tensorOf(golden.final, torchName(names, own)).data, `${way}: ${own}`, PARAMETERS);
    }
    model.dispose();
  }
  expect.hasAssertions();
});
