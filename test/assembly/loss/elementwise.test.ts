import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { type ElementLoss, type LossOptions, loss } from "../../reference/losses.ts";
import { largestDifference } from "../../support/difference.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, rows } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, relativeError } from "../../support/kernels-values.ts";

interface Problem {
  readonly N: number;
  readonly F: number;
  readonly prediction: Float64Array;
  readonly target: Float64Array;
  readonly weights?: readonly number[] | undefined;
  readonly positive?: readonly number[] | undefined;
}

interface Call {
  readonly code: number;
  readonly parameter?: number;
  readonly divisor: number;
  readonly scale?: number;
  /** Without a gradient the value must be the same. */
  readonly valueOnly?: boolean;
}

function run(kernels: Kernels, memory: Arena, problem: Problem, call: Call) {
  const { N, F, prediction, target, weights, positive } = problem;
  const { code, parameter = 0, divisor, scale = 1, valueOnly = false } = call;
  const y = memory.input("y", rows(N, F), prediction).address;
  const wanted = memory.input("target", rows(N, F), target).address;
  const weight = weights === undefined ? 0 : memory.input("weights", rows(1, N), weights).address;
  const share = positive === undefined ? 0 : memory.input("positive", rows(1, F), positive).address;
  const dY = valueOnly ? undefined : memory.output("dY", rows(N, F));
  const operands = [dY?.address ?? 0, y, wanted, weight, share, N, F] as const;
  const value = kernels.elementwiseLoss(...operands, code, parameter, divisor, scale);
  return { value, gradient: dY?.values() ?? new Float64Array() };
}

interface Case {
  readonly name: ElementLoss | "klDivergence";
  readonly code: number;
  readonly options?: LossOptions;
  readonly parameter?: number;
  /** Predictions and targets from uniform values in [-1, 1). */
  readonly y: (u: number) => number;
  readonly t: (u: number) => number;
}

const same = (u: number) => u;
const probability = (u: number) => Math.fround((u + 1) / 2);
const beyond = (u: number) => Math.fround(0.5 + 0.6 * u);

const LOSSES: readonly Case[] = [
  { name: "meanSquaredError", code: 0, y: same, t: same },
  { name: "meanAbsoluteError", code: 1, y: same, t: same },
  { name: "huber", code: 2, options: { delta: 0.75 }, parameter: 0.75, y: same, t: same },
  { name: "logCosh", code: 3, y: (u) => 8 * u, t: same },
  { name: "logCosh", code: 3, y: (u) => u / 4, t: (u) => u / 8 },
  { name: "poisson", code: 4, y: (u) => Math.fround(u + 1.01), t: (u) => Math.floor(4 * (u + 1)) },
  { name: "klDivergence", code: 5, y: beyond, t: beyond },
  { name: "binaryCrossentropy", code: 6, options: { fromLogits: true }, y: (u) => 20 * u, t: probability },
  { name: "binaryCrossentropy", code: 6, options: { fromLogits: true, labelSmoothing: 0.25 }, parameter: 0.25, y: (u) => 100 * u, t: probability }, // biome-ignore format: a row
  { name: "binaryCrossentropy", code: 7, y: beyond, t: probability },
  { name: "binaryCrossentropy", code: 7, options: { labelSmoothing: 0.5 }, parameter: 0.5, y: beyond, t: (u) => (u > 0 ? 1 : 0) }, // biome-ignore format: a row
];

const SHAPES = pairwise({ N: [1, 2, 3, 40], F: [1, 3, 4, 5, 8, 65], weighted: [false, true], shares: [false, true] });

