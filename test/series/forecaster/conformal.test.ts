import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conformalHalfWidths } from "../../../src/series/forecaster/conformal.ts";

describe("conformal half widths", () => {
  test("are the ceil((n + 1) s)-th smallest absolute errors, by step", () => {
    const errors = Float64Array.from({ length: 99 * 2 }, (_, i) =>
      i % 2 === 0 ? (i / 2 + 1) * (i % 4 === 0 ? -1 : 1) : 7,
    );
    const widths = conformalHalfWidths(errors, 2);
    expect([...widths[80]]).toEqual([80, 7]);
    expect([...widths[95]]).toEqual([95, 7]);
  });

  test("are infinite where there are fewer than 19 errors, so that no share is promised that cannot be held", () => {
    expect(conformalHalfWidths(new Float64Array(18).fill(1), 1)[95][0]).toBe(Number.POSITIVE_INFINITY);
    expect(conformalHalfWidths(new Float64Array(19).fill(1), 1)[95][0]).toBe(1);
  });

  test("leave out rows that are not known", () => {
    const errors = Float64Array.from({ length: 40 }, (_, i) => (i < 20 ? i : Number.NaN));
    expect(conformalHalfWidths(errors, 1)[80][0]).toBe(16);
  });

  test("hold at least their share of the errors they were measured on", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 19, maxLength: 200 }),
        (list) => {
          const errors = Float64Array.from(list);
          const widths = conformalHalfWidths(errors, 1);
          for (const interval of [80, 95] as const) {
            const inside = errors.filter((error) => Math.abs(error) <= (widths[interval][0] ?? 0)).length;
            expect(inside / errors.length).toBeGreaterThanOrEqual(interval / 100);
          }
        },
      ),
    );
  });
});
