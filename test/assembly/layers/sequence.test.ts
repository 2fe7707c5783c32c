import { expect, test } from "vitest";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat, rows } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats } from "../../support/kernels-values.ts";

const CASES = pairwise({
  T: [1, 2, 5],
  B: [1, 2, 7],
  F: [1, 2, 3, 4, 5, 8, 64, 65],
  isRagged: [false, true],
  isReordered: [false, true],
});
type Case = (typeof CASES)[number];
const label = ({ T, B, F, isRagged, isReordered }: Case) =>
  `T ${T} B ${B} F ${F} ragged ${isRagged} order ${isReordered}`;

function problem(shape: Case) {
  const { T, B, F, isRagged, isReordered } = shape;
  const active = Array.from({ length: T }, (_, t) => (isRagged ? Math.max(0, B - 2 * t) : B));
  const order = Array.from({ length: B }, (_, b) => (isReordered ? (b * 3 + 1) % B : b));
  const values = floats(1, B * T * F);
  /** [N]: which row [F] of the values stands at each row of the steps. */
  const places = active.flatMap((running, t) => order.slice(0, running).map((row) => row * T + t));
  const packed = places.flatMap((place) => [...values.subarray(place * F, (place + 1) * F)]);
  return { ...shape, active, order, values, places, packed };
}
type Problem = ReturnType<typeof problem>;
const PROBLEMS = CASES.map(problem);

/** Addresses of order and active, 0 where rows stand in order or all run. */
function placeOrder(memory: Arena, { isRagged, isReordered, active, order }: Problem): readonly [number, number] {
  return [
    isReordered ? memory.integers("order", order).address : 0,
    isRagged ? memory.integers("active", active).address : 0,
  ];
}

describeVariants((_variant, kernels, arena) => {
  test("packSequence: running rows step after step, pads zero, user arrays at any multiple of 4 bytes", () => {
    for (const shape of PROBLEMS) {
      const { T, B, F, values, packed, places } = shape;
      for (const offset of [0, 1, 2, 3]) {
        const memory = arena();
        const from = memory.input("values", flat(B * T * F, offset), values);
        const to = memory.output("rows", rows(places.length, F));
        kernels.packSequence(to.address, from.address, ...placeOrder(memory, shape), T, B, F);
        expect([...to.values()], label(shape)).toEqual(packed);
        expect(memory.violations(), label(shape)).toEqual([]);
      }
    }
  });

  test("unpackSequence: every row back at its place, zeros where one has ended, nothing else written", () => {
    for (const shape of PROBLEMS) {
      const { T, B, F, values, packed, places } = shape;
      const expected = values.map((value, n) => (places.includes(Math.floor(n / F)) ? value : 0));
      for (const offset of [0, 1, 2, 3]) {
        const memory = arena();
        const from = memory.input("rows", rows(places.length, F), packed);
        const to = memory.output("values", flat(B * T * F, offset));
        kernels.unpackSequence(to.address, from.address, ...placeOrder(memory, shape), T, B, F);
        expect(to.values(), label(shape)).toEqual(expected);
        expect(memory.violations(), label(shape)).toEqual([]);
      }
    }
  });
});
