import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  Huber,
  KLDivergence,
  LogCosh,
  type Loss,
  type LossValue,
  MeanAbsoluteError,
  MeanSquaredError,
  meanSquaredError,
  Poisson,
  Random,
  SparseCategoricalCrossentropy,
  sparseCategoricalCrossentropy,
  tensor,
} from "../../src/index.ts";
import { type LossConfig, resolveLoss } from "../../src/losses/resolve.ts";
import * as twin from "../reference/losses.ts";
import { expectClose, f32, f64, loadCore, RANDOM_SHAPES, randomTensor } from "../support/layers.ts";
import { wrong } from "../support/layers-errors.ts";
import { FRAMEWORK_LOSSES, type LossCase, MORE_LOSSES, rowOf } from "../support/loss-golden.ts";

/** Inputs are rounded to float32, elements and the gradient once more; sums are float64. */
const TOLERANCE = { absolute: 2e-6, relative: 1e-5 };

const upTo = (max: number) => fc.integer({ min: 1, max });

function expectLoss(actual: LossValue, { value, gradient }: twin.Loss): void {
  expectClose([actual.value], [value], "value", TOLERANCE);
  expectClose(actual.gradient.data, gradient, "gradient", TOLERANCE);
}

function compute(loss: Loss, { N, F, prediction, target, weights }: twin.LossInputs): LossValue {
  const wanted = loss.targets === "labels" ? tensor(Int32Array.from(target)) : f32(target, N, F);
  const options = weights === undefined ? {} : { sampleWeight: f32(weights, N) };
  return loss.compute(f32(prediction, N, F), wanted, options);
}

const lossOf = ({ name, options }: Pick<LossCase, "name" | "options">): Loss =>
  resolveLoss("test", { name, ...options } as LossConfig);

beforeAll(async () => {
  await loadCore();
});

const cases = [...FRAMEWORK_LOSSES, ...MORE_LOSSES];

describe("losses against PyTorch and Keras: value and gradient to 2e-6 + 1e-5 relative", () => {
  test.each(cases)("$title", (golden) => {
    expectLoss(compute(lossOf(golden), golden.inputs), golden);
  });

  test.each(cases.filter(({ rows }) => rows))("$title: each row by itself", (golden) => {
    const loss = lossOf(golden);
    for (const [n, value] of golden.rows?.entries() ?? []) {
      expectClose([compute(loss, rowOf(golden, n)).value], [value], `row ${n}`, TOLERANCE);
    }
  });
});

interface Drawn {
  readonly loss: Loss;
  readonly name: LossCase["name"];
  readonly options: twin.LossOptions;
  /** Predictions from numbers in [-1, 1), scaled where any scale will do. */
  readonly y: (u: number, scale: number) => number;
  readonly t?: (u: number) => number;
}

const scaled = (u: number, scale: number) => scale * u;
const probability = (u: number) => 0.5 + 0.45 * u;
const positive = (u: number) => 1.05 + u;
const smooth = { labelSmoothing: 0.125 };

const drawn: readonly Drawn[] = [
  { loss: new MeanSquaredError(), name: "meanSquaredError", options: {}, y: scaled },
  { loss: new MeanAbsoluteError(), name: "meanAbsoluteError", options: {}, y: scaled },
  { loss: new Huber(), name: "huber", options: {}, y: scaled },
  { loss: new Huber({ delta: 0.25 }), name: "huber", options: { delta: 0.25 }, y: scaled },
  { loss: new LogCosh(), name: "logCosh", options: {}, y: scaled },
  { loss: new Poisson(), name: "poisson", options: {}, y: positive, t: positive },
  { loss: new KLDivergence(), name: "klDivergence", options: {}, y: probability, t: probability },
  { loss: new BinaryCrossentropy(smooth), name: "binaryCrossentropy", options: smooth, y: probability, t: probability },
  {
    loss: new BinaryCrossentropy({ fromLogits: true, positiveWeight: 3 }),
    name: "binaryCrossentropy",
    options: { fromLogits: true, positiveWeight: 3 },
    y: scaled,
    t: probability,
  },
  { loss: new CategoricalCrossentropy(), name: "categoricalCrossentropy", options: {}, y: positive, t: probability },
  {
    loss: new CategoricalCrossentropy({ fromLogits: true, ...smooth }),
    name: "categoricalCrossentropy",
    options: { fromLogits: true, ...smooth },
    y: scaled,
    t: probability,
  },
  { loss: new SparseCategoricalCrossentropy(), name: "sparseCategoricalCrossentropy", options: {}, y: positive },
  {
    loss: new SparseCategoricalCrossentropy({ fromLogits: true }),
    name: "sparseCategoricalCrossentropy",
    options: { fromLogits: true },
    y: scaled,
  },
  {
    loss: new SparseCategoricalCrossentropy({ fromLogits: true, ...smooth, ignoreIndex: 0 }),
    name: "sparseCategoricalCrossentropy",
    options: { fromLogits: true, ...smooth, ignoreIndex: 0 },
    y: scaled,
  },
];

