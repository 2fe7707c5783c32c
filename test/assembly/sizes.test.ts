import { expect, test } from "vitest";
import { describeVariants } from "../support/kernels.ts";

// The layouts once more, in integers without a limit.
const roundUp = (n: bigint, multiple: bigint) => ((n + multiple - 1n) / multiple) * multiple;
const padded = (features: bigint) => roundUp(features, 4n);
const panels = (K: bigint, N: bigint) => roundUp(N, 16n) * K;
/** dY of 128 rows and a row of sums, and for 49 columns and more 128 rows of X and S, turned. */
const gradientScratch = (inputs: bigint, columns: bigint) => 129n * 16n + (columns > 48n ? (inputs + 6n) * 144n : 0n);

function rowStride(features: bigint): bigint {
  const floats = padded(features);
  return floats >= 64n && floats % 32n === 0n ? floats + 16n : floats;
}

function lstmCache(N: bigint, B: bigint, H: bigint, training: boolean): bigint {
  const gates = rowStride(4n * padded(H));
  if (training) return N * (gates + 3n * rowStride(H)) + 4n * padded(H);
  const atOnce = B > 64n ? B : 64n;
  return (N < atOnce ? N : atOnce) * gates + B * rowStride(H) + 4n * padded(H);
}

function rnnCache(N: bigint, B: bigint, H: bigint, training: boolean): bigint {
  return (training ? 2n * N : B) * rowStride(H) + padded(H);
}

describeVariants((_variant, kernels) => {
  test.each([
    [1, 1, 1],
    [127, 3, 5],
    [129, 129, 64],
    [20_000 * 64, 64, 512],
    [2 ** 31 + 1, 2 ** 31, 512],
    [2 ** 33, 7, 1023],
  ])("lstmCacheFloats and rnnCacheFloats are exact for N %i, B %i, H %i", (N, B, H) => {
    const sizes = [BigInt(N), BigInt(B), BigInt(H)] as const;
    for (const training of [true, false]) {
      expect(BigInt(kernels.lstmCacheFloats(N, B, H, training))).toBe(lstmCache(...sizes, training));
      expect(BigInt(kernels.rnnCacheFloats(N, B, H, training))).toBe(rnnCache(...sizes, training));
    }
  });

  test.each([
    [1, 1],
    [5, 6],
    [16, 64],
    [100_000, 16_384],
    [70_001, 65_537],
    [2 ** 24, 2 ** 20],
  ])("parameters and scratch of LSTM and RNN are exact for I %i, H %i", (I, H) => {
    const [inputs, hidden] = [BigInt(I), BigInt(H)];
    for (const [gates, parameters, scratch] of [
      [4n, kernels.lstmParameterFloats, kernels.lstmScratchFloats],
      [1n, kernels.rnnParameterFloats, kernels.rnnScratchFloats],
    ] as const) {
      const columns = gates * padded(hidden);
      const block = panels(1n + inputs + hidden, columns);
      const sizes = [0, 1, 2].map((biases) => BigInt(parameters(I, H, biases)));
      expect(sizes).toEqual([block, block, block + columns]);
      const depth = roundUp(columns, 16n);
      expect(BigInt(scratch(I, H))).toBe(
        panels(depth, inputs) + panels(depth, hidden) + gradientScratch(inputs + hidden, columns),
      );
    }
  });

  test.each([
    [1, 1],
    [5, 18],
    [16, 64],
    [100_000, 65_537],
    [2 ** 26, 2 ** 25],
  ])("Dense parameters and transposed weights are exact for I %i, O %i", (I, O) => {
    const [inputs, outputs] = [BigInt(I), BigInt(O)];
    expect(BigInt(kernels.denseParameterFloats(I, O))).toBe(panels(1n + inputs, outputs));
    expect(BigInt(kernels.denseTransposedFloats(I, O))).toBe(panels(roundUp(outputs, 16n), inputs));
  });

  test.each([
    [1, 1],
    [5, 48],
    [5, 49],
    [65_537, 64],
    [2 ** 30, 2 ** 20],
  ])("the scratch of a weight gradient is exact for %i rows and %i columns", (rows, columns) => {
    expect(BigInt(kernels.gradientScratchFloats(rows, columns))).toBe(gradientScratch(BigInt(rows), BigInt(columns)));
  });

  test.each([1, 4, 5, 64, 100, 65_537, 2 ** 30])("layer normalisation is exact for %i features, or rows", (F) => {
    expect(BigInt(kernels.layerNormParameterFloats(F))).toBe(2n * rowStride(BigInt(F)));
    expect(BigInt(kernels.layerNormStatsFloats(8 * F))).toBe(16n * BigInt(F));
  });
});
