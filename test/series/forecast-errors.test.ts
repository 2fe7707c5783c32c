import { describe, expect, test } from "vitest";
import { OptionError, ShapeError } from "../../src/errors.ts";
import { coverage, forecastErrors } from "../../src/series/forecast-errors.ts";

describe("forecastErrors", () => {
  test("by hand", () => {
    const { rmse, mae, mape } = forecastErrors([1, 2, -4], [2, 2, -2]);
    expect(rmse).toBe(Math.sqrt(5 / 3));
    expect(mae).toBe(1);
    expect(mape).toBe(50);
  });

  test("per cent leave out actual values of 0, and are null when all are", () => {
    expect(forecastErrors([0, 4], [100, 5]).mape).toBe(25);
    expect(forecastErrors([0, -0], [1, 1])).toEqual({ rmse: 1, mae: 1, mape: null });
  });

  test("errors", () => {
    expect(() => forecastErrors([1, 2], [1])).toThrow(
      new ShapeError("forecastErrors needs actual, forecast of one length, at least 1, got 2, 1."),
    );
    expect(() => forecastErrors([], [])).toThrow(ShapeError);
  });
});

describe("coverage", () => {
  test("bounds belong to the interval", () => {
    expect(coverage([1, 2, 3, 4], [1, 0, 0, 5], [1, 2, 2, 6])).toBe(0.5);
  });

  test("errors", () => {
    expect(() => coverage([1], [2], [1])).toThrow(
      new OptionError("coverage needs lower up to upper, got 2 above 1 in row 0 (from 0): swap them."),
    );
    expect(() => coverage([1], [1], [])).toThrow(ShapeError);
  });
});
