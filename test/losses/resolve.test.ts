import { beforeAll, describe, expect, test } from "vitest";
import { requireCore } from "../../src/core/context.ts";
import { place } from "../../src/core/plan.ts";
import {
  BinaryCrossentropy,
  Huber,
  type LossValue,
  MeanSquaredError,
  OptionError,
  ShapeError,
  SparseCategoricalCrossentropy,
  StateError,
  type Tensor,
  UnsupportedError,
} from "../../src/index.ts";
import { type LossName, resolveLoss } from "../../src/losses/resolve.ts";
import type { LossCall } from "../../src/losses/row-loss.ts";
import { f32, loadCore } from "../support/layers.ts";
import { expectRefusal, type Refusal, refusal, wrong } from "../support/layers-errors.ts";

beforeAll(async () => {
  await loadCore();
});

const names: readonly (readonly [LossName, string])[] = [
  ["meanSquaredError", "meanSquaredError"],
  ["mse", "meanSquaredError"],
  ["meanAbsoluteError", "meanAbsoluteError"],
  ["mae", "meanAbsoluteError"],
  ["huber", "huber"],
  ["logCosh", "logCosh"],
  ["poisson", "poisson"],
  ["klDivergence", "klDivergence"],
  ["binaryCrossentropy", "binaryCrossentropy"],
  ["categoricalCrossentropy", "categoricalCrossentropy"],
  ["sparseCategoricalCrossentropy", "sparseCategoricalCrossentropy"],
];

describe("resolveLoss", () => {
  test.each(names)("%s is %s, of probabilities if of any", (asked, name) => {
    const loss = resolveLoss("compile()", asked);
    expect(loss.name).toBe(name);
    expect(loss.fromLogits).toBe(false);
    expect(loss.targets).toBe(name.startsWith("sparse") ? "labels" : "values");
    expect(resolveLoss("compile()", { name: asked }).config()).toEqual(loss.config());
  });

  test("takes a loss as it is, and a record with options", () => {
    const loss = new Huber({ delta: 2 });
    expect(resolveLoss("compile()", loss)).toBe(loss);
    expect(resolveLoss("compile()", { name: "huber", delta: 2 }).config()).toEqual({ delta: 2 });
    const options = { fromLogits: true, labelSmoothing: 0.1, classWeights: [1, 2], ignoreIndex: -1 };
    const sparse = resolveLoss("compile()", { name: "sparseCategoricalCrossentropy", ...options });
    expect([sparse.config(), sparse.fromLogits]).toEqual([options, true]);
  });
});

/** Half the sum of squares, and the gradient of that divided by the rows. */
const half = ({ data, shape }: Tensor<Float32Array>, target: Tensor): LossValue => {
  const differences = data.map((y, n) => y - (target.data[n] ?? 0));
  const value = differences.reduce((sum, d) => sum + d * d, 0) / 2;
  return { value, gradient: f32(differences.map((d) => d / (shape[0] ?? 1)), ...shape) }; // biome-ignore format: short
};

describe("a function as a loss", () => {
  const loss = resolveLoss("compile()", half);

  test("is called with copies of the rows, and its value and gradient are taken", () => {
    expect(loss.name).toBe("half");
    expect(resolveLoss("compile()", () => half(f32([], 0), f32([], 0))).name).toBe("customLoss");
    const { value, gradient } = loss.compute([[1, 2, 3], [4, 5, 6]], [[1, 1, 1], [4, 4, 4]]); // biome-ignore format: short
    expect(value).toBe((1 + 4 + 1 + 4) / 2);
    expect(gradient).toEqual(f32([0, 0.5, 1, 0, 0.5, 1], 2, 3));
  });

  test("in the core: divisor and scale apply, pads are zero, no gradient is written where none is wanted", () => {
    const core = requireCore();
    const at = place(core.scratch, { dY: 4, y: 4, target: 4 });
    core.memory.f32(at.dY, 4).fill(7);
    core.memory.f32(at.y, 4).set([1, 2, 3, 0]);
    core.memory.f32(at.target, 4).set([0, 0, 0, 0]);
    const call: LossCall = { ...at, weights: 0, constants: 0, values: 0, N: 1, F: 3, divisor: 2, scale: 0.5 };
    expect(loss.run(core, { ...call, dY: 0 })).toBe(14 / 2 / 2);
    expect([...core.memory.f32(at.dY, 4)]).toEqual([7, 7, 7, 7]);
    expect(loss.run(core, call)).toBe(14 / 2 / 2);
    expect([...core.memory.f32(at.dY, 4)]).toEqual([0.25, 0.5, 0.75, 0]);
  });

  test("cannot be saved and takes no weights", () => {
    expect(loss.takesWeights).toBe(false);
    expectRefusal(() => loss.config(), UnsupportedError, '"half"', "saved");
    expectRefusal(() => loss.compute([[1]], [[1]], { sampleWeight: [2] }), StateError, '"half"', "weights");
  });
});

