import { beforeAll, describe, test } from "vitest";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  Lion,
  Nadam,
  type Optimizer,
  type OptimizerOptions,
  RAdam,
  Random,
  RMSprop,
  SGD,
} from "../../src/index.ts";
import { adamState, adamStep, sgdStep } from "../reference/optimizers.ts";
import {
  adadelta,
  adagrad,
  adamax,
  decayed,
  type Element,
  lion,
  nadam,
  radam,
  rmsprop,
  type Vector,
  vectorOf,
} from "../reference/optimizers-adaptive.ts";
import { expectClose, f64, loadCore, named, randomTensor } from "../support/layers.ts";
import { denseVector } from "../support/layers-training.ts";

/** Parameters near 1, rounded to 6e-8 in each of twelve updates. */
const TOLERANCE = { absolute: 2e-6, relative: 1e-5 };
const N = 37;
const KERAS = { preset: "keras" } as const;
const PYTORCH = { preset: "pytorch" } as const;

/** Twelve updates, the learning rate halved after every third one. */
function follows(optimizer: Optimizer, twin: Vector): void {
  const random = new Random(1);
  const { layer, setGradient } = denseVector(N);
  let expected = f64(named(layer.getWeights(), "weight"));
  for (let step = 0; step < 12; step++) {
    if (step % 3 === 2) optimizer.learningRate /= 2;
    const gradient = randomTensor(random, N);
    setGradient(gradient.data);
    optimizer.apply([layer]);
    expected = twin(expected, f64(gradient), optimizer.learningRate);
    expectClose(named(layer.getWeights(), "weight").data, expected, `after update ${step + 1}`, TOLERANCE);
  }
  optimizer.dispose();
  layer.dispose();
}

/** What has no golden of its framework. */
const rows: readonly (readonly [string, Optimizer, () => Element])[] = [
  ["RMSprop with momentum, Keras", new RMSprop({ momentum: 0.9 }), () => rmsprop({ ...KERAS, momentum: 0.9 })],
  [
    "RMSprop, centered, with momentum, Keras",
    new RMSprop({ rho: 0.8, momentum: 0.5, centered: true, epsilon: 1e-3 }),
    () => rmsprop({ ...KERAS, rho: 0.8, momentum: 0.5, centered: true, epsilon: 1e-3 }),
  ],
  ["Adagrad, Keras", new Adagrad({ learningRate: 0.1 }), () => adagrad(KERAS)],
  [
    "Adagrad from 0 with decaying rate, Keras",
    new Adagrad({ learningRate: 0.1, initialAccumulator: 0, learningRateDecay: 0.5 }),
    () => adagrad({ ...KERAS, initialAccumulator: 0, learningRateDecay: 0.5 }),
  ],
  ["Adamax, Keras", new Adamax({ learningRate: 0.01 }), () => adamax(KERAS)],
  ["RAdam, Keras", new RAdam({ learningRate: 0.01 }), () => radam(KERAS)],
  ["RAdam that is never rectified", new RAdam({ beta2: 0.5 }), () => radam({ ...KERAS, beta2: 0.5 })],
  ["Nadam, beta1 0", new Nadam({ beta1: 0, ...PYTORCH }), () => nadam({ ...PYTORCH, beta1: 0 })],
  ["Lion", new Lion({ learningRate: 0.01 }), () => lion()],
  ["Lion with other betas", new Lion({ beta1: 0.5, beta2: 0.8 }), () => lion({ beta1: 0.5, beta2: 0.8 })],
];

/** Adam and SGD of the twins are steps over a vector: one of length 1. */
const adam = (): Element => {
  let state = adamState(1);
  return (p, g, learningRate) => {
    const [parameters, gradients] = [Float64Array.of(p), Float64Array.of(g)];
    const result = adamStep({ ...KERAS, parameters, gradients, state, learningRate });
    state = result.state;
    return result.parameters[0] ?? Number.NaN;
  };
};
const sgd: Element = (p, g, learningRate) =>
  sgdStep({ ...KERAS, parameters: Float64Array.of(p), gradients: Float64Array.of(g), velocity: new Float64Array(1), learningRate }).parameters[0] ?? Number.NaN; // biome-ignore format: a row

const decaying: readonly (readonly [string, (options: OptimizerOptions) => Optimizer, () => Element])[] = [
  ["Adadelta", (options) => new Adadelta(options), () => adadelta(KERAS)],
  ["Adagrad", (options) => new Adagrad(options), () => adagrad(KERAS)],
  ["Adam", (options) => new Adam(options), adam],
  ["Adamax", (options) => new Adamax(options), () => adamax(KERAS)],
  ["Lion", (options) => new Lion(options), () => lion()],
  ["Nadam", (options) => new Nadam(options), () => nadam(KERAS)],
  ["RAdam", (options) => new RAdam(options), () => radam(KERAS)],
  ["RMSprop", (options) => new RMSprop(options), () => rmsprop(KERAS)],
  ["SGD", (options) => new SGD(options), () => sgd],
];

beforeAll(async () => {
  await loadCore();
});

describe("optimizers against their formulas, learning rate changed between steps: twelve updates to 2e-6 + 1e-5 relative", () => {
  test.each(rows)("%s", (_, optimizer, element) => {
    follows(optimizer, vectorOf(N, element));
  });

  test.each(decaying)("%s with Keras's weight decay, taken from the weights", (_, make, element) => {
    follows(
      make({ weightDecay: 0.5, learningRate: 0.1 }),
      vectorOf(N, () => decayed("keras", 0.5, element())),
    );
  });

  test("Lion of PyTorch's preset takes weight decay from the weights too", () => {
    const element = () => decayed("keras", 0.5, lion());
    follows(new Lion({ ...PYTORCH, weightDecay: 0.5, learningRate: 0.1 }), vectorOf(N, element));
  });
});

describe("defaults", () => {
  test.each([
    [Adadelta, 0.001, 1],
    [Adagrad, 0.001, 0.01],
    [Adamax, 0.001, 0.002],
    [Lion, 0.001, 0.001],
    [Nadam, 0.001, 0.002],
    [RAdam, 0.001, 0.001],
    [RMSprop, 0.001, 0.01],
  ] as const)("learning rates of %o: %d in Keras, %d in PyTorch", (Class, keras, pytorch) => {
    expectClose([new Class().learningRate, new Class(PYTORCH).learningRate], [keras, pytorch], "rates", {
      absolute: 0,
      relative: 0,
    });
  });
});
