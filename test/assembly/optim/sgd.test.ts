import { expect, test } from "vitest";
import { at } from "../../reference/elements.ts";
import { type Preset, type SgdResult, sgdStep } from "../../reference/optimizers.ts";
import { lion, vectorOf } from "../../reference/optimizers-adaptive.ts";
import { describeVariants } from "../../support/kernels.ts";
import { flat } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, relativeError } from "../../support/kernels-values.ts";

// Four products and sums a step, each rounded to 2^-24 of numbers below 4.
const TOLERANCE = 2 ** -20;
const STEPS = 5;
const CASES = pairwise({
  N: [4, 8, 12, 100],
  preset: ["keras", "pytorch"],
  nesterov: [false, true],
  momentum: [0, 0.5, 0.9],
});

/** intake, fromMomentum, fromGradient: how the two frameworks' forms are told to the kernel. */
function scalars(preset: Preset, nesterov: boolean, learningRate: number, momentum: number) {
  if (preset === "keras") return nesterov ? [-learningRate, momentum, -learningRate] : [-learningRate, 1, 0];
  return nesterov ? [1, -learningRate * momentum, -learningRate] : [1, -learningRate, 0];
}

describeVariants((_variant, kernels, arena) => {
  test("blend: each product and the sum rounded once, nothing else written", () => {
    for (const N of [4, 8, 12, 100]) {
      const memory = arena();
      const [x, y] = [memory.inout("x", flat(N), floats(1, N)), memory.input("y", flat(N), floats(2, N))];
      const [keep, intake] = [Math.fround(0.9), Math.fround(-0.01)];
      kernels.blend(x.address, y.address, N, keep, intake);
      const expected = floats(1, N).map((value, n) =>
        Math.fround(Math.fround(keep * value) + Math.fround(intake * at(floats(2, N), n))),
      );
      expect(x.values()).toEqual(expected);
      expect(memory.violations()).toEqual([]);
    }
  });

  test("sgdMomentum: five steps in Keras's and PyTorch's form, with and without Nesterov, within 2^-20", () => {
    for (const { N, preset, nesterov, momentum } of CASES) {
      const memory = arena();
      const params = memory.inout("params", flat(N), floats(1, N));
      const m = memory.inout("m", flat(N), new Float64Array(N));
      const gradients = memory.inout("gradients", flat(N), new Float64Array(N));
      const [intake = 0, fromMomentum = 0, fromGradient = 0] = scalars(preset, nesterov, 0.01, momentum);
      let twin: SgdResult = { parameters: floats(1, N), velocity: new Float64Array(N) };
      for (let step = 0; step < STEPS; step++) {
        const g = floats(3 + step, N);
        gradients.set(g);
        const addresses = [params.address, m.address, gradients.address] as const;
        kernels.sgdMomentum(...addresses, N, momentum, intake, fromMomentum, fromGradient);
        twin = sgdStep({ preset, nesterov, momentum, learningRate: 0.01, gradients: g, ...twin });
      }
      const label = `N ${N} ${preset} nesterov ${nesterov} momentum ${momentum}`;
      expect(relativeError(params.values(), twin.parameters, 1), label).toBeLessThan(TOLERANCE);
      expect(relativeError(m.values(), twin.velocity, 1), label).toBeLessThan(TOLERANCE);
      expect(memory.violations(), label).toEqual([]);
    }
  });

  test("lion: five steps of the rate's length in the direction's sign, within 2^-20", () => {
    for (const N of [4, 8, 12, 100]) {
      const memory = arena();
      const params = memory.inout("params", flat(N), floats(1, N));
      const m = memory.inout("m", flat(N), new Float64Array(N));
      const gradients = memory.inout("gradients", flat(N), new Float64Array(N));
      const twin = vectorOf(N, () => lion());
      let expected = floats(1, N);
      for (let step = 0; step < STEPS; step++) {
        const g = floats(3 + step, N).map((value, n) => (n % 4 === 1 ? 0 : value));
        gradients.set(g);
        kernels.lion(params.address, m.address, gradients.address, N, 0.125, 0.9, 0.1, 0.99, 0.01);
        expected = twin(expected, g, 0.125);
      }
      expect(relativeError(params.values(), expected, 1), `N ${N}`).toBeLessThan(TOLERANCE);
      expect(memory.violations(), `N ${N}`).toEqual([]);
    }
  });
});
