import { expect, test } from "vitest";
import { TILE_2X16, TILE_4X8 } from "../../../src/core/features.ts";
import { at } from "../../reference/elements.ts";
import { describeVariants } from "../../support/kernels.ts";
import type { Arena } from "../../support/kernels-arena.ts";
import { type LstmProblem, lstmBlock, lstmLabel, lstmProblem, toStepRows, USUAL } from "../../support/kernels-lstm.ts";
import { type LstmRun, runLstm, runLstmBackward } from "../../support/kernels-lstm-run.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { firstDifference, floats, relativeError } from "../../support/kernels-values.ts";

/** Vectors of 4, panels of 4 units, gaps between rows of 64 floats; 64 rows of a chunk in one step and in many. */
const PROBLEMS = pairwise({
  H: [1, 2, 3, 4, 5, 8, 15, 16, 17, 64],
  I: [1, 2, 3, 4, 5, 16, 17, 64],
  B: [1, 2, 3, 5, 64, 129],
  T: [1, 2, 3, 7, 27],
  biases: [0, 1, 2],
  isRagged: [false, true],
  hasInitial: [false, true],
  upstream: ["output", "states", "both"],
  hasEmptyRows: [false, true],
  isMasked: [false, true],
  tile: [TILE_2X16, TILE_4X8],
}).map((shape) => ({ ...lstmProblem({ ...USUAL, ...shape }), tile: shape.tile }));

const SMALL = {
  ...USUAL,
  B: 2,
  T: 2,
  I: 2,
  H: 2,
  biases: 1,
  isRagged: false,
  hasInitial: false,
  upstream: "both",
} as const;
type Bits = Readonly<Record<string, Uint32Array>>;
type Problem = LstmProblem & { readonly tile: number };

/** A parameter block of random numbers, pads zero, both biases alike. */
function randomBlock(shape: LstmProblem): Float64Array {
  const { I, H } = shape;
  const bias = floats(1, 4 * H);
  const weights = { weight_ih: floats(2, 4 * H * I), weight_hh: floats(3, 4 * H * H) };
  return lstmBlock({ ...weights, bias_ih: bias, bias_hh: bias }, shape);
}

// Twelve times 2^-24: a pre-activation is off by a few 2^-24 and an activation by 2^-22 at most, and no step of these
// layers makes an error of the one before larger. Measured: 4.8e-7 forward, 5.6e-7 backward.
const TOLERANCE = 12 * 2 ** -24;

/** Of a sum over N rows: rounding errors of either sign grow with the square root. Measured: 0.6 of it. */
const sumTolerance = ({ N }: LstmProblem) => TOLERANCE + Math.sqrt(N) * 2 ** -21;

/** Relative for values above 1, absolute below. */
const error = (actual: ArrayLike<number>, expected: ArrayLike<number>) => relativeError(actual, expected, 1);

function expectSameBits(actual: Bits, expected: Bits, label: string): void {
  for (const [name, words] of Object.entries(expected)) {
    expect(firstDifference(actual[name] ?? new Uint32Array(), words), `${name}, ${label}`).toBe(-1);
  }
}

