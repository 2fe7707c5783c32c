import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planRagged } from "../../src/layers/ragged.ts";
import { denseRows, type Rows } from "../../src/layers/rows.ts";
import { rowsWithin, segmentCount, segmentsOf } from "../../src/layers/segments.ts";

const upTo = (max: number) => fc.integer({ min: 1, max });

/** Steps of rows that all go on, or that end early, at an address that no segment reads. */
const anyRows = fc.tuple(upTo(60), upTo(9), fc.boolean()).chain(([T, B, isRagged]): fc.Arbitrary<Rows> => {
  if (!isRagged) return fc.constant(denseRows(T, B));
  return fc.array(upTo(T), { minLength: B, maxLength: B }).map((lengths) => {
    const ragged = planRagged("test", lengths, B, T);
    const { rows: N, longest } = ragged;
    return { ...denseRows(T, B), N, longest, active: 4096, order: 64, place: 128, source: 192, ragged };
  });
});

const runningAt = ({ ragged, B }: Rows, t: number) => ragged?.active[t] ?? B;

describe("segments", () => {
  test("have every step once, in order, and at most so many rows unless one step has more", () => {
    fc.assert(
      fc.property(anyRows, upTo(200), (rows, most) => {
        const segments = segmentsOf(rows, most);
        expect(segments).toHaveLength(segmentCount(rows, most));
        let [t, row] = [0, 0];
        for (const { start, rows: own } of segments) {
          expect(start).toBe(row);
          expect(own).toMatchObject({ T: own.longest, B: rows.B, order: rows.order, place: rows.place });
          expect(own.active).toBe(rows.active === 0 ? 0 : rows.active + 4 * t);
          for (let step = 0; step < own.T; step++) expect(runningAt(own, step)).toBe(runningAt(rows, t + step));
          expect(own.N <= most || own.T === 1).toBe(true);
          [t, row] = [t + own.T, row + own.N];
        }
        expect([t, row]).toEqual([rows.longest, rows.N]);
      }),
    );
  });

  test("are as long as they can be but for the first, since the last is the one that is run once", () => {
    fc.assert(
      fc.property(anyRows, upTo(200), (rows, most) => {
        let t = 0;
        for (const [i, { rows: own }] of segmentsOf(rows, most).entries()) {
          if (i > 0) expect(own.N + runningAt(rows, t - 1)).toBeGreaterThan(most);
          t += own.T;
        }
      }),
    );
  });

  test("of a batch without any step: none", () => {
    const rows = { ...denseRows(5, 2), N: 0, longest: 0, ragged: planRagged("test", [1, 1], 2, 5) };
    expect(segmentsOf(rows, 7)).toEqual([]);
  });
});

describe("rowsWithin", () => {
  /** Rows of a cache, and states before each segment but the last. */
  const sizes = fc.tuple(upTo(100), upTo(100));
  const sizeOf = (rows: Rows, [row, states]: readonly [number, number]) => {
    return (most: number) => most * row + rows.B * states * (segmentCount(rows, most) - 1);
  };

  test("all rows where they fit", () => {
    fc.assert(
      fc.property(anyRows, sizes, (rows, by) => {
        expect(rowsWithin(rows, rows.N * by[0], sizeOf(rows, by))).toBe(rows.N);
      }),
    );
  });

  test("within the limit, but for limits less than a quarter and one checkpoint above the least that can be", () => {
    fc.assert(
      fc.property(anyRows, sizes, upTo(100), (rows, by, share) => {
        const size = sizeOf(rows, by);
        const all = Array.from({ length: rows.N - rows.B + 1 }, (_, n) => size(rows.B + n));
        const least = Math.min(...all, size(rows.N));
        const limit = least + ((size(rows.N) - least) * share) / 100;
        const found = size(rowsWithin(rows, limit, size));
        expect(found).toBeLessThanOrEqual(Math.max(limit, 1.25 * least + rows.B * by[1]));
      }),
    );
  });
});
