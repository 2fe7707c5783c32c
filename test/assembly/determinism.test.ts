import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Kernels } from "../../src/core/kernels.ts";
import { TILE_2X16, TILE_4X8 } from "../../src/core/tiles.ts";
import { describeVariants } from "../support/kernels.ts";
import { type Arena, flat } from "../support/kernels-arena.ts";
import type { Operand } from "../support/kernels-operand.ts";
import { type RecurrentProblem, recurrentProblem, USUAL } from "../support/kernels-recurrent.ts";
import { runBackward, runForward } from "../support/kernels-recurrent-run.ts";

/** SHA-256 of the bits of outputs, states and all gradients: recorded on Node 20 and 24 (x64), the same everywhere. */
const EXPECTED = "8ea4e90d0d6ea2813409f9e664e2f900bdc22e711e96441f96832fdcd0f33f4c";

const SIZES = { cell: "lstm", B: 33, T: 9, I: 37, H: 29, biases: 2 } as const;
const SHAPE = { ...USUAL, ...SIZES, isRagged: true, hasInitial: true, upstream: "both" } as const;
const ACTIVE = [33, 33, 30, 22, 22, 13, 5, 1, 0];
const PROBLEM: RecurrentProblem = withIntegers(recurrentProblem(SHAPE));

/** The problem with multiples of 2^-7 or 2^-9 in place of random numbers, made by integer arithmetic alone. */
function withIntegers(problem: RecurrentProblem): RecurrentProblem {
  const { B, T, I, H } = problem;
  const values = (length: number, factor: number, divisor: number) =>
    Float64Array.from({ length }, (_, n) => (((n * factor) % 251) - 125) / divisor);
  const inputs = {
    ...problem.inputs,
    ...{ x: values(B * T * I, 101, 128), h0: values(B * H, 37, 128), c0: values(B * H, 53, 128) },
    ...{ weight_ih: values(4 * H * I, 71, 512), weight_hh: values(4 * H * H, 89, 512) },
    ...{ bias_ih: values(4 * H, 11, 512), bias_hh: values(4 * H, 13, 512) },
  };
  const upstream = {
    dOutput: values(B * T * H, 97, 128),
    dHidden: values(B * H, 17, 128),
    dCell: values(B * H, 19, 128),
  };
  return { ...problem, ...upstream, inputs, active: ACTIVE, N: ACTIVE.reduce((sum, rows) => sum + rows) };
}

/** Forward and backward; weight gradients in PyTorch's order, so that the layout of parameters may change. */
function results(kernels: Kernels, arena: Arena, tile: number): readonly Operand[] {
  const { I, H, biases } = PROBLEM;
  const start = new Float64Array(kernels.lstmParameterFloats(I, H, biases));
  const run = runForward(kernels, arena, PROBLEM, { tile, training: true });
  const d = runBackward(kernels, arena, PROBLEM, run, { tile, wantsDx: true, start });
  const weights = [4 * H * I, 4 * H * H, 4 * H, 4 * H].map((length) => arena.output("gradient", flat(length)));
  const [weightIh = 0, weightHh = 0, biasIh = 0, biasHh = 0] = weights.map(({ address }) => address);
  kernels.lstmReadWeights(weightIh, weightHh, biasIh, biasHh, d.dParams.address, I, H, biases);
  const written = [run.output, run.hidden, run.cell, d.dX, d.dHidden, d.dCell, ...weights];
  return written.filter((operand) => operand !== undefined);
}

function hash(operands: readonly Operand[]): string {
  const sum = createHash("sha256");
  for (const operand of operands) sum.update(operand.words());
  return sum.digest("hex");
}

describeVariants((variant, kernels, arena) => {
  // The debug binary computes like the simd one; the relaxed one promises accuracy, not bits.
  test.skipIf(variant === "relaxed")("an LSTM forward and backward gives the committed bits, with either tile", () => {
    expect(hash(results(kernels, arena(), TILE_2X16))).toBe(EXPECTED);
    expect(hash(results(kernels, arena(), TILE_4X8))).toBe(EXPECTED);
  });
});