describeVariants((variant, kernels, arena) => {
  const forward = (memory: Arena, problem: Problem, training = true) =>
    runLstm(kernels, memory, problem, { tile: problem.tile, training });
  const backward = (memory: Arena, problem: Problem, run: LstmRun, wantsDx = true) => {
    const start = randomBlock(problem);
    return runLstmBackward(kernels, memory, problem, run, { tile: problem.tile, wantsDx, start });
  };

  test("lstmForward: outputs and states within 12 * 2^-24, pads zero, nothing else written", () => {
    for (const problem of PROBLEMS) {
      const { result } = problem;
      const memory = arena();
      const { output, hidden, cell } = forward(memory, problem);
      const label = lstmLabel(problem);
      expect(error(output.values(), toStepRows(result.output, problem)), label).toBeLessThan(TOLERANCE);
      expect(error(hidden.values(), result.hidden), label).toBeLessThan(TOLERANCE);
      expect(error(cell.values(), result.cell), label).toBeLessThan(TOLERANCE);
      expect(memory.violations(), label).toEqual([]);
    }
  });

  test("lstmForward: the same bits in training and not", () => {
    for (const problem of PROBLEMS) {
      const memory = arena();
      const [first, second] = [forward(memory, problem, true), forward(memory, problem, false)];
      for (const name of ["output", "hidden", "cell"] as const) {
        const difference = firstDifference(first[name].words(), second[name].words());
        expect(difference, `${name}, ${lstmLabel(problem)}`).toBe(-1);
      }
      expect(memory.violations(), lstmLabel(problem)).toEqual([]);
    }
  });

  test("lstmBackward: dx and state gradients within 12 * 2^-24, weight gradients + sqrt(rows) * 2^-21, pads zero", () => {
    for (const problem of PROBLEMS) {
      const { gradients } = problem;
      const memory = arena();
      const d = backward(memory, problem, forward(memory, problem));
      const start = randomBlock(problem);
      const dParams = lstmBlock(gradients, problem).map((gradient, n) => at(start, n) + gradient);
      const label = lstmLabel(problem);
      expect(error(d.dX?.values() ?? [], toStepRows(gradients.x, problem)), label).toBeLessThan(TOLERANCE);
      expect(error(d.dHidden.values(), gradients.h0), label).toBeLessThan(TOLERANCE);
      expect(error(d.dCell.values(), gradients.c0), label).toBeLessThan(TOLERANCE);
      expect(error(d.dParams.values(), dParams), label).toBeLessThan(sumTolerance(problem));
      expect(nonzeroPads(d.dParams.values(), problem), label).toBe(0);
      expect(memory.violations(), label).toEqual([]);
    }
  });

  test("lstmBackward: without dx the same bits of every other gradient", () => {
    for (const problem of PROBLEMS) {
      const memory = arena();
      const first = backward(memory, problem, forward(memory, problem));
      const second = backward(memory, problem, forward(memory, problem), false);
      for (const name of ["dParams", "dHidden", "dCell"] as const) {
        const difference = firstDifference(second[name].words(), first[name].words());
        expect(difference, `${name}, ${lstmLabel(problem)}`).toBe(-1);
      }
      expect(memory.violations(), lstmLabel(problem)).toEqual([]);
    }
  });

  /** Bits of everything that forward and backward write, by name; `steps` of a call. */
  const bits = (problem: Problem, steps = problem.T): Bits => {
    const memory = arena();
    const run = runLstm(kernels, memory, problem, { tile: problem.tile, training: true, steps });
    const { output, hidden, cell } = run;
    const written = { output, hidden, cell, ...backward(memory, problem, run) };
    return Object.fromEntries(
      Object.entries(written).map(([name, operand]) => [name, operand?.words() ?? new Uint32Array()]),
    );
  };

  test("both tiles give the same bits, forward and backward", () => {
    for (const problem of PROBLEMS) {
      const wide = bits({ ...problem, tile: TILE_2X16 });
      expectSameBits(bits({ ...problem, tile: TILE_4X8 }), wide, lstmLabel(problem));
    }
  });

  test("a sequence cut into calls of 1, 3 or 26 steps gives the same bits, forward and backward", () => {
    for (const problem of PROBLEMS.filter(({ T }) => T > 1)) {
      const whole = bits(problem);
      for (const steps of [1, 3, 26]) {
        if (steps < problem.T) expectSameBits(bits(problem, steps), whole, `${lstmLabel(problem)}, calls of ${steps}`);
      }
    }
  });

  test.runIf(variant === "debug")("debug: a step with more rows than the one before traps", () => {
    const problem = { ...lstmProblem({ ...SMALL, isRagged: true }), active: [1, 2], N: 3, tile: TILE_2X16 };
    expect(() => forward(arena(), problem)).toThrow(WebAssembly.RuntimeError);
  });
});

/** How many elements that belong to no weight are not zero; where a layer has no bias, that row is such a pad. */
function nonzeroPads(block: Float64Array, shape: LstmProblem): number {
  const ones = (length: number) => new Float64Array(length).fill(1);
  const { I, H } = shape;
  const bias = ones(4 * H);
  const isWeight = lstmBlock(
    { weight_ih: ones(4 * H * I), weight_hh: ones(4 * H * H), bias_ih: bias, bias_hh: bias },
    shape,
  );
  return block.filter((value, n) => value !== 0 && isWeight[n] === 0).length;
}
