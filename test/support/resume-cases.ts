/** Trainings that are ended anywhere and gone on with in another process. */
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  type BatchArrays,
  CosineDecay,
  Dense,
  Dropout,
  ExponentialDecay,
  type FitOptions,
  Lion,
  LSTM,
  Nadam,
  type Optimizer,
  RAdam,
  RMSprop,
  Sequential,
  SGD,
  TimeDistributed,
  tensor,
} from "../../src/index.ts";
import { type AnyModel, EXAMPLES, type Example, ids, numbers, only } from "./saved-models.ts";

/** A model and what it is trained on. */
export interface Training {
  readonly make: () => Example;
  readonly options?: FitOptions;
  /** In place of arrays: batches one by one. */
  readonly batches?: boolean;
}

export const EPOCHS = 4;
const BATCH = 3;

/** A checkpoint of a training, and what came of it; names of files. */
export interface Resume {
  readonly training: string;
  readonly initialEpoch: number;
  readonly from: string;
  readonly to: string;
}

/** Every kind of noise, order and metric with state. */
function recurrent(optimizer: Optimizer): Example {
  const layers = [
    new LSTM({ units: 5, dropout: 0.2, recurrentDropout: 0.2, returnSequences: true }),
    new TimeDistributed({ layer: new Dropout({ rate: 0.1 }) }),
    new LSTM({ units: 3 }),
    new Dropout({ rate: 0.25 }),
    new Dense({ units: 1, activation: "sigmoid" }),
  ];
  const model = new Sequential(layers, { inputShape: [null, 2], seed: 5 });
  model.compile({ optimizer, loss: "binaryCrossentropy", metrics: ["auc", "accuracy", "precision", "f1"] });
  const y = tensor(Float32Array.from(ids(3, 2, 12, 1).data), [12, 1]);
  return { model, x: [numbers(1, 12, 6, 2)], y: [y] };
}

/** Each step of a sequence has its target; `stateful` layers go on from batch to batch. */
function steps(stateful: boolean): Example {
  const layers = [
    new LSTM({ units: 4, returnSequences: true, stateful, dropout: 0.1 }),
    new LSTM({ units: 3, returnSequences: true, recurrentDropout: 0.1 }),
    new Dense({ units: 2 }),
  ];
  const model = new Sequential(layers, { inputShape: [null, 2], seed: 6 });
  model.compile({ optimizer: "adam", loss: "mse", metrics: ["mae"] });
  return { model, x: [numbers(1, 12, 8, 2)], y: [numbers(2, 12, 8, 2)] };
}

const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = {
  adam: () => new Adam(),
  amsgrad: () => new Adam({ amsgrad: true, preset: "pytorch", weightDecay: 0.01 }),
  adamW: () => new AdamW({ learningRate: 0.01 }),
  adamax: () => new Adamax(),
  nadam: () => new Nadam(),
  radam: () => new RAdam({ beta2: 0.9 }),
  lion: () => new Lion(),
  adagrad: () => new Adagrad({ learningRateDecay: 0.1 }),
  adadelta: () => new Adadelta({ learningRate: 1 }),
  sgd: () => new SGD(),
  "sgd with momentum": () => new SGD({ momentum: 0.9, nesterov: true, clipValue: 0.01 }),
  "rmsprop centered, with momentum": () => new RMSprop({ centered: true, momentum: 0.5 }),
  "averages of the weights": () => new Adam({ useEma: true, emaMomentum: 0.9 }),
  "averages that overwrite the weights": () => new SGD({ momentum: 0.9, useEma: true, emaOverwriteFrequency: 3 }),
  "a cosine schedule with warmup": () => {
    const schedule = { initialLearningRate: 0, warmupTarget: 0.01, warmupSteps: 3, decaySteps: 12, alpha: 0.1 };
    return new Adam({ learningRate: new CosineDecay(schedule) });
  },
  "an exponential schedule": () => {
    const schedule = { initialLearningRate: 0.01, decaySteps: 3, decayRate: 0.7, staircase: true };
    return new RMSprop({ learningRate: new ExponentialDecay(schedule) });
  },
};

const example = (name: keyof typeof EXAMPLES) => (EXAMPLES[name] as () => Example)();

export const TRAININGS: Readonly<Record<string, Training>> = {
  ...Object.fromEntries(
    Object.entries(OPTIMIZERS).map(([name, make]) => [name, { make: () => recurrent(make()) }] as const),
  ),
  "truncated steps": { make: () => steps(false), options: { truncatedSteps: 3 } },
  "truncated steps of stateful layers": { make: () => steps(true), options: { truncatedSteps: 3, shuffle: false } },
  "stateful layers": { make: () => steps(true), options: { shuffle: false } },
  "gradients of three batches": { make: () => recurrent(new Adam()), options: { gradientAccumulationSteps: 3 } },
  "gradients of four pieces": {
    make: () => steps(false),
    options: { truncatedSteps: 3, gradientAccumulationSteps: 4 },
  },
  "validation, weights and lengths": {
    make: () => recurrent(new Adam()),
    options: {
      validationData: [numbers(7, 5, 6, 2), tensor(Float32Array.from(ids(8, 2, 5, 1).data), [5, 1])],
      validationFrequency: 2,
      classWeight: { 1: 2 },
      lengths: [6, 5, 4, 3, 2, 1, 6, 5, 4, 3, 2, 1],
    },
  },
  "batches one by one": { make: () => recurrent(new Adam()), batches: true },
  "two batches an epoch": { make: () => recurrent(new Adam()), options: { stepsPerEpoch: 2 } },
  "a chain of all layers": { make: () => example("chain"), options: { shuffle: false } },
  tokens: { make: () => example("tokens") },
  "branches and shared layers": { make: () => example("branches"), options: { gradientAccumulationSteps: 2 } },
  "steps in steps": { make: () => example("nested") },
};

/** Trains a model of a training; of its own, or a loaded one. */
export async function train(
  { options, batches }: Training,
  model: AnyModel,
  { x, y }: Example,
  more: FitOptions,
): Promise<{ readonly epoch: readonly number[]; readonly history: Readonly<Record<string, readonly number[]>> }> {
  const all = { batchSize: BATCH, epochs: EPOCHS, verbose: 0, ...options, ...more } as const;
  if (!batches) return model.fit(only(x), only(y), all);
  const { batchSize: _, ...others } = all;
  return model.fit(() => batchesOf(x, y), others);
}

function* batchesOf([x]: Example["x"], [y]: Example["y"]): Generator<BatchArrays> {
  const cut = (all: Example["x"][number] | undefined, from: number) => {
    const { data, shape } = all as Example["x"][number];
    const width = data.length / (shape[0] ?? 1);
    return { data: data.slice(from * width, (from + BATCH) * width), shape: [BATCH, ...shape.slice(1)] };
  };
  for (let from = 0; from < 12; from += BATCH) yield { x: cut(x, from), y: cut(y, from) };
}
