import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError, ShapeError } from "../../src/errors.ts";
import { difference, undifference } from "../../src/series/difference.ts";
import { largestDifference } from "../support/difference.ts";

const settings = fc.record({ lag: fc.integer({ min: 1, max: 8 }), order: fc.integer({ min: 1, max: 3 }) });

describe("difference", () => {
  test("by hand", () => {
    expect([...difference([1, 4, 9, 16])]).toEqual([3, 5, 7]);
    expect([...difference([1, 4, 9, 16], { order: 2 })]).toEqual([2, 2]);
    expect([...difference([1, 4, 9, 16], { lag: 2 })]).toEqual([8, 12]);
  });

  test("undifference is its inverse: exact for integers", () => {
    fc.assert(
      fc.property(settings, fc.array(fc.integer(), { minLength: 25, maxLength: 60 }), (options, values) => {
        const initial = values.slice(0, options.lag * options.order);
        expect([...undifference(difference(values, options), initial, options)]).toEqual(values);
      }),
    );
  });

  test("undifference is its inverse: to 1e-9 for shares, the initial values as they are", () => {
    const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 25, maxLength: 60 });
    fc.assert(
      fc.property(settings, numbers, (options, values) => {
        const initial = values.slice(0, options.lag * options.order);
        const back = undifference(difference(values, options), initial, options);
        expect([...back.subarray(0, initial.length)]).toEqual(initial);
        expect(largestDifference(back, values)).toBeLessThan(1e-9);
      }),
    );
  });

  test("forecasts of differences become forecasts", () => {
    const values = [10, 20, 30, 11, 21, 31];
    expect([...undifference([1, 1, 1, 1], values.slice(-3), { lag: 3 }).subarray(3)]).toEqual([12, 22, 32, 13]);
  });

  test("errors", () => {
    expect(() => difference([1, 2, 3], { lag: 3 })).toThrow(
      new OptionError("difference with lag 3 and order 1 needs more than 3 values, got 3: lower one of the two."),
    );
    expect(() => undifference([1], [1], { lag: 2, order: 2 })).toThrow(
      new ShapeError("undifference with lag 2 and order 2 needs 4 initial values, got 1."),
    );
    expect(() => difference([1, 2], { lag: 0 })).toThrow(OptionError);
    expect(() => difference([1, 2], { order: 0.5 })).toThrow(OptionError);
  });
});
