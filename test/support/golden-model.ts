/** What the model of test/golden/model-v1.safetensors was trained on. */
import type { FitOptions } from "../../src/index.ts";

/** Eight rows of five tokens. */
export const GOLDEN_IDS: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4],
  [5, 4, 3, 2, 1],
  [1, 1, 2, 2, 3],
  [3, 0, 3, 0, 3],
  [4, 5, 4, 5, 4],
  [2, 2, 2, 2, 2],
  [0, 5, 0, 5, 1],
  [3, 1, 4, 1, 5],
];
export const GOLDEN_LABELS: readonly number[] = [0, 1, 2, 0, 1, 2, 0, 1];
export const GOLDEN_FIT: FitOptions = { batchSize: 2, gradientAccumulationSteps: 2, verbose: 0 };
