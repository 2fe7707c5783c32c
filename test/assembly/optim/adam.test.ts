import { expect, test } from "vitest";
import { adamState, adamStep, type Preset } from "../../reference/optimizers.ts";
import { adamax, vectorOf } from "../../reference/optimizers-adaptive.ts";
import { describeVariants } from "../../support/kernels.ts";
import { flat } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, relativeError } from "../../support/kernels-values.ts";

const RATE = 0.01;
const BETA1 = 0.9;
const BETA2 = 0.999;
const STEPS = 10;
// A step moves a parameter by about RATE; ten of them, each off by some 2^-22 of itself, and the parameter's own rounding.
const TOLERANCE = 1e-6;
const CASES = pairwise({
  N: [4, 8, 12, 100],
  preset: ["keras", "pytorch"],
  amsgrad: [false, true],
  scale: [1e-6, 1, 1e6],
});

/** Bias corrections folded into step and rootScale, as adam.ts says. */
function scalars(preset: Preset, t: number): readonly [number, number] {
  const [c1, c2] = [1 - BETA1 ** t, 1 - BETA2 ** t];
  return preset === "keras" ? [(RATE * Math.sqrt(c2)) / c1, 1] : [RATE / c1, 1 / Math.sqrt(c2)];
}

const zeros = (N: number) => new Float64Array(N);

describeVariants((_variant, kernels, arena) => {
  test("adam: ten steps in Keras's and PyTorch's form, with and without AMSGrad, within 1e-6", () => {
    for (const { N, preset, amsgrad, scale } of CASES) {
      const memory = arena();
      const params = memory.inout("params", flat(N), floats(1, N));
      const [m, v] = [memory.inout("m", flat(N), zeros(N)), memory.inout("v", flat(N), zeros(N))];
      const largest = memory.inout("largest", flat(N), zeros(N));
      const gradients = memory.inout("gradients", flat(N), zeros(N));
      const third = amsgrad ? largest.address : 0;
      const epsilon = preset === "keras" ? 1e-7 : 1e-8;
      let twin = { parameters: floats(1, N), state: adamState(N) };
      for (let t = 1; t <= STEPS; t++) {
        const g = floats(1 + t, N, t === 3 ? scale : scale / 8);
        gradients.set(g);
        const [step, rootScale] = scalars(preset, t);
        kernels.adam(
          ...([params.address, m.address, v.address, third, gradients.address, N, step, 1, 0] as const),
          ...([BETA1, 1 - BETA1, BETA2, 1 - BETA2, rootScale, epsilon] as const),
        );
        twin = adamStep({ preset, amsgrad, learningRate: RATE, gradients: g, ...twin });
      }
      const label = `N ${N} ${preset} amsgrad ${amsgrad} |g| <= ${scale}`;
      expect(relativeError(params.values(), twin.parameters, 1), label).toBeLessThan(TOLERANCE);
      expect(relativeError(m.values(), twin.state.mean, scale), label).toBeLessThan(TOLERANCE);
      expect(relativeError(v.values(), twin.state.variance, scale * scale), label).toBeLessThan(TOLERANCE);
      expect(memory.violations(), label).toEqual([]);
    }
  });

  test("adamax: ten steps in Keras's and PyTorch's form within 1e-6", () => {
    for (const { N, preset, scale } of CASES) {
      const memory = arena();
      const params = memory.inout("params", flat(N), floats(1, N));
      const [m, u] = [memory.inout("m", flat(N), zeros(N)), memory.inout("u", flat(N), zeros(N))];
      const gradients = memory.inout("gradients", flat(N), zeros(N));
      const [inside, outside] = preset === "keras" ? [0, 1e-7] : [1e-8, 0];
      const twin = vectorOf(N, () => adamax({ preset }));
      let expected = floats(1, N);
      for (let t = 1; t <= STEPS; t++) {
        const g = floats(1 + t, N, scale);
        gradients.set(g);
        kernels.adamax(
          ...([params.address, m.address, u.address, gradients.address, N, RATE / (1 - BETA1 ** t)] as const),
          ...([BETA1, 1 - BETA1, BETA2, inside, outside] as const),
        );
        expected = twin(expected, g, RATE);
      }
      const label = `N ${N} ${preset} |g| <= ${scale}`;
      expect(relativeError(params.values(), expected, 1), label).toBeLessThan(TOLERANCE);
      expect(memory.violations(), label).toEqual([]);
    }
  });
});
