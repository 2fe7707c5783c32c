import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError, OutOfMemoryError, ShapeError } from "../../src/errors.ts";
import { chronologicalSplit } from "../../src/series/split.ts";
import { windows } from "../../src/series/windows.ts";

describe("windows", () => {
  test("by hand: two columns, the second is the target", () => {
    const columns = [[0, 1, 2, 3, 4, 5], Float64Array.of(10, 11, 12, 13, 14, 15)];
    const { x, y, origins } = windows(columns, { window: 3, horizon: 2, target: 1 });
    expect([...origins]).toEqual([3, 4]);
    expect(x.shape).toEqual([2, 3, 2]);
    expect([...x.data]).toEqual([0, 10, 1, 11, 2, 12, 1, 11, 2, 12, 3, 13]);
    expect(y.shape).toEqual([2, 2]);
    expect([...y.data]).toEqual([13, 14, 14, 15]);
  });

  test("a target that is no input", () => {
    expect([...windows([[1, 2, 3]], { window: 1, horizon: 1, target: [7, 8, 9] }).y.data]).toEqual([8, 9]);
  });

  test("inputs end before each origin, targets start there and lie in [from, to)", () => {
    const sizes = fc.record({
      rows: fc.integer({ min: 1, max: 60 }),
      window: fc.integer({ min: 1, max: 10 }),
      horizon: fc.integer({ min: 1, max: 6 }),
      stride: fc.integer({ min: 1, max: 7 }),
    });
    fc.assert(
      fc.property(sizes, fc.nat(60), fc.nat(60), ({ rows, ...options }, a, b) => {
        const [from = 0, to = 0] = [a, b].map((row) => Math.min(row, rows)).sort((one, other) => one - other);
        const { window, horizon, stride } = options;
        const expected = Array.from({ length: rows }, (_, row) => row).filter(
          (row) =>
            row >= Math.max(from, window) && row + horizon <= to && (row - Math.max(from, window)) % stride === 0,
        );
        const make = () => windows([Array.from({ length: rows }, (_, row) => row)], { ...options, from, to });
        if (expected.length === 0) return void expect(make).toThrow(OptionError);
        const { x, y, origins } = make();
        expect([...origins]).toEqual(expected);
        const run = (start: number, length: number) => Array.from({ length }, (_, t) => start + t);
        expect([...x.data]).toEqual(expected.flatMap((origin) => run(origin - window, window)));
        expect([...y.data]).toEqual(expected.flatMap((origin) => run(origin, horizon)));
      }),
    );
  });

  test("the parts of a split share no target and leave none out", () => {
    const values = Array.from({ length: 100 }, (_, n) => n);
    const spans = Object.values(chronologicalSplit(100));
    const targets = spans.flatMap((span) => [...windows([values], { window: 5, horizon: 1, ...span }).y.data]);
    expect(targets).toEqual(values.slice(5));
  });

  test("errors", () => {
    const options = { window: 5, horizon: 2 };
    expect(() => windows([[1, 2, 3, 4, 5, 6]], options)).toThrow(
      new OptionError(
        "windows needs 7 rows from row 0 on for one window of 5 and a horizon of 2, got 6: give more rows or shorten window or horizon.",
      ),
    );
    expect(() => windows([[1, 2], [1]], options)).toThrow(
      new ShapeError("windows needs columns of one length, but column 0 has 2 rows and column 1 has 1."),
    );
    for (const bad of [[], undefined, 3, [undefined]] as never[])
      expect(() => windows(bad, options)).toThrow(ShapeError);
    const rows = new Float64Array(20);
    expect(() => windows([rows], { ...options, target: 1 })).toThrow(OptionError);
    expect(() => windows([rows], { ...options, target: [1, 2] })).toThrow(ShapeError);
    expect(() => windows([rows], { ...options, to: 21 })).toThrow(OptionError);
    expect(() => windows([rows], { ...options, from: 12, to: 11 })).toThrow(OptionError);
    expect(() => windows([rows], { ...options, stride: 0 })).toThrow(OptionError);
    const endless = { length: 2147483647 } as ArrayLike<number>;
    const horizon = endless.length - 1025;
    expect(() => windows([endless], { window: 1, horizon })).toThrow(OutOfMemoryError);
  });
});
