import { describe, expect, test } from "vitest";
import { largestDifference, numericalGradient } from "../support/difference.ts";
import { frameworkGoldens, type KerasLossCase, type TorchLossCase } from "../support/golden.ts";
import { type Loss, meanSquaredError, softmaxCrossEntropy } from "./losses.ts";

// Both sides are float64; the sums have at most 12 terms of about 10.
const GOLDEN_TOLERANCE = 1e-14;

// Central differences of width 1e-5: truncation and cancellation are each about 1e-10.
const DIFFERENCE_TOLERANCE = 1e-8;

const { loss_inputs, losses } = frameworkGoldens();

const flat = (values: number | readonly unknown[]): Float64Array =>
  Float64Array.from([values].flat(2) as readonly number[]);
const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** The golden's gradient is that of the sum of its values; ours is of their mean over `counted`. */
function expectMeanOf(actual: Loss, sum: number, gradient: Float64Array, counted: number): void {
  expect(largestDifference([actual.value], [sum / counted])).toBeLessThan(GOLDEN_TOLERANCE);
  const mean = gradient.map((g) => g / counted);
  expect(largestDifference(actual.gradient, mean)).toBeLessThan(GOLDEN_TOLERANCE);
}

function expectTorchAgrees({ name, config, value, grad_x }: TorchLossCase): void {
  const prediction = flat(loss_inputs.x);
  const [sum, gradient] = [total(flat(value)), flat(grad_x)];
  if (name === "mse_loss") {
    expectMeanOf(meanSquaredError({ prediction, target: flat(loss_inputs.y) }), sum, gradient, 12);
  } else {
    const { labels } = loss_inputs;
    const ignoreIndex = config.ignore_index;
    const counted = labels.filter((label) => label !== ignoreIndex).length;
    expectMeanOf(softmaxCrossEntropy({ N: 4, V: 3, logits: prediction, labels, ignoreIndex }), sum, gradient, counted);
  }
}

function expectKerasAgrees({ name, reduction, y_true, y_pred, value, grad_pred }: KerasLossCase): void {
  const prediction = flat(y_pred);
  const [sum, gradient] = [total(flat(value)), flat(grad_pred)];
  const rows = reduction === "sum_over_batch_size" ? 1 : 4;
  const actual =
    name === "MeanSquaredError"
      ? meanSquaredError({ prediction, target: flat(y_true) })
      : softmaxCrossEntropy({ N: 4, V: 3, logits: prediction, labels: flat(y_true) });
  expectMeanOf(actual, sum, gradient, rows);
}

describe("loss twins against PyTorch and Keras", () => {
  test.each(losses)("$framework $name, reduction $reduction: value and gradient within 1e-14", (golden) => {
    if (golden.framework === "torch") expectTorchAgrees(golden);
    else expectKerasAgrees(golden);
  });
});

describe("loss twins against themselves", () => {
  test("mean squared error: gradient equals finite differences within 1e-8", () => {
    const inputs = { prediction: flat(loss_inputs.x), target: flat(loss_inputs.y) };
    const expected = numericalGradient(() => meanSquaredError(inputs).value, inputs.prediction);
    expect(largestDifference(meanSquaredError(inputs).gradient, expected)).toBeLessThan(DIFFERENCE_TOLERANCE);
  });

  test("softmax cross entropy: gradient equals finite differences within 1e-8", () => {
    const inputs = { N: 4, V: 3, logits: flat(loss_inputs.x), labels: [2, 0, -100, 1], ignoreIndex: -100 };
    const expected = numericalGradient(() => softmaxCrossEntropy(inputs).value, inputs.logits);
    expect(largestDifference(softmaxCrossEntropy(inputs).gradient, expected)).toBeLessThan(DIFFERENCE_TOLERANCE);
  });

  test("softmax cross entropy stays exact for logits of 1000 and -1000", () => {
    const loss = softmaxCrossEntropy({ N: 2, V: 2, logits: Float64Array.of(1000, -1000, 1000, -1000), labels: [0, 1] });
    expect(loss.value).toBe(1000);
    expect([...loss.gradient]).toEqual([0, 0, 0.5, -0.5]);
  });
});