describe(`losses against the float64 twins, ${RANDOM_SHAPES} random shapes: to 2e-6 + 1e-5 relative`, () => {
  const sizes = fc.tuple(upTo(40), fc.oneof(upTo(12), upTo(140)), fc.constantFrom(0.01, 1, 50), fc.boolean());

  test.each(drawn)("$name $options", ({ loss, name, options, y, t = (u) => u }) => {
    fc.assert(
      fc.property(sizes, upTo(2 ** 31), ([N, F, scale, weighted], seed) => {
        const random = new Random(seed);
        const prediction = f64(f32(randomTensor(random, N, F).data.map((u) => y(u, scale)), N, F)); // biome-ignore format: short
        const rows = f64(f32(randomTensor(random, N, F).data.map(t), N, F));
        const target = loss.targets === "labels" ? Array.from({ length: N }, () => random.integer(F)) : rows;
        const weights = weighted ? Array.from({ length: N }, () => random.integer(5) / 2) : undefined;
        const inputs = { N, F, prediction, target, weights };
        expectLoss(compute(loss, inputs), twin.loss(name, options, inputs));
      }),
      { numRuns: RANDOM_SHAPES },
    );
  });

  test.each(drawn)("$name: its config makes an equal loss", ({ loss, name }) => {
    const again = resolveLoss("test", wrong({ name, ...JSON.parse(JSON.stringify(loss.config())) }));
    expect([again.name, again.config(), again.targets]).toEqual([loss.name, loss.config(), loss.targets]);
  });
});

/** Differences of width 2^-7 of a value near 1, rounded in its inputs only: truncation is h^2 / 6 = 1e-5. */
describe("losses against finite differences through their own values", () => {
  const width = 2 ** -7;
  const differences = (x: Float32Array, value: () => number) =>
    Array.from(x, (original, n) => {
      x[n] = original + width;
      const above = value();
      x[n] = original - width;
      const below = value();
      x[n] = original;
      return (above - below) / (2 * width);
    });

  test("gradients of sequences to 1e-4", () => {
    const random = new Random(4);
    const [y, target] = [randomTensor(random, 2, 3, 5), randomTensor(random, 2, 3, 5)];
    const labels = tensor([[0, 4, 2], [1, 1, 3]]); // biome-ignore format: short
    const sampleWeight = [0.5, 2];
    const weighted = new SparseCategoricalCrossentropy({ fromLogits: true, classWeights: [1, 2, 3, 4, 5] });
    for (const loss of [
      () => meanSquaredError(y, target),
      () => sparseCategoricalCrossentropy(y, labels),
      () => weighted.compute(y, labels, { sampleWeight }),
      () => new LogCosh().compute(y, target, { sampleWeight }),
    ]) {
      const { gradient } = loss();
      expect(gradient.shape).toEqual([2, 3, 5]);
      const expected = differences(y.data as Float32Array, () => loss().value);
      expectClose(gradient.data, expected, "gradient", { absolute: 1e-4, relative: 0 });
    }
  });
});

describe("losses at the edges", () => {
  test("logits of 1000 and -1000: exact value and gradient", () => {
    const { value, gradient } = sparseCategoricalCrossentropy([[1000, -1000], [1000, -1000]], [0, 1]); // biome-ignore format: short
    expect(value).toBe(1000);
    expect([...gradient.data]).toEqual([0, 0, 0.5, -0.5]);
  });

  test("one class costs nothing", () => {
    expect(sparseCategoricalCrossentropy([[3], [-7]], [0, 0])).toEqual({ value: 0, gradient: f32([0, 0], 2, 1) });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("a prediction of %s gives a value that is not finite", (bad) => {
    expect(meanSquaredError([[1, bad]], [[1, 2]]).value).not.toSatisfy(Number.isFinite);
    for (const label of [0, 1]) {
      expect(sparseCategoricalCrossentropy([[bad, 1]], [label]).value).not.toSatisfy(Number.isFinite);
    }
  });

  test("a scalar and a vector are predictions too; the result is a copy", () => {
    expect(meanSquaredError(tensor(3), tensor(1))).toEqual({ value: 4, gradient: tensor(4) });
    const first = meanSquaredError([1, 2], [0, 0]).gradient;
    meanSquaredError([5, 5], [0, 0]);
    expect(first).toEqual(f32([1, 2], 2));
  });

  test("predictions of 0 and 1 are clipped: the value is finite, their gradient 0", () => {
    const { value, gradient } = new BinaryCrossentropy().compute([[0, 1, 0, 1]], [[0, 1, 1, 0]]);
    expectClose([value], [(-Math.log(1e-7) * 2 + 2e-7) / 4], "value", TOLERANCE);
    expect([...gradient.data]).toEqual([0, 0, 0, 0]);
    const wrongly = new SparseCategoricalCrossentropy().compute([[1, 0]], [1]);
    expectClose([wrongly.value], [-Math.log(1e-7)], "value", TOLERANCE);
    expect([...wrongly.gradient.data].map(Math.abs)).toEqual([0, 0]);
  });

  test("where all labels are ignored, and where all weights are 0, value and gradient are 0", () => {
    const loss = new SparseCategoricalCrossentropy({ ignoreIndex: -1, fromLogits: true });
    const nothing = { value: 0, gradient: f32([0, 0, 0, 0], 2, 2) };
    expect(loss.compute([[1, 2], [3, 4]], [-1, -1])).toEqual(nothing); // biome-ignore format: short
    expect(loss.compute([[1, 2], [3, 4]], [0, 1], { sampleWeight: [0, 0] })).toEqual(nothing); // biome-ignore format: short
  });

  test("labels and weights of the caller are not changed", () => {
    const [labels, sampleWeight] = [Int32Array.of(1, 0), Float32Array.of(1, 2)];
    const loss = new SparseCategoricalCrossentropy({ ignoreIndex: 1, fromLogits: true });
    loss.compute([[1, 2], [3, 4]], labels, { sampleWeight }); // biome-ignore format: short
    expect([...labels, ...sampleWeight]).toEqual([1, 0, 1, 2]);
  });
});
