import { expect, test } from "vitest";
import type { Preset } from "../../reference/optimizers.ts";
import { adadelta, adagrad, rmsprop, vectorOf } from "../../reference/optimizers-adaptive.ts";
import { describeVariants } from "../../support/kernels.ts";
import { flat } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, relativeError } from "../../support/kernels-values.ts";

const RATE = 0.01;
const RHO = 0.9;
const STEPS = 10;
// Ten steps of a few roundings each.
const TOLERANCE = 1e-6;
const LENGTHS = [4, 8, 12, 100];
const CASES = pairwise({
  N: LENGTHS,
  preset: ["keras", "pytorch"],
  centered: [false, true],
  momentum: [0, 0.9],
  scale: [1e-3, 1, 1e6],
});

const zeros = (N: number) => new Float64Array(N);

/** intoStep, step, inside and outside, as rmsprop.ts says. */
function scalars(preset: Preset): readonly [number, number, number, number] {
  return preset === "keras" ? [RATE, 1, 1e-7, 0] : [1, RATE, 0, 1e-8];
}

describeVariants((_variant, kernels, arena) => {
  test("rmsprop: ten steps in both forms, centered or not, with and without momentum, within 1e-6", () => {
    for (const { N, preset, centered, momentum, scale } of CASES) {
      const memory = arena();
      const params = memory.inout("params", flat(N), floats(1, N));
      const moments = ["v", "mean", "buffer"].map((name) => memory.inout(name, flat(N), zeros(N)).address);
      const gradients = memory.inout("gradients", flat(N), zeros(N));
      const [v = 0, mean = 0, buffer = 0] = [moments[0], centered ? moments[1] : 0, momentum > 0 ? moments[2] : 0];
      const twin = vectorOf(N, () => rmsprop({ preset, rho: RHO, centered, momentum }));
      let expected = floats(1, N);
      for (let t = 1; t <= STEPS; t++) {
        const g = floats(1 + t, N, scale);
        gradients.set(g);
        kernels.rmsprop(
          ...([params.address, v, mean, buffer, gradients.address, N, RHO, 1 - RHO, momentum] as const),
          ...scalars(preset),
        );
        expected = twin(expected, g, RATE);
      }
      const label = `N ${N} ${preset} centered ${centered} momentum ${momentum} |g| <= ${scale}`;
      expect(relativeError(params.values(), expected, 1), label).toBeLessThan(TOLERANCE);
      expect(memory.violations(), label).toEqual([]);
    }
  });

  test("rmsprop, centered: a constant gradient, whose variance rounding makes negative, leaves no NaN", () => {
    const memory = arena();
    const block = (values: Float64Array) => memory.inout("block", flat(100), values);
    const [params, v, mean] = [block(floats(1, 100)), block(zeros(100)), block(zeros(100))];
    const gradients = memory.input("gradients", flat(100), floats(2, 100, 1e3));
    for (let t = 0; t < 300; t++) {
      kernels.rmsprop(
        ...([params.address, v.address, mean.address, 0, gradients.address, 100] as const),
        ...([RHO, 1 - RHO, 0, ...scalars("pytorch")] as const),
      );
    }
    expect(params.values().every(Number.isFinite)).toBe(true);
  });

  test("rmsprop as Adagrad: ten steps in both forms within 1e-6", () => {
    for (const N of LENGTHS) {
      for (const preset of ["keras", "pytorch"] as const) {
        const memory = arena();
        const params = memory.inout("params", flat(N), floats(1, N));
        const v = memory.inout("v", flat(N), zeros(N));
        const gradients = memory.inout("gradients", flat(N), zeros(N));
        const [inside, outside] = preset === "keras" ? [0.1 + 1e-7, 0] : [0, 1e-10];
        const twin = vectorOf(N, () => adagrad({ preset }));
        let expected = floats(1, N);
        for (let t = 1; t <= STEPS; t++) {
          const g = floats(1 + t, N);
          gradients.set(g);
          kernels.rmsprop(
            ...([params.address, v.address, 0, 0, gradients.address, N] as const),
            ...([1, 1, 0, RATE, 1, inside, outside] as const),
          );
          expected = twin(expected, g, RATE);
        }
        expect(relativeError(params.values(), expected, 1), `N ${N} ${preset}`).toBeLessThan(TOLERANCE);
        expect(memory.violations(), `N ${N} ${preset}`).toEqual([]);
      }
    }
  });

  test("adadelta: ten steps within 1e-6", () => {
    for (const N of LENGTHS) {
      for (const scale of [1e-3, 1, 1e6]) {
        const memory = arena();
        const params = memory.inout("params", flat(N), floats(1, N));
        const [v, u] = [memory.inout("v", flat(N), zeros(N)), memory.inout("u", flat(N), zeros(N))];
        const gradients = memory.inout("gradients", flat(N), zeros(N));
        const twin = vectorOf(N, () => adadelta({ preset: "pytorch" }));
        let expected = floats(1, N);
        for (let t = 1; t <= STEPS; t++) {
          const g = floats(1 + t, N, scale);
          gradients.set(g);
          const addresses = [params.address, v.address, u.address, gradients.address] as const;
          kernels.adadelta(...addresses, N, 1, 0.9, 0.1, 1e-6);
          expected = twin(expected, g, 1);
        }
        expect(relativeError(params.values(), expected, 1), `N ${N} |g| <= ${scale}`).toBeLessThan(TOLERANCE);
        expect(memory.violations(), `N ${N} |g| <= ${scale}`).toEqual([]);
      }
    }
  });
});
