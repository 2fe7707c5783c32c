import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type LossValue, meanSquaredError, Random, sparseCategoricalCrossentropy, tensor } from "../../src/index.ts";
import * as twin from "../reference/losses.ts";
import { frameworkGoldens, type KerasLossCase, type TorchLossCase } from "../support/golden.ts";
import { expectClose, f32, f64, loadCore, RANDOM_SHAPES, randomTensor } from "../support/layers.ts";

/** Inputs are rounded to float32, the gradient once more; sums are float64. */
const TOLERANCE = { absolute: 2e-6, relative: 1e-5 };

const { loss_inputs, losses } = frameworkGoldens();
const flat = (values: number | readonly unknown[]): readonly number[] => [values].flat(3) as readonly number[];
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const upTo = (max: number) => fc.integer({ min: 1, max });

function expectLoss(actual: LossValue, value: number, gradient: ArrayLike<number>): void {
  expectClose([actual.value], [value], "value", TOLERANCE);
  expectClose(actual.gradient.data, gradient, "gradient", TOLERANCE);
}

/** The golden's gradient is that of the sum of its values, ours that of their mean over `counted`. */
function expectMeanOf(
  actual: LossValue,
  values: readonly number[],
  gradient: readonly number[],
  counted: number,
): void {
  expectLoss(actual, total(values) / counted, gradient.map((g) => g / counted)); // biome-ignore format: short
}

/** Rows with the ignored label are left out before they come to us. */
function agreesWithTorch({ name, config, value, grad_x }: TorchLossCase): void {
  if (name === "mse_loss") {
    const loss = meanSquaredError(f32(flat(loss_inputs.x), 4, 3), f32(flat(loss_inputs.y), 4, 3));
    expectMeanOf(loss, flat(value), flat(grad_x), 12);
    return;
  }
  const kept = [...loss_inputs.labels.keys()].filter((row) => loss_inputs.labels[row] !== config.ignore_index);
  const logits = f32(kept.flatMap((row) => loss_inputs.x[row] ?? []), kept.length, 3); // biome-ignore format: short
  const labels = Int32Array.from(kept, (row) => loss_inputs.labels[row] ?? -1);
  const gradient = kept.flatMap((row) => grad_x[row] ?? []);
  expectMeanOf(sparseCategoricalCrossentropy(logits, tensor(labels)), flat(value), gradient, kept.length);
}

function agreesWithKeras({ name, reduction, y_true, y_pred, value, grad_pred }: KerasLossCase): void {
  const prediction = f32(flat(y_pred), 4, 3);
  const loss =
    name === "MeanSquaredError"
      ? meanSquaredError(prediction, f32(flat(y_true), 4, 3))
      : sparseCategoricalCrossentropy(prediction, f32(flat(y_true), 4));
  expectMeanOf(loss, flat(value), flat(grad_pred), reduction === "sum_over_batch_size" ? 1 : 4);
}

beforeAll(async () => {
  await loadCore();
});

describe("losses against PyTorch and Keras", () => {
  test.each(losses)("$framework $name, reduction $reduction: value and gradient to 2e-6 + 1e-5 relative", (golden) => {
    if (golden.framework === "torch") agreesWithTorch(golden);
    else agreesWithKeras(golden);
  });
});

describe(`losses against the float64 twins, ${RANDOM_SHAPES} random shapes`, () => {
  const sizes = fc.tuple(upTo(40), fc.oneof(upTo(12), upTo(140)), fc.constantFrom(0.01, 1, 50));

  test("meanSquaredError: value and gradient to 2e-6 + 1e-5 relative", () => {
    fc.assert(
      fc.property(sizes, upTo(2 ** 31), ([N, F, scale], seed) => {
        const random = new Random(seed);
        const [y, target] = [randomTensor(random, N, F), randomTensor(random, N, F)];
        const prediction = f32(y.data.map((value) => scale * value), N, F); // biome-ignore format: short
        const expected = twin.meanSquaredError({ prediction: f64(prediction), target: f64(target) });
        expectLoss(meanSquaredError(prediction, target), expected.value, expected.gradient);
      }),
      { numRuns: RANDOM_SHAPES },
    );
  });

  test("sparseCategoricalCrossentropy: value and gradient to 2e-6 + 1e-5 relative", () => {
    fc.assert(
      fc.property(sizes, upTo(2 ** 31), ([N, V, scale], seed) => {
        const random = new Random(seed);
        const logits = f32(randomTensor(random, N, V).data.map((value) => scale * value), N, V); // biome-ignore format: short
        const labels = Int32Array.from({ length: N }, () => random.integer(V));
        const expected = twin.softmaxCrossEntropy({ N, V, logits: f64(logits), labels });
        expectLoss(sparseCategoricalCrossentropy(logits, tensor(labels)), expected.value, expected.gradient);
      }),
      { numRuns: RANDOM_SHAPES },
    );
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

  test("gradients to 1e-4", () => {
    const random = new Random(4);
    const [y, target] = [randomTensor(random, 2, 3, 5), randomTensor(random, 2, 3, 5)];
    const labels = tensor([[0, 4, 2], [1, 1, 3]]); // biome-ignore format: short
    for (const loss of [() => meanSquaredError(y, target), () => sparseCategoricalCrossentropy(y, labels)]) {
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
});