const resolve = (value: unknown) => () => resolveLoss("compile()", wrong(value));
const returning = (value: unknown) => () => resolveLoss("fit()", wrong(() => value)).compute([[1, 2]], [[1, 2]]); // biome-ignore format: short
const sparse = new SparseCategoricalCrossentropy({ fromLogits: true, classWeights: [1, 2, 3], ignoreIndex: -1 });
const mse = new MeanSquaredError();
const binary = new BinaryCrossentropy({ positiveWeight: [1, 2] });

const refusals: readonly Refusal<void>[] = [
  refusal("an unknown name", resolve("mean"), OptionError, "compile()", '"meanSquaredError", "mse"', 'got "mean"'),
  refusal("a name of Object's", resolve("constructor"), OptionError, '"constructor"'),
  refusal("a number as a loss", resolve(3), OptionError, "loss", "got 3"),
  refusal("null as a loss", resolve(null), OptionError, "got null"),
  refusal("a record without a name", resolve({ delta: 1 }), OptionError, "got an object"),
  refusal("a record with a misspelt option", resolve({ name: "huber", detla: 1 }), OptionError, '"detla"', "delta"),
  refusal("an option where there is none", resolve({ name: "mse", delta: 1 }), OptionError, '"delta"', "none"),
  refusal("options that are none", () => new Huber(wrong(1)), OptionError, "Huber", "got 1"),
  refusal("delta 0", () => new Huber({ delta: 0 }), OptionError, "delta", "above 0", "got 0"),
  refusal("smoothing above 1", resolve({ name: "binaryCrossentropy", labelSmoothing: 2 }), OptionError, "at most 1"),
  refusal("fromLogits 1", resolve({ name: "categoricalCrossentropy", fromLogits: 1 }), OptionError, "true or false"),
  refusal(
    "positiveWeight -1",
    () => new BinaryCrossentropy({ positiveWeight: -1 }),
    OptionError,
    "positiveWeight",
    "-1",
  ),
  refusal("a positiveWeight NaN", () => new BinaryCrossentropy({ positiveWeight: [1, NaN] }), OptionError, "[1]", "NaN"), // biome-ignore format: short
  refusal(
    "no classWeights",
    resolve({ name: "categoricalCrossentropy", classWeights: [] }),
    OptionError,
    "classWeights",
  ),
  refusal("classWeights 1", resolve({ name: "categoricalCrossentropy", classWeights: 1 }), OptionError, "got 1"),
  refusal("ignoreIndex 0.5", () => new SparseCategoricalCrossentropy({ ignoreIndex: 0.5 }), OptionError, "ignoreIndex"),
  refusal("too few classWeights", () => sparse.compute([[1, 2, 3, 4]], [0]), OptionError, "each of 4", "got 3"),
  refusal(
    "too few positiveWeights",
    () => binary.compute([[0.5]], [[1]]),
    OptionError,
    "positiveWeight",
    "each of 1",
    "2",
  ),
  refusal("a label neither class nor ignored", () => sparse.compute([[1, 2, 3]], [-2]), OptionError, "got -2"),
  refusal("a label past int32", () => sparse.compute([[1, 2, 3]], [2 ** 32]), OptionError, "got 4294967296"),
  refusal("too many weights", () => mse.compute([[1]], [[1]], { sampleWeight: [1, 2] }), ShapeError, "[1]", "[2]"),
  refusal("a weight each element", () => mse.compute([[1]], [[1]], { sampleWeight: [[1]] }), ShapeError, "[1, 1]"),
  refusal(
    "a weight below 0",
    () => mse.compute([[1]], [[1]], { sampleWeight: [-1] }),
    OptionError,
    "got -1 at index 0",
  ),
  refusal("a weight NaN", () => mse.compute([[1]], [[1]], { sampleWeight: [Number.NaN] }), OptionError, "got NaN"),
  refusal("nothing returned", returning(undefined), ShapeError, "value", "got undefined"),
  refusal("no gradient", returning({ value: 1 }), ShapeError, "[1, 2]", "got none"),
  refusal("another gradient", returning({ value: 1, gradient: f32([1], 1) }), ShapeError, "[1, 2]", "got [1]"),
];

describe("losses and their options: a typed error", () => {
  test.each(refusals)("$what", ({ call, type, parts }) => {
    expectRefusal(call, type, ...parts);
  });
});
