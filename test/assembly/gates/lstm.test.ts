import { expect, test } from "vitest";
import { at } from "../../reference/elements.ts";
import { type LstmInputs, lstmBackward, lstmForward } from "../../reference/lstm.ts";
import { largestDifference, numericalGradient } from "../../support/difference.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, rows } from "../../support/kernels-arena.ts";
import { interleaveGates } from "../../support/kernels-panels.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, rounded, worstRatio } from "../../support/kernels-values.ts";

/** Around whole vectors; from 16 units on rows of gates, from 64 on rows of states have gaps. Large z saturates. */
const CASES = pairwise({
  B: [1, 2, 3, 5, 8],
  H: [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65],
  scale: [1, 8, 200],
  hasOutput: [true, false],
});
type Case = (typeof CASES)[number];

/** Gates of pad units after the activation of z = 0. */
const IDLE = [0.5, 0.5, 0, 0.5];
const ZERO = [0, 0, 0, 0];

/** The pre-activations themselves as inputs of a layer whose weights are the identity: its one step is the kernel's. */
function inputsOf(B: number, H: number, z: Float64Array, c0: Float64Array): LstmInputs {
  const identity = Float64Array.from({ length: 16 * H * H }, (_, n) => (n % (4 * H + 1) === 0 ? 1 : 0));
  return { B, T: 1, I: 4 * H, H, x: z, weight_ih: identity, weight_hh: new Float64Array(4 * H * H), c0 };
}

