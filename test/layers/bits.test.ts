import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Core, requireCore, setCore } from "../../src/core/context.ts";
import { TILE_2X16, TILE_4X8 } from "../../src/core/tiles.ts";
import {
  bitsOf,
  expectSameBits,
  expectSameNamedBits,
  loadCore,
  mayBeStrict,
  RANDOM_SHAPES,
} from "../support/layers.ts";
import {
  type Case,
  caseOfAnyShape,
  cutInTime,
  describeCase,
  forwardCase,
  layerOf,
  type Run,
  rowOf,
  runCase,
  singleRow,
  stepsOf,
} from "../support/layers-cases.ts";

const SHAPES = { numRuns: RANDOM_SHAPES };

function expectSameRun(actual: Run, expected: Run): void {
  expectSameNamedBits(actual.results, expected.results);
  expectSameNamedBits(actual.inputGradients, expected.inputGradients);
}

/** One after the other forward; then back from the last, each going forward again from the state it started with. */
function runInChunks(sample: Case, cuts: readonly number[]): void {
  const lstm = layerOf(sample);
  const whole = runCase(lstm, sample);
  const gradients = lstm.getGradients();
  lstm.zeroGradients();
  let state = { hidden: sample.hidden, cell: sample.cell };
  const chunks = [...cuts, sample.T].map((end, n) => {
    const from = cuts[n - 1] ?? 0;
    const chunk = { ...cutInTime(sample, from, end), ...state };
    const { output, hidden, cell } = forwardCase(lstm, chunk, false);
    expectSameBits(output, stepsOf(whole.results.output, from, end), "output");
    state = { hidden, cell };
    return { chunk, from, end };
  });
  expectSameNamedBits(state, { hidden: whole.results.hidden, cell: whole.results.cell });
  let d = { hidden: sample.dHidden, cell: sample.dCell };
  for (const { chunk, from, end } of chunks.reverse()) {
    const { input, hidden, cell } = runCase(lstm, { ...chunk, dHidden: d.hidden, dCell: d.cell }).inputGradients;
    expectSameBits(input, stepsOf(whole.inputGradients.input, from, end), "gradient of x");
    d = { hidden, cell };
  }
  expectSameNamedBits(d, { hidden: whole.inputGradients.hidden, cell: whole.inputGradients.cell });
  expectSameNamedBits(lstm.getGradients(), gradients);
  lstm.dispose();
}

/** Every row alone, cut to its length: what comes after a row's end is 0 in the batch. */
function runRowByRow(sample: Case): void {
  const lstm = layerOf(sample);
  const whole = runCase(lstm, sample);
  for (let b = 0; b < sample.B; b++) {
    const alone = runCase(lstm, singleRow(sample, b));
    const length = sample.lengths?.[b] ?? sample.T;
    for (const [ofBatch, single] of [
      [whole.results.output, alone.results.output],
      [whole.inputGradients.input, alone.inputGradients.input],
    ] as const) {
      const row = rowOf(ofBatch, b);
      expectSameBits(stepsOf(row, 0, length), single, `row ${b} of ${length} steps`);
      expect(bitsOf(stepsOf(row, length, sample.T)).every((word) => word === 0)).toBe(true);
    }
    for (const what of ["hidden", "cell"] as const) {
      expectSameBits(rowOf(whole.results[what], b), alone.results[what], `${what} of row ${b}`);
      expectSameBits(rowOf(whole.inputGradients[what], b), alone.inputGradients[what], `d ${what} of row ${b}`);
    }
  }
  lstm.dispose();
}

describe.skipIf(!mayBeStrict)(
  `strict numerics: the same bits of an LSTM, over ${RANDOM_SHAPES} random shapes each`,
  () => {
    let core: Core;

    beforeAll(async () => {
      const { variant } = await loadCore({ numerics: "strict" });
      expect(["simd", "debug"]).toContain(variant);
      core = requireCore();
    });

    afterEach(() => setCore(core));

    const check = (arbitrary: fc.Arbitrary<Case>, property: (sample: Case) => void) =>
      fc.assert(fc.property(arbitrary.map(describeCase), property), SHAPES);

    test("cut in time anywhere, states and gradients carried: outputs, states and all gradients", () => {
      const cutCase = caseOfAnyShape({ lengths: "none" }).chain((sample) =>
        fc.subarray(Array.from({ length: sample.T - 1 }, (_, t) => t + 1)).map((cuts) => ({ ...sample, cuts })),
      );
      fc.assert(
        fc.property(cutCase.map(describeCase), ({ cuts, ...sample }) => runInChunks(sample, cuts)),
        SHAPES,
      );
    });

    test("rows of a batch one by one: outputs, states and gradients of inputs and states", () => {
      check(caseOfAnyShape({ lengths: "none" }), runRowByRow);
    });

    test("rows that end early, each alone cut to its length; 0 after a row's end", () => {
      check(caseOfAnyShape({ lengths: "all" }), runRowByRow);
    });

    test("with and without training: outputs and states", () => {
      check(caseOfAnyShape({ lengths: "some" }), (sample) => {
        const lstm = layerOf(sample);
        expectSameNamedBits({ ...forwardCase(lstm, sample, false) }, { ...forwardCase(lstm, sample, true) });
        lstm.dispose();
      });
    });

    test("with any tile: outputs, states and all gradients", () => {
      check(caseOfAnyShape({ lengths: "some" }), (sample) => {
        const [first, second] = [TILE_2X16, TILE_4X8].map((tile) => {
          setCore({ ...core, tile });
          const lstm = layerOf(sample);
          const run = runCase(lstm, sample);
          const gradients = lstm.getGradients();
          lstm.dispose();
          return { run, gradients };
        });
        if (first === undefined || second === undefined) throw new RangeError("There are two tiles.");
        expectSameRun(second.run, first.run);
        expectSameNamedBits(second.gradients, first.gradients);
      });
    });
  },
);
