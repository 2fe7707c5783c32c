import { expect, test } from "vitest";
import { describeVariants } from "../support/kernels.ts";

// The layouts once more, in integers without a limit.
const roundUp = (n: bigint, multiple: bigint) => ((n + multiple - 1n) / multiple) * multiple;
const padded = (features: bigint) => roundUp(features, 4n);
const panels = (K: bigint, N: bigint) => roundUp(N, 16n) * K;
const GRADIENT_SCRATCH = 128n * 16n;

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

describeVariants((_variant, kernels) => {
  test.each([
    [1, 1, 1],
    [127, 3, 5],
    [129, 129, 64],
    [20_000 * 64, 64, 512],
    [2 ** 31 + 1, 2 ** 31, 512],
    [2 ** 33, 7, 1023],
  ])("lstmCacheFloats is exact for N %i, B %i, H %i", (N, B, H) => {
    for (const training of [true, false]) {
      const exact = lstmCache(BigInt(N), BigInt(B), BigInt(H), training);
      expect(BigInt(kernels.lstmCacheFloats(N, B, H, training))).toBe(exact);
    }
  });

  test.each([
    [1, 1],
    [5, 6],
    [16, 64],
    [100_000, 16_384],
    [70_001, 65_537],
    [2 ** 24, 2 ** 20],
  ])("LSTM parameters and scratch are exact for I %i, H %i", (I, H) => {
    const [inputs, hidden] = [BigInt(I), BigInt(H)];
    const columns = 4n * padded(hidden);
    const block = panels(1n + inputs + hidden, columns);
    expect([0, 1, 2].map((biases) => BigInt(kernels.lstmParameterFloats(I, H, biases)))).toEqual([
      block,
      block,
      block + columns,
    ]);
    const scratch = panels(columns, inputs) + panels(columns, hidden) + GRADIENT_SCRATCH;
    expect(BigInt(kernels.lstmScratchFloats(I, H))).toBe(scratch);
  });

  test.each([
    [1, 1],
    [5, 18],
    [16, 64],
    [100_000, 65_537],
    [2 ** 26, 2 ** 25],
  ])("Dense parameters and scratch are exact for I %i, O %i", (I, O) => {
    const [inputs, outputs] = [BigInt(I), BigInt(O)];
    expect(BigInt(kernels.denseParameterFloats(I, O))).toBe(panels(1n + inputs, outputs));
    const scratch = panels(roundUp(outputs, 16n), inputs) + GRADIENT_SCRATCH;
    expect(BigInt(kernels.denseScratchFloats(I, O))).toBe(scratch);
  });

  test("the scratch of a weight gradient is 128 rows of a panel", () => {
    expect(BigInt(kernels.gradientScratchFloats())).toBe(GRADIENT_SCRATCH);
  });

  test.each([1, 4, 5, 64, 100, 65_537, 2 ** 30])("layer normalisation is exact for %i features, or rows", (F) => {
    expect(BigInt(kernels.layerNormParameterFloats(F))).toBe(2n * rowStride(BigInt(F)));
    expect(BigInt(kernels.layerNormStatsFloats(8 * F))).toBe(16n * BigInt(F));
  });
});