function problem(shape: Case) {
  const { B, H, scale } = shape;
  const inputs = inputsOf(B, H, floats(H, B * 4 * H, scale), floats(B, B * H, 2));
  const result = lstmForward(inputs);
  const [dOutput, dHidden, dCell] = [1, 2, 3].map((seed) => floats(seed, B * H)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const upstream = { dHidden, dCell, dOutput: shape.hasOutput ? dOutput : undefined };
  const gradients = lstmBackward({ ...inputs, cache: result.cache, ...upstream });
  return { ...shape, inputs, result, upstream, gradients, cellBefore: inputs.c0 ?? new Float64Array() };
}
type Problem = ReturnType<typeof problem>;
const PROBLEMS = CASES.map(problem);

const gateRows = (B: number, H: number) => rows(B, 4 * Math.ceil(H / 4) * 4);
const label = ({ B, H, scale, hasOutput }: Case) => `B ${B} H ${H} |z| <= ${scale}${hasOutput ? "" : ", no dOutput"}`;

/** Activations of 3 ULP are off by 2^-22 at most, c by that times |c'| + 2 and two roundings, h by as much again. */
function forwardBounds({ cellBefore }: Problem) {
  return {
    cell: cellBefore.map((c) => 2 ** -21 * (1 + Math.abs(c))),
    hidden: cellBefore.map((c) => 2 ** -21 * (2 + Math.abs(c))),
  };
}

/** Products of at most eight factors, each rounded or off by 2^-24 of 1, with (|dh| + |dc|) (1 + |c'|). */
function backwardBound({ upstream: { dOutput, dHidden, dCell }, cellBefore }: Problem): Float64Array {
  return cellBefore.map((c, n) => {
    const incoming = (dOutput ? Math.abs(at(dOutput, n)) : 0) + Math.abs(at(dHidden, n)) + Math.abs(at(dCell, n));
    return 2 ** -20 * incoming * (1 + Math.abs(c));
  });
}

/** The same bound for all four gates of each unit, [B, 4H]. */
function perGate(bound: Float64Array, B: number, H: number): Float64Array {
  return Float64Array.from({ length: B * 4 * H }, (_, n) => at(bound, Math.floor(n / (4 * H)) * H + (n % H)));
}

describeVariants((_variant, kernels, arena) => {
  /** Backward of a problem, from the twin's activations: dz with its pads, and dc'. */
  function backward(memory: Arena, shape: Problem): { dz: Float64Array; dCell: Float64Array } {
    const { B, H, result, upstream, cellBefore } = shape;
    const gates = memory.inout("gates", gateRows(B, H), interleaveGates(rounded(result.cache.gates), B, H, IDLE));
    const dCell = memory.inout("dCell", rows(B, H), upstream.dCell);
    const dOutput = upstream.dOutput && memory.input("dOutput", rows(B, H), upstream.dOutput);
    const dHidden = memory.input("dHidden", rows(B, H), upstream.dHidden);
    const before = memory.input("cellBefore", rows(B, H), cellBefore);
    const tanhCell = memory.input("tanhCell", rows(B, H), result.cell.map(Math.tanh));
    kernels.lstmGatesBackward(
      ...([gates.address, dCell.address, dOutput?.address ?? 0, dHidden.address] as const),
      ...([before.address, tanhCell.address, B, H] as const),
    );
    return { dz: gates.values(), dCell: dCell.values() };
  }

  test("lstmGatesForward: gates within 2^-22, c within 2^-21 (1 + |c'|), h within 2^-21 (2 + |c'|), pads zero", () => {
    for (const shape of PROBLEMS) {
      const { B, H, inputs, result, cellBefore } = shape;
      const memory = arena();
      const gates = memory.inout("gates", gateRows(B, H), interleaveGates(inputs.x, B, H, ZERO));
      const cell = memory.inout("cell", rows(B, H), cellBefore);
      const hidden = memory.output("hidden", rows(B, H));
      const tanhCell = memory.output("tanhCell", rows(B, H));
      kernels.lstmGatesForward(hidden.address, cell.address, tanhCell.address, gates.address, B, H);
      const expected = interleaveGates(result.cache.gates, B, H, IDLE);
      const bounds = forwardBounds(shape);
      expect(
        worstRatio(
          gates.values(),
          expected,
          expected.map(() => 2 ** -22),
        ),
        label(shape),
      ).toBeLessThanOrEqual(1);
      expect(worstRatio(cell.values(), result.cell, bounds.cell), label(shape)).toBeLessThanOrEqual(1);
      expect(worstRatio(hidden.values(), result.hidden, bounds.hidden), label(shape)).toBeLessThanOrEqual(1);
      expect(worstRatio(tanhCell.values(), result.cell.map(Math.tanh), bounds.hidden)).toBeLessThanOrEqual(1);
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  test("lstmGatesBackward: dz and dc' within 2^-20 (|dh| + |dc|) (1 + |c'|), those of pads exactly zero", () => {
    for (const shape of PROBLEMS) {
      const { B, H, gradients } = shape;
      const memory = arena();
      const { dz, dCell } = backward(memory, shape);
      const bound = backwardBound(shape);
      const dzBound = interleaveGates(perGate(bound, B, H), B, H, ZERO);
      const expected = interleaveGates(gradients.x, B, H, ZERO);
      expect(worstRatio(dz, expected, dzBound), label(shape)).toBeLessThanOrEqual(1);
      expect(worstRatio(dCell, gradients.c0, bound), label(shape)).toBeLessThanOrEqual(1);
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  // Central differences of float64 are good to 1e-8 here, so the kernel's float32 decides: 1e-5 is 170 * 2^-24.
  test("lstmGatesBackward: dz and dc' within 1e-5 of finite differences", () => {
    const shape = problem({ B: 2, H: 5, scale: 1, hasOutput: true });
    const { B, H, inputs, cellBefore, upstream } = shape;
    const { dOutput = new Float64Array(B * H), dHidden, dCell } = upstream;
    const loss = () => {
      const { hidden, cell } = lstmForward(inputs);
      return hidden.reduce((sum, h, n) => sum + h * (at(dOutput, n) + at(dHidden, n)) + at(cell, n) * at(dCell, n), 0);
    };
    const actual = backward(arena(), shape);
    const dz = interleaveGates(numericalGradient(loss, inputs.x), B, H, ZERO);
    expect(largestDifference(actual.dz, dz)).toBeLessThan(1e-5);
    expect(largestDifference(actual.dCell, numericalGradient(loss, cellBefore))).toBeLessThan(1e-5);
  });
});
