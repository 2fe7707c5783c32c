import { expect, test } from "vitest";
import { describeVariants } from "../../support/kernels.ts";
import { flat } from "../../support/kernels-arena.ts";
import { columnsOf, panelLength, toColumns, toPanels, transposed } from "../../support/kernels-panels.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats } from "../../support/kernels-values.ts";

const WEIGHTS = pairwise({ gates: [1, 4], units: [1, 3, 4, 5, 15, 16, 17, 33], K: [1, 2, 5, 16], biasRows: [0, 1] });
const MATRICES = pairwise({
  K: [1, 2, 3, 4, 5, 8, 13, 15, 16, 17, 20, 33],
  N: [1, 4, 15, 16, 17, 32, 48],
  skipped: [0, 3],
});

describeVariants((_variant, kernels, arena) => {
  test("packWeight places every weight and leaves bias rows and columns without a unit alone", () => {
    for (const { gates, units, K, biasRows } of WEIGHTS) {
      const columns = columnsOf(gates, units);
      const depth = biasRows + K;
      const bias = floats(K, biasRows * columns);
      const values = floats(units, gates * units * K);
      const memory = arena();
      const weight = memory.input("weight", flat(gates * units * K, 1), values);
      const before = toPanels([...bias, ...new Float64Array(K * columns)], depth, columns);
      const panels = memory.inout("panels", flat(panelLength(depth, columns)), before);
      kernels.packWeight(panels.address + biasRows * 64, weight.address, gates, units, K, depth * 16);
      const after = toPanels([...bias, ...toColumns(values, gates, units, K)], depth, columns);
      expect(panels.values(), `gates ${gates} units ${units} K ${K}`).toEqual(after);
      expect(memory.violations()).toEqual([]);
    }
  });

  test("unpackWeight gives back what packWeight was given", () => {
    for (const { gates, units, K, biasRows } of WEIGHTS) {
      const values = floats(units, gates * units * K);
      const depth = biasRows + K;
      const length = panelLength(depth, columnsOf(gates, units));
      const memory = arena();
      const weight = memory.input("weight", flat(values.length, 1), values);
      const panels = memory.inout("panels", flat(length), new Float64Array(length));
      const back = memory.output("back", flat(values.length, 3));
      kernels.packWeight(panels.address + biasRows * 64, weight.address, gates, units, K, depth * 16);
      kernels.unpackWeight(back.address, panels.address + biasRows * 64, gates, units, K, depth * 16);
      expect(back.values(), `gates ${gates} units ${units} K ${K}`).toEqual(values);
      expect(memory.violations()).toEqual([]);
    }
  });

  test("packTransposed writes the whole panels of W^T, zero where W has no element", () => {
    for (const { K, N, skipped } of MATRICES) {
      const w = floats(K + N, (skipped + K) * N);
      const memory = arena();
      const panels = memory.input("w", flat(panelLength(skipped + K, N)), toPanels(w, skipped + K, N));
      const N16 = Math.ceil(N / 16) * 16;
      const turned = memory.output("w^T", flat(panelLength(N16, K)));
      kernels.packTransposed(turned.address, panels.address + skipped * 64, K, N, (skipped + K) * 16);
      const expected = new Float64Array(N16 * K);
      expected.set(transposed(w.subarray(skipped * N), K, N));
      expect(turned.values(), `K ${K} N ${N}`).toEqual(toPanels(expected, N16, K));
      expect(memory.violations()).toEqual([]);
    }
  });
});
