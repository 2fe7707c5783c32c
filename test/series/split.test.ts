import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/errors.ts";
import { chronologicalSplit, rollingOrigins } from "../../src/series/split.ts";

describe("chronologicalSplit", () => {
  test("shares are rounded, counts are rows, the test rows are the last", () => {
    expect(chronologicalSplit(5479)).toEqual({
      train: { from: 0, to: 3561 },
      validation: { from: 3561, to: 3835 },
      calibration: { from: 3835, to: 4657 },
      test: { from: 4657, to: 5479 },
    });
    expect(chronologicalSplit(10, { validation: 2, calibration: 0, test: 0.01 })).toEqual({
      train: { from: 0, to: 7 },
      validation: { from: 7, to: 9 },
      calibration: { from: 9, to: 9 },
      test: { from: 9, to: 10 },
    });
  });

  test("parts follow each other from 0 to the end", () => {
    const part = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.double({ min: 0, max: 0.3, noNaN: true }));
    fc.assert(
      fc.property(fc.integer({ min: 70, max: 1000 }), part, part, part, (rows, validation, calibration, test) => {
        const spans = Object.values(chronologicalSplit(rows, { validation, calibration, test }));
        expect([...spans.map(({ from }) => from), rows]).toEqual([0, ...spans.map(({ to }) => to)]);
        for (const [n, size] of [validation, calibration, test].entries()) {
          const { from = 0, to = 0 } = spans[n + 1] ?? {};
          expect(to - from > 0).toBe(size > 0);
        }
      }),
    );
  });

  test("errors", () => {
    expect(() => chronologicalSplit(10, { test: 10 })).toThrow(
      new OptionError(
        "chronologicalSplit needs a row to train on, but validation, calibration and test take 13 of 10: lower one of them.",
      ),
    );
    expect(() => chronologicalSplit(10, { test: 1.5 })).toThrow(
      new OptionError("chronologicalSplit needs test to be a share from 0 to below 1 or a number of rows, got 1.5."),
    );
    for (const bad of [-1, NaN, Infinity, "0.1"] as never[]) {
      expect(() => chronologicalSplit(10, { calibration: bad })).toThrow(OptionError);
    }
    expect(() => chronologicalSplit(2.5)).toThrow(OptionError);
  });
});

describe("rollingOrigins", () => {
  test("all rows whose horizon ends before to", () => {
    expect([...rollingOrigins({ from: 3, to: 7 })]).toEqual([3, 4, 5, 6]);
    expect([...rollingOrigins({ from: 3, to: 10, horizon: 3, stride: 2 })]).toEqual([3, 5, 7]);
    expect([...rollingOrigins({ from: 3, to: 6, horizon: 3 })]).toEqual([3]);
  });

  test("errors", () => {
    expect(() => rollingOrigins({ from: 3, to: 5, horizon: 3 })).toThrow(
      new OptionError("rollingOrigins needs at least 3 rows for the horizon, got 2 from 3 to 5: shorten it."),
    );
    expect(() => rollingOrigins({ from: -1, to: 5 })).toThrow(OptionError);
    expect(() => rollingOrigins({ from: 1, to: 5, stride: 0 })).toThrow(OptionError);
  });
});
