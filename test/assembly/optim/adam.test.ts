import { expect, test } from "vitest";
import { adamState, adamStep, type Preset } from "../../reference/optimizers.ts";
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
  decay: [0, 0.1],
  scale: [1e-6, 1, 1e6],
});

/** Bias corrections folded into step and rootScale, as adam.ts says. */
function scalars(preset: Preset, t: number): readonly [number, number] {
  const [c1, c2] = [1 - BETA1 ** t, 1 - BETA2 ** t];
  return preset === "keras" ? [(RATE * Math.sqrt(c2)) / c1, 1] : [RATE / c1, 1 / Math.sqrt(c2)];
}

describeVariants((_variant, kernels, arena) => {
  test("adam: ten steps in Keras's and PyTorch's form, with and without decay, within 1e-6", () => {
    for (const { N, preset, decay, scale } of CASES) {
      const memory = arena();
      const params = memory.inout("params", flat(N), floats(1, N));
      const m = memory.inout("m", flat(N), new Float64Array(N));
      const v = memory.inout("v", flat(N), new Float64Array(N));
      const gradients = memory.inout("gradients", flat(N), new Float64Array(N));
      const epsilon = preset === "keras" ? 1e-7 : 1e-8;
      const keep = 1 - RATE * decay;
      let twin = { parameters: floats(1, N), state: adamState(N) };
      for (let t = 1; t <= STEPS; t++) {
        const g = floats(1 + t, N, scale);
        gradients.set(g);
        const [step, rootScale] = scalars(preset, t);
        kernels.adam(
          ...([params.address, m.address, v.address, gradients.address, N, step] as const),
          ...([BETA1, 1 - BETA1, BETA2, 1 - BETA2, rootScale, epsilon, keep] as const),
        );
        const decayed = twin.parameters.map((p) => p * keep);
        twin = adamStep({ preset, learningRate: RATE, gradients: g, parameters: decayed, state: twin.state });
      }
      const label = `N ${N} ${preset} decay ${decay} |g| <= ${scale}`;
      expect(relativeError(params.values(), twin.parameters, 1), label).toBeLessThan(TOLERANCE);
      expect(relativeError(m.values(), twin.state.mean, scale), label).toBeLessThan(TOLERANCE);
      expect(relativeError(v.values(), twin.state.variance, scale * scale), label).toBeLessThan(TOLERANCE);
      expect(memory.violations(), label).toEqual([]);
    }
  });

  test("adam: pads, zero in every block, stay zero", () => {
    const memory = arena();
    const block = () => memory.inout("zeros", flat(8), new Float64Array(8));
    const [params, m, v, gradients] = [block(), block(), block(), block()];
    const scalars = [0.01, 0.9, 0.1, 0.999, 0.001, 1, 1e-7, 0.99] as const;
    kernels.adam(params.address, m.address, v.address, gradients.address, 8, ...scalars);
    expect([...params.values(), ...m.values(), ...v.values()].every((value) => value === 0)).toBe(true);
    expect(memory.violations()).toEqual([]);
  });
});
