import { expect, test } from "vitest";
import { ACTIVATIONS, type Activation } from "../../../src/layers/activations.ts";
import { ACTIVATION_TWINS } from "../../reference/activations.ts";
import { at } from "../../reference/elements.ts";
import { largestDifference, numericalGradient } from "../../support/difference.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, rows } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { firstDifference, floats, rounded } from "../../support/kernels-values.ts";

const NAMES = Object.keys(ACTIVATIONS) as Activation[];
const CASES = pairwise({
  activation: NAMES,
  B: [1, 2, 5],
  H: [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65],
  hasOutput: [true, false],
});
type Case = (typeof CASES)[number];
const label = (shape: Case) => Object.entries(shape).join(" ");

/** Twice the 4 ULP of an activation of [-4, 4]; a slope is one or two operations more. */
const TOLERANCE = 8 * 2 ** -23;

function problem(shape: Case) {
  const { B, H, activation, hasOutput } = shape;
  const { f, d } = ACTIVATION_TWINS[activation];
  const z = floats(H, B * H, 4);
  const h = z.map(f);
  const [dHidden, dOutput] = [floats(1, B * H), hasOutput ? floats(2, B * H) : new Float64Array(B * H)];
  // The slope is that at the h which the kernel is given.
  const dz = rounded(h).map((value, n) => (at(dHidden, n) + at(dOutput, n)) * d(value));
  return { ...shape, z, h, dHidden, dOutput, dz };
}
type Problem = ReturnType<typeof problem>;
const PROBLEMS = CASES.map(problem);

describeVariants((_variant, kernels, arena) => {
  function backward(memory: Arena, { activation, B, H, h, dHidden, dOutput, hasOutput }: Problem): Float64Array {
    const gates = memory.inout("gates", rows(B, H), rounded(h));
    const dy = hasOutput ? memory.input("dOutput", rows(B, H), dOutput).address : 0;
    const dh = memory.input("dHidden", rows(B, H), dHidden).address;
    kernels.rnnGatesBackward(gates.address, dy, dh, B, H, ACTIVATIONS[activation]);
    return gates.values();
  }

  test("rnnGatesForward: h within 16 * 2^-24 for every activation, pads zero; in place the same bits", () => {
    for (const shape of PROBLEMS) {
      const { activation, B, H, z, h } = shape;
      const memory = arena();
      const [gates, hidden] = [memory.inout("gates", rows(B, H), z), memory.output("hidden", rows(B, H))];
      const inPlace = memory.inout("gates in place", rows(B, H), z);
      kernels.rnnGatesForward(hidden.address, gates.address, B, H, ACTIVATIONS[activation]);
      kernels.rnnGatesForward(inPlace.address, inPlace.address, B, H, ACTIVATIONS[activation]);
      expect(largestDifference(hidden.values(), h), label(shape)).toBeLessThan(TOLERANCE);
      expect(firstDifference(gates.words(), hidden.words()), label(shape)).toBe(-1);
      expect(firstDifference(inPlace.words(), hidden.words()), label(shape)).toBe(-1);
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  test("rnnGatesBackward: dz within 16 * 2^-24 for every activation, pads zero", () => {
    for (const shape of PROBLEMS) {
      const memory = arena();
      expect(largestDifference(backward(memory, shape), shape.dz), label(shape)).toBeLessThan(TOLERANCE);
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  // Central differences of float64 are good to 1e-8 here, so the kernel's float32 decides: 1e-5 is 170 * 2^-24.
  test("rnnGatesBackward: dz within 1e-5 of finite differences for every activation", () => {
    for (const activation of NAMES) {
      const shape = problem({ activation, B: 2, H: 5, hasOutput: true });
      const { z, dHidden, dOutput } = shape;
      const { f } = ACTIVATION_TWINS[activation];
      const loss = () => z.reduce((sum, x, n) => sum + f(x) * (at(dHidden, n) + at(dOutput, n)), 0);
      const expected = numericalGradient(loss, z);
      expect(largestDifference(backward(arena(), shape), expected), activation).toBeLessThan(1e-5);
    }
  });
});
