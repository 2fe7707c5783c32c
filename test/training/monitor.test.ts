import { describe, expect, test } from "vitest";
import { Monitor } from "../../src/training/monitor.ts";

const rises = (monitor: string) => new Monitor("test", { monitor }).isBetter(2, 1);

describe("mode auto", () => {
  test.each([
    ...["acc", "accuracy", "val_accuracy", "sparseCategoricalAccuracy", "topKCategoricalAccuracy", "precision"],
    ...["val_recall", "f1", "f1Score", "head_f1_score", "auc", "AUC", "topK", "top_k", "top5"],
  ])("maximises %s", (name) => {
    expect(rises(name)).toBe(true);
  });

  test.each([
    ...["loss", "val_loss", "meanSquaredError", "rmse", "perplexity", "accuracyLoss", "stop"],
  ])("minimises %s", (name) => {
    expect(rises(name)).toBe(false);
  });
});

test.each([
  "min",
  "max",
] as const)("mode %s: equal, NaN and less than minDelta are not better; infinities are compared", (mode) => {
  const sign = mode === "max" ? 1 : -1;
  const monitor = new Monitor("test", { mode, minDelta: 0.25 });
  expect(monitor.isBetter(sign * 1.25, sign)).toBe(false);
  expect(monitor.isBetter(sign * 1.5, sign)).toBe(true);
  expect(monitor.isBetter(Number.NaN, undefined)).toBe(false);
  expect(monitor.isBetter(Number.NaN, sign)).toBe(false);
  expect(monitor.isBetter(-sign * Infinity, undefined)).toBe(true);
  expect(monitor.isBetter(0, -sign * Infinity)).toBe(true);
  expect(monitor.isBetter(-sign * Infinity, 0)).toBe(false);
});
