/** The tests that every recurrent layer's whole-sequence kernels pass. */
import { expect, test } from "vitest";
import { TILE_2X16, TILE_4X8 } from "../../src/core/tiles.ts";
import { at } from "../reference/elements.ts";
import { describeVariants } from "./kernels.ts";
import type { Arena } from "./kernels-arena.ts";
import {
  type CellKind,
  GATES,
  type RecurrentProblem,
  recurrentBlock,
  recurrentLabel,
  recurrentProblem,
  toStepRows,
  USUAL,
} from "./kernels-recurrent.ts";
import { type RecurrentRun, runBackward, runForward } from "./kernels-recurrent-run.ts";
import { firstDifference, floats, relativeError } from "./kernels-values.ts";

export type TiledProblem = RecurrentProblem & { readonly tile: number };

const SMALL = {
  ...USUAL,
  B: 2,
  T: 2,
  I: 2,
  H: 2,
  biases: 1,
  isRagged: true,
  hasInitial: false,
  upstream: "both",
} as const;
type Bits = Readonly<Record<string, Uint32Array>>;

// Twelve times 2^-24: a pre-activation is off by a few 2^-24 and an activation by 2^-22 at most, and no step of these
// layers makes an error of the one before larger. Measured for LSTM: 4.9e-7 forward, 6.3e-7 backward.
const TOLERANCE = 12 * 2 ** -24;

/** Of a sum over N rows: rounding errors of either sign grow with the square root. Measured: 0.6 of it. */
const sumTolerance = ({ N }: RecurrentProblem) => TOLERANCE + Math.sqrt(N) * 2 ** -21;

/** Relative for values above 1, absolute below. */
const error = (actual: ArrayLike<number>, expected: ArrayLike<number>) => relativeError(actual, expected, 1);

/** A parameter block of random numbers, pads zero, both biases alike. */
function randomBlock(shape: RecurrentProblem): Float64Array {
  const { I, H } = shape;
  const units = GATES[shape.cell] * H;
  const bias = floats(1, units);
  const weights = { weight_ih: floats(2, units * I), weight_hh: floats(3, units * H) };
  return recurrentBlock({ ...weights, bias_ih: bias, bias_hh: bias }, shape);
}

/** How many elements that belong to no weight are not zero; where a layer has no bias, that row is such a pad. */
function nonzeroPads(block: Float64Array, shape: RecurrentProblem): number {
  const ones = (length: number) => new Float64Array(length).fill(1);
  const { I, H } = shape;
  const units = GATES[shape.cell] * H;
  const [weight_ih, weight_hh, bias] = [ones(units * I), ones(units * H), ones(units)];
  const isWeight = recurrentBlock({ weight_ih, weight_hh, bias_ih: bias, bias_hh: bias }, shape);
  return block.filter((value, n) => value !== 0 && isWeight[n] === 0).length;
}

function expectSameBits(actual: Bits, expected: Bits, label: string): void {
  for (const [name, words] of Object.entries(expected)) {
    expect(firstDifference(actual[name] ?? new Uint32Array(), words), `${name}, ${label}`).toBe(-1);
  }
}