describeVariants((_variant, kernels, arena) => {
  for (const { name, code, options = {}, parameter = 0, y, t } of LOSSES) {
    test(`elementwiseLoss ${code}, ${name} ${JSON.stringify(options)}: value and gradients within 2e-6 of the largest, pads zero`, () => {
      for (const { N, F, weighted, shares } of SHAPES) {
        const [prediction, target] = [floats(N + F, N * F).map(y), floats(N, N * F).map(t)];
        const weights = weighted ? Array.from({ length: N }, (_, n) => n % 3) : undefined;
        const positive = shares && code >= 6 ? Array.from({ length: F }, (_, f) => 0.5 + f / 4) : undefined;
        const memory = arena();
        const perRow = name === "klDivergence" ? 1 : F;
        const call = { code, parameter, divisor: 3 * perRow, scale: 0.5 };
        const problem = { N, F, prediction, target, weights, positive };
        const { value, gradient } = run(kernels, memory, problem, call);
        const expected = loss(name, { ...options, positiveWeight: positive }, problem);
        const label = `N ${N} F ${F} ${weights} ${positive}`;
        expect(memory.violations(), label).toEqual([]);
        expect(relativeError([value], [(expected.value * N) / 3], 0.2), label).toBeLessThan(2e-6);
        const wanted = expected.gradient.map((slope) => (slope * N) / 6);
        const steepest = Math.max(1e-30, ...wanted.map(Math.abs));
        const off = gradient.map((slope, n) => Math.abs(slope - (wanted[n] ?? Number.NaN)) / steepest);
        expect(Math.max(...off), label).toBeLessThan(2e-6);
        expect(run(kernels, memory, problem, { ...call, valueOnly: true }).value, label).toBe(value);
      }
    });
  }

  // A difference is rounded once, a gradient twice more with its scale: 3 * 2^-24. The value is summed in float64.
  test("elementwiseLoss of squares: value within 2^-23, gradients within 2^-22 of themselves at any scale", () => {
    const shapes = pairwise({ N: [1, 2, 3, 64, 1000], F: [1, 2, 3, 4, 5, 8, 64, 65], size: [1e-10, 1, 1e15] });
    for (const { N, F, size } of shapes) {
      const problem = { N, F, prediction: floats(1, N * F, size), target: floats(2, N * F, size) };
      const { value, gradient } = run(kernels, arena(), problem, { code: 0, divisor: N * F });
      const expected = loss("meanSquaredError", {}, problem);
      const label = `N ${N} F ${F} size ${size}`;
      expect(relativeError([value], [expected.value], 0), label).toBeLessThan(2 ** -23);
      expect(relativeError(gradient, expected.gradient, 0), label).toBeLessThan(2 ** -22);
    }
  });

  test("elementwiseLoss: equal arrays have the value 0 and gradients 0", () => {
    for (const code of [0, 1, 2, 3]) {
      const problem = { N: 3, F: 5, prediction: floats(1, 15), target: floats(1, 15) };
      const { value, gradient } = run(kernels, arena(), problem, { code, parameter: 1, divisor: 15 });
      expect(value, `code ${code}`).toBe(0);
      expect(gradient.map(Math.abs), `code ${code}`).toEqual(new Float64Array(15));
    }
  });

  test("elementwiseLoss: log cosh of small differences is half their square within 1e-6 of itself, never below 0", () => {
    for (const difference of [1e-15, 1e-6, 1e-3, 0.0625]) {
      const problem = { N: 1, F: 1, prediction: Float64Array.of(Math.fround(difference)), target: new Float64Array(1) };
      const d2 = Math.fround(difference) ** 2;
      const { value } = run(kernels, arena(), problem, { code: 3, divisor: 1 });
      expect(relativeError([value], [d2 / 2 - d2 ** 2 / 12 + d2 ** 3 / 45], 0)).toBeLessThan(1e-6);
    }
  });

  test("elementwiseLoss: differences of 3e38 and logits of 1e30 have finite values", () => {
    const far = { N: 1, F: 5, prediction: Float64Array.of(3e38, 0, 0, 0, 0), target: new Float64Array(5) };
    expect(run(kernels, arena(), far, { code: 0, divisor: 10 }).value).toBe(Math.fround(3e38) ** 2 / 10);
    for (const code of [1, 2, 3]) {
      const { value, gradient } = run(kernels, arena(), far, { code, parameter: 1, divisor: 1 });
      expect(largestDifference([value], [3e38]), `code ${code}`).toBeLessThan(1e-6);
      expect([...gradient], `code ${code}`).toEqual([1, 0, 0, 0, 0]);
    }
    const sure = { N: 1, F: 2, prediction: Float64Array.of(1e30, -1e30), target: Float64Array.of(1, 1) };
    const { value, gradient } = run(kernels, arena(), sure, { code: 6, divisor: 1 });
    expect(largestDifference([value], [1e30])).toBeLessThan(1e-6);
    expect([...gradient]).toEqual([0, -1]);
  });

  test("elementwiseLoss: one NaN makes the value NaN, wherever it is, but not in a row of weight 0", () => {
    for (const { code, y, t, parameter = 0 } of LOSSES) {
      for (const n of [0, 4, 9]) {
        const prediction = floats(1, 10).map(y);
        prediction[n] = Number.NaN;
        const problem = { N: 2, F: 5, prediction, target: floats(2, 10).map(t) };
        expect(run(kernels, arena(), problem, { code, parameter, divisor: 1 }).value, `code ${code}`).toBeNaN();
        const weights = n < 5 ? [0, 1] : [1, 0];
        const skipped = run(kernels, arena(), { ...problem, weights }, { code, parameter, divisor: 1 });
        expect([skipped.value, ...skipped.gradient], `code ${code}`).not.toContain(Number.NaN);
      }
    }
  });
});
