import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError, OptionError, StateError } from "../../src/errors.ts";
import { scalerFromConfig } from "../../src/series/scalers/config.ts";
import { logScaler } from "../../src/series/scalers/log.ts";
import { minMaxScaler } from "../../src/series/scalers/min-max.ts";
import { resolveScaler, type ScalerName } from "../../src/series/scalers/resolve.ts";
import { robustScaler } from "../../src/series/scalers/robust.ts";
import type { Scaler } from "../../src/series/scalers/scaler.ts";
import { standardScaler } from "../../src/series/scalers/standard.ts";

const NAMES: readonly ScalerName[] = ["standard", "minMax", "robust", "log", "none"];
const KINDS: readonly (readonly [string, () => Scaler])[] = [
  ["standard", standardScaler],
  ["minMax", minMaxScaler],
  ["minMax [-2, 3]", () => minMaxScaler({ range: [-2, 3] })],
  ["robust", robustScaler],
  ["log", () => logScaler({ offset: 0.5 })],
  ["none", () => resolveScaler("none")],
];

const columns = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });
const fitted = (scaler: Scaler, values: ArrayLike<number>) => scaler.fit(values);
const throughJson = (scaler: Scaler) => scalerFromConfig(JSON.parse(JSON.stringify(scaler.toConfig())));

describe("by hand", () => {
  test("standard: mean 5, population deviation 2", () => {
    const scaler = fitted(standardScaler(), [2, 4, 4, 4, 5, 5, 7, 9]);
    expect(scaler.toConfig()).toEqual({ kind: "standard", mean: 5, deviation: 2 });
    expect([...scaler.transform([5, 9, 1])]).toEqual([0, 2, -2]);
    expect([...scaler.inverse([0, 2, -2])]).toEqual([5, 9, 1]);
  });

  test("min-max: the ends of the range are exact, later values may lie outside", () => {
    expect([...fitted(minMaxScaler(), [0.1, 0.3, 0.2]).transform([0.1, 0.3, 0.1])]).toEqual([0, 1, 0]);
    const scaler = fitted(minMaxScaler({ range: [-1, 1] }), [10, 30]);
    expect([...scaler.transform([10, 20, 30, 40])]).toEqual([-1, 0, 1, 2]);
  });

  test("robust: median and interquartile range, whatever the largest value", () => {
    const config = { kind: "robust", median: 3, spread: 2 };
    expect(fitted(robustScaler(), [5, 1, 2, 4, 3]).toConfig()).toEqual(config);
    expect(fitted(robustScaler(), [5000, 1, 2, 4, 3]).toConfig()).toEqual(config);
    expect(fitted(robustScaler(), [1, 2, 3, 4]).toConfig()).toEqual({ kind: "robust", median: 2.5, spread: 1.5 });
  });

  test("robust: where most values are equal, by the standard deviation", () => {
    const { median, spread } = fitted(robustScaler(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 10]).toConfig();
    expect(median).toBe(0);
    expect(spread).toBeCloseTo(3, 12);
  });

  test("log: growth by a factor becomes equal steps", () => {
    const [a = 0, b = 0, c = 0] = fitted(logScaler(), [1, 10, 100]).transform([1, 10, 100]);
    expect(b - a).toBeCloseTo(c - b, 12);
    expect(b).toBeCloseTo(0, 12);
    expect(c).toBeCloseTo(Math.sqrt(3 / 2), 12);
  });
});