/** Tests the kernels of a cell on problems; errors may be `leniency` times those of usual activations. */
export function describeRecurrent(cell: CellKind, problems: readonly TiledProblem[], leniency = 1): void {
  const starts = new Map(problems.map((problem) => [problem.inputs, randomBlock(problem)]));
  const startOf = ({ inputs }: TiledProblem) => starts.get(inputs) ?? new Float64Array();
  describeVariants((variant, kernels, arena) => {
    const forward = (memory: Arena, problem: TiledProblem, training = true) =>
      runForward(kernels, memory, problem, { tile: problem.tile, training });
    const backward = (memory: Arena, problem: TiledProblem, run: RecurrentRun) =>
      runBackward(kernels, memory, problem, run, { tile: problem.tile, wantsDx: true, start: startOf(problem) });
    const tolerance = leniency * TOLERANCE;

    test(`${cell}Forward: outputs and states within ${12 * leniency} * 2^-24, pads zero, nothing else written`, () => {
      for (const problem of problems) {
        const { result } = problem;
        const memory = arena();
        const { output, hidden, cell } = forward(memory, problem);
        const label = recurrentLabel(problem);
        expect(error(output.values(), toStepRows(result.output, problem)), label).toBeLessThan(tolerance);
        expect(error(hidden.values(), result.hidden), label).toBeLessThan(tolerance);
        expect(error(cell?.values() ?? [], result.cell ?? []), label).toBeLessThan(tolerance);
        expect(memory.violations(), label).toEqual([]);
      }
    });

    test(`${cell}Forward: the same bits in training and not`, () => {
      for (const problem of problems) {
        const memory = arena();
        const [first, second] = [forward(memory, problem, true), forward(memory, problem, false)];
        for (const name of ["output", "hidden", "cell"] as const) {
          const [words, again] = [first[name]?.words(), second[name]?.words()];
          const difference = words && again ? firstDifference(words, again) : -1;
          expect(difference, `${name}, ${recurrentLabel(problem)}`).toBe(-1);
        }
        expect(memory.violations(), recurrentLabel(problem)).toEqual([]);
      }
    });

    test(`${cell}Backward: dx and state gradients within ${12 * leniency} * 2^-24, weight gradients + ${leniency} * sqrt(rows) * 2^-21, pads zero`, () => {
      for (const problem of problems) {
        const { gradients } = problem;
        const memory = arena();
        const d = backward(memory, problem, forward(memory, problem));
        const start = startOf(problem);
        const dParams = recurrentBlock(gradients, problem).map((gradient, n) => at(start, n) + gradient);
        const label = recurrentLabel(problem);
        expect(error(d.dX?.values() ?? [], toStepRows(gradients.x, problem)), label).toBeLessThan(tolerance);
        expect(error(d.dHidden.values(), gradients.h0), label).toBeLessThan(tolerance);
        expect(error(d.dCell?.values() ?? [], gradients.c0 ?? []), label).toBeLessThan(tolerance);
        expect(error(d.dParams.values(), dParams), label).toBeLessThan(leniency * sumTolerance(problem));
        expect(nonzeroPads(d.dParams.values(), problem), label).toBe(0);
        expect(memory.violations(), label).toEqual([]);
      }
    });

    /** Bits of everything that forward and backward write, by name; `steps` of a call, `pieces` of the rows. */
    const bits = (problem: TiledProblem, { steps = problem.T, pieces = 1, wantsDx = true } = {}): Bits => {
      const memory = arena();
      const options = { tile: problem.tile, pieces };
      const run = runForward(kernels, memory, problem, { ...options, training: true, steps });
      const { output, hidden, cell } = run;
      const start = startOf(problem);
      const gradients = runBackward(kernels, memory, problem, run, { ...options, wantsDx, start });
      const written = { output, hidden, cell, ...gradients };
      const present = Object.entries(written).flatMap(([name, operand]) => (operand ? [[name, operand.words()]] : []));
      expect(memory.violations(), recurrentLabel(problem)).toEqual([]);
      return Object.fromEntries(present);
    };

    const wholes = new Map<TiledProblem, Bits>();
    /** `bits` of the problem as it is, worked out once. */
    const whole = (problem: TiledProblem): Bits => {
      const known = wholes.get(problem) ?? bits(problem);
      wholes.set(problem, known);
      return known;
    };

    test(`${cell}Backward: without dx the same bits of every other gradient`, () => {
      for (const problem of problems) {
        expectSameBits(whole(problem), bits(problem, { wantsDx: false }), recurrentLabel(problem));
      }
    });

    test("both tiles give the same bits, forward and backward", () => {
      for (const problem of problems) {
        const tile = problem.tile === TILE_2X16 ? TILE_4X8 : TILE_2X16;
        expectSameBits(bits({ ...problem, tile }), whole(problem), recurrentLabel(problem));
      }
    });

    test("a sequence cut into calls of 1, 3 or 26 steps gives the same bits, forward and backward", () => {
      for (const problem of problems.filter(({ T }) => T > 1)) {
        for (const steps of [1, 3, 26]) {
          const label = `${recurrentLabel(problem)}, calls of ${steps}`;
          if (steps < problem.T) expectSameBits(bits(problem, { steps }), whole(problem), label);
        }
      }
    });

    test("rows in 2 or 3 pieces and gradients by columns give the same bits, forward and backward", () => {
      for (const problem of problems.filter(({ B }) => B > 1)) {
        for (const pieces of [2, 3]) {
          const label = `${recurrentLabel(problem)}, ${pieces} pieces`;
          expectSameBits(bits(problem, { pieces }), whole(problem), label);
          expectSameBits(inference(problem, pieces), inference(problem, 1), label);
        }
      }
    });

    /** Bits of a forward pass without training. */
    const inference = (problem: TiledProblem, pieces: number): Bits => {
      const memory = arena();
      const run = runForward(kernels, memory, problem, { tile: problem.tile, training: false, pieces });
      expect(memory.violations(), recurrentLabel(problem)).toEqual([]);
      return { output: run.output.words(), hidden: run.hidden.words() };
    };

    test.runIf(variant === "debug")("debug: a step with more rows than the one before traps", () => {
      const problem = { ...recurrentProblem({ ...SMALL, cell }), active: [1, 2], N: 3, tile: TILE_2X16 };
      expect(() => forward(arena(), problem)).toThrow(WebAssembly.RuntimeError);
    });
  });
}
