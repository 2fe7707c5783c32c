import { describe, expect, test } from "vitest";
import { binaryOf, describeVariants, twinOf, VARIANTS } from "../support/kernels.ts";
import { readBinary } from "../support/kernels-binary.ts";
import { EXAMPLES } from "../support/kernels-examples.ts";

const MOST_BYTES = 32768;
const MOST_BYTES_OF_TWINS = 49152;
/** Bytes below are AssemblyScript's reserve: a null pointer must not meet a table. */
const MEMORY_BASE = 1024;

/** Functions of numbers alone. */
const SIZES = [
  "denseParameterFloats",
  "denseTransposedFloats",
  "gradientScratchFloats",
  "heapBase",
  "layerNormParameterFloats",
  "layerNormStatsFloats",
  "lstmCacheFloats",
  "lstmParameterFloats",
  "lstmScratchFloats",
  "panelFloats",
  "recurrentTableFloats",
  "rnnCacheFloats",
  "rnnParameterFloats",
  "rnnScratchFloats",
  "rowStride",
  "variant",
];

/** Functions that work on memory. */
const KERNELS = [
  "activationBackward",
  "activationForward",
  "adadelta",
  "adam",
  "adamax",
  "addRows",
  "allFinite",
  "blend",
  "clearPads",
  "clipValue",
  "copyColumns",
  "crossEntropy",
  "denseBackward",
  "denseForward",
  "denseGradients",
  "denseReadWeights",
  "denseTranspose",
  "denseWriteWeights",
  "dropoutMask",
  "dropoutRows",
  "elementwiseLoss",
  "expVector",
  "gatherRows",
  "gemm",
  "layerNormBackward",
  "layerNormForward",
  "lion",
  "lstmAnyGatesBackward",
  "lstmAnyGatesForward",
  "lstmBackward",
  "lstmBackwardUnits",
  "lstmForward",
  "lstmForwardUnits",
  "lstmGatesBackward",
  "lstmGatesForward",
  "lstmReadWeights",
  "lstmWriteWeights",
  "maskRows",
  "multiplyRows",
  "packSequence",
  "packTransposed",
  "packWeight",
  "panelProduct",
  "recurrentGradients",
  "recurrentInputGradients",
  "recurrentTable",
  "recurrentTableBackward",
  "recurrentTranspose",
  "rmsprop",
  "rnnBackward",
  "rnnForward",
  "rnnGatesBackward",
  "rnnGatesForward",
  "rnnReadWeights",
  "rnnWriteWeights",
  "row16",
  "row32",
  "scale",
  "scatterAddRows",
  "settleBias",
  "sgdMomentum",
  "sigmoidVector",
  "softmaxBackward",
  "softmaxForward",
  "sumOfSquares",
  "sumOfValues",
  "tanhVector",
  "tile2x16",
  "unpackSequence",
  "unpackWeight",
  "weightGradient",
];

// Read from the bytes, so this runs on engines that cannot compile a variant, too.
describe.each(VARIANTS)("the %s binary", (variant) => {
  const bytes = binaryOf(variant);
  const contents = readBinary(bytes);

  test("imports env.memory and nothing else", () => {
    expect(contents.imports).toEqual(["env.memory (memory)"]);
  });

  test("exports exactly the functions that are listed here", () => {
    const names = [...SIZES, ...KERNELS].map((name) => `${name} (function)`);
    expect([...contents.exports].sort()).toEqual(names.sort());
  });

  test.skipIf(variant === "debug")("has at most 32,768 bytes", () => {
    expect(bytes.length).toBeLessThanOrEqual(MOST_BYTES);
  });
});

describe.each(VARIANTS)("the %s binary for threads", (variant) => {
  const bytes = twinOf(variant);

  test("imports and exports what its twin does", () => {
    const { imports, exports } = readBinary(bytes);
    const twin = readBinary(binaryOf(variant));
    expect({ imports, exports }).toEqual({ imports: twin.imports, exports: twin.exports });
  });

  test.skipIf(variant === "debug")("has at most 49,152 bytes, with the tile for turbo", () => {
    expect(bytes.length).toBeLessThanOrEqual(MOST_BYTES_OF_TWINS);
  });
});

describeVariants((variant, kernels, arena) => {
  test("data segments lie in [1024, heapBase)", () => {
    const { segments } = readBinary(binaryOf(variant));
    expect(segments.length).toBeGreaterThan(0);
    for (const { start, end } of segments) {
      expect(start).toBeGreaterThanOrEqual(MEMORY_BASE);
      expect(end).toBeLessThanOrEqual(kernels.heapBase());
    }
  });

  test("every kernel has an example", () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(KERNELS);
  });

  test.each(
    Object.entries(EXAMPLES),
  )("%s changes no byte of the memory outside what it writes to", (_name, prepare) => {
    const memory = arena();
    const call = prepare(kernels, memory);
    const before = memory.bytesElsewhere();
    call();
    expect(Buffer.compare(memory.bytesElsewhere(), before)).toBe(0);
  });
});