describe.each(KINDS)("%s", (_name, create) => {
  test("inverse undoes transform to 1e-9 of the column's largest value", () => {
    fc.assert(
      fc.property(columns, columns, (values, later) => {
        const scaler = fitted(create(), values);
        const back = scaler.inverse(scaler.transform(values));
        const largest = Math.max(...values);
        const far = values.findIndex((value, n) => !(Math.abs((back[n] ?? NaN) - value) < 1e-9 * largest));
        expect(far).toBe(-1);
        expect(scaler.transform(later).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test("a configuration goes through JSON, fitted or not, and scales to the same bits", () => {
    fc.assert(
      fc.property(columns, (values) => {
        const scaler = create();
        expect(throughJson(scaler).toConfig()).toEqual(scaler.toConfig());
        expect(throughJson(scaler).isFitted).toBe(scaler.isFitted);
        scaler.fit(values);
        const again = throughJson(scaler);
        expect(again.isFitted).toBe(true);
        expect(again.transform(values)).toEqual(scaler.transform(values));
        expect(again.inverse([0.3, -1])).toEqual(scaler.inverse([0.3, -1]));
      }),
    );
  });

  test("a constant column is moved, not divided", () => {
    const scaler = fitted(create(), [0.1, 0.1, 0.1]);
    const [a = NaN, b = NaN] = scaler.transform([0.1, 0.6]);
    expect(Number.isFinite(a) && b > a && b - a < 5).toBe(true);
    expect(scaler.inverse([a])[0]).toBeCloseTo(0.1, 12);
  });

  test("bad columns change nothing", () => {
    const scaler = fitted(create(), [1, 2, 3]);
    const before = scaler.toConfig();
    for (const bad of [[], [1, NaN], [Infinity], [1e200], ["3"], undefined, 3] as never[]) {
      expect(() => scaler.fit(bad)).toThrow(OptionError);
    }
    expect(scaler.toConfig()).toEqual(before);
  });
});

test("the smallest spreads do not divide by zero", () => {
  for (const create of [standardScaler, minMaxScaler, robustScaler]) {
    for (const tiny of [5e-324, 1e-200, 1e-160]) {
      const scaled = fitted(create(), [0, tiny, 0, tiny]).transform([0, tiny]);
      expect(scaled.every(Number.isFinite)).toBe(true);
    }
  }
});

describe("errors", () => {
  test("before fit", () => {
    expect(() => standardScaler().transform([1])).toThrow(
      new StateError("standardScaler knows no column yet: call fit before transform."),
    );
    expect(() => logScaler().inverse([1])).toThrow(StateError);
    expect(resolveScaler("none").transform([1, 2])).toEqual(Float64Array.of(1, 2));
  });

  test("name the row", () => {
    expect(() => fitted(robustScaler(), [1, 2, NaN])).toThrow(
      new OptionError(
        "robustScaler fits finite numbers up to 1e+150, got NaN in row 2 (from 0): fill or drop it first.",
      ),
    );
    const message =
      "logScaler with offset 1 takes values above -1, got -1 in row 1 (from 0): raise the offset or take another scaler.";
    expect(() => fitted(logScaler({ offset: 1 }), [0, -1])).toThrow(new OptionError(message));
    expect(() => fitted(logScaler({ offset: 1 }), [0, 1]).transform([5, -1])).toThrow(new OptionError(message));
  });

  test("of options", () => {
    expect(() => minMaxScaler({ range: [1, 1] })).toThrow(OptionError);
    expect(() => minMaxScaler({ range: [0, NaN] })).toThrow(OptionError);
    expect(() => minMaxScaler({ range: 3 as never })).toThrow(OptionError);
    expect(() => minMaxScaler({ ranges: [0, 1] } as never)).toThrow('did you mean "range"?');
    expect(() => logScaler({ offset: Infinity })).toThrow(OptionError);
  });
});

describe("resolveScaler", () => {
  test("makes scalers by name and hands on those made", () => {
    for (const name of NAMES) expect(resolveScaler(name).kind).toBe(name);
    expect(resolveScaler("standard")).not.toBe(resolveScaler("standard"));
    const scaler = minMaxScaler();
    expect(resolveScaler(scaler)).toBe(scaler);
  });

  test("refuses the rest", () => {
    expect(() => resolveScaler("max" as never)).toThrow(
      new OptionError('The series needs scaler to be "standard", "minMax", "robust", "log" or "none", got "max".'),
    );
    for (const bad of [undefined, null, 3, {}, "toString"] as never[]) {
      expect(() => resolveScaler(bad)).toThrow(OptionError);
    }
  });
});

describe("scalerFromConfig", () => {
  test.each([
    [null, "scaler must be an object, got null."],
    [[], "scaler must be an object, got an array of length 0."],
    [{}, "scaler.kind is missing."],
    [{ kind: 3 }, "scaler.kind must be a string, got 3."],
    [{ kind: "__proto__" }, 'scaler.kind must be one of standard, minMax, robust, log, none, got "__proto__".'],
    [{ kind: "standard", mean: 1 }, "scaler.deviation is missing."],
    [{ kind: "standard", mean: 1, deviation: 0 }, "scaler.deviation must be above 0, got 0."],
    [{ kind: "standard", mean: null, deviation: 1 }, "scaler.mean must be a finite number up to 1e+150, got null."],
    [{ kind: "standard", mean: 1, deviation: 1, x: 1 }, 'scaler has kind, mean, deviation, got "x".'],
    [{ kind: "none", mean: 1 }, 'scaler has kind, got "mean".'],
    [{ kind: "minMax", range: [1, 0] }, "scaler.range must be two ascending numbers, got an array of length 2."],
    [{ kind: "minMax", range: [0, 1], min: 2, max: 1 }, "scaler.max must be at least min, which is 2, got 1."],
    [{ kind: "log", mean: 1, deviation: 1 }, "scaler.offset is missing."],
    [{ kind: "log", offset: 1e200 }, "scaler.offset must be a finite number up to 1e+150, got 1e+200."],
  ])("%j: %s", (config, message) => {
    expect(() => scalerFromConfig(config)).toThrow(new FormatError(message));
  });

  test("reads own properties only, and objects without a prototype", () => {
    const inherited = Object.create({ mean: 1, deviation: 2 });
    inherited.kind = "standard";
    expect(scalerFromConfig(inherited).isFitted).toBe(false);
    const bare = Object.assign(Object.create(null), { kind: "standard", mean: 1, deviation: 2 });
    expect([...scalerFromConfig(bare).transform([5])]).toEqual([2]);
    const polluting: unknown = JSON.parse('{"kind":"standard","__proto__":{"mean":1}}');
    expect(() => scalerFromConfig(polluting)).toThrow(FormatError);
  });

  test("names the path given", () => {
    expect(() => scalerFromConfig({}, "columns[2].scaler")).toThrow("columns[2].scaler.kind is missing.");
  });

  test("anything is a scaler or a FormatError", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.dictionary(
            fc.constantFrom("kind", "mean", "deviation", "offset", "range", "min", "max"),
            fc.oneof(fc.constantFrom(...NAMES), fc.double(), fc.array(fc.double())),
          ),
        ),
        (config) => {
          try {
            const scaler = scalerFromConfig(config);
            if (scaler.isFitted && scaler.kind !== "log")
              expect(scaler.transform([1]).every(Number.isFinite)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
    );
  });
});
