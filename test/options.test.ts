import { describe, expect, it } from "vitest";
import { OptionError } from "../src/errors.ts";
import {
  describe as describeValue,
  finiteNumber,
  flag,
  integer,
  knownOptions,
  oneOf,
  positiveInteger,
} from "../src/options.ts";

const owner = 'LSTM "encoder"';

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

describe("positiveInteger", () => {
  it("returns 1 and 2^53 - 1", () => {
    expect(positiveInteger(owner, "units", 1)).toBe(1);
    expect(positiveInteger(owner, "units", Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("names the owner, the option and the value", () => {
    const message = messageOf(() => positiveInteger(owner, "units", -3));
    expect(message).toBe('LSTM "encoder" needs units to be a positive integer, got -3.');
  });

  it.each([0, -0, 1.5, NaN, Infinity, 2 ** 53, "3", 3n, null, undefined, [3], {}])("refuses %s", (value) => {
    expect(() => positiveInteger(owner, "units", value)).toThrow(OptionError);
  });
});

describe("integer", () => {
  it("takes both bounds and refuses what is next to them", () => {
    expect(integer(owner, "axis", -2, -2, 2)).toBe(-2);
    expect(integer(owner, "axis", 2, -2, 2)).toBe(2);
    expect(messageOf(() => integer(owner, "axis", 3, -2, 2))).toContain("an integer from -2 to 2, got 3");
    expect(messageOf(() => integer(owner, "axis", -3, -2, 2))).toContain("got -3");
    expect(messageOf(() => integer(owner, "seed", 2 ** 53, 0))).toContain("from 0 to 2^53 - 1, got 9007199254740992");
  });
});

describe("finiteNumber", () => {
  it("tells closed bounds from open ones", () => {
    expect(finiteNumber(owner, "dropout", 0, { min: 0, below: 1 })).toBe(0);
    expect(messageOf(() => finiteNumber(owner, "dropout", 1, { min: 0, below: 1 }))).toBe(
      'LSTM "encoder" needs dropout to be a finite number at least 0 and below 1, got 1.',
    );
    expect(messageOf(() => finiteNumber("Adam", "learningRate", 0, { above: 0 }))).toContain("above 0, got 0");
    expect(messageOf(() => finiteNumber("Adam", "beta1", 2, { max: 1 }))).toContain("at most 1, got 2");
  });

  it.each([NaN, Infinity, -Infinity, "1", null, undefined])("refuses %s", (value) => {
    expect(messageOf(() => finiteNumber("SGD", "momentum", value))).toContain("to be a finite number, got");
  });
});

describe("flag and oneOf", () => {
  it("return the value or list what is allowed", () => {
    expect(flag(owner, "goBackwards", false)).toBe(false);
    expect(messageOf(() => flag(owner, "goBackwards", 0))).toContain("to be true or false, got 0");
    expect(oneOf("init()", "numerics", "fast", ["strict", "fast"])).toBe("fast");
    expect(messageOf(() => oneOf("init()", "numerics", "slow", ["strict", "fast", "x"]))).toBe(
      'init() needs numerics to be "strict", "fast" or "x", got "slow".',
    );
    expect(messageOf(() => oneOf("a", "b", undefined, ["x"]))).toContain('to be "x", got undefined');
  });
});

describe("knownOptions", () => {
  const allowed = ["units", "returnSequences", "recurrentDropout"];

  it("takes every allowed name and an empty object, inherited names aside", () => {
    knownOptions(owner, { units: 3, returnSequences: undefined }, allowed);
    knownOptions(owner, Object.create({ extra: 1 }), allowed);
  });

  it.each([
    ["unit", "units"],
    ["return_sequences", "returnSequences"],
    ["returnsequences", "returnSequences"],
    ["recurentDropout", "recurrentDropout"],
  ])("tells that %s should be %s", (key, near) => {
    expect(messageOf(() => knownOptions(owner, { [key]: 1 }, allowed))).toBe(
      `LSTM "encoder" has no option "${key}": did you mean "${near}"?`,
    );
  });

  it("lists the names when none is near", () => {
    const message = messageOf(() => knownOptions(owner, { colour: 1 }, allowed));
    expect(message).toBe('LSTM "encoder" has no option "colour": it takes units, returnSequences, recurrentDropout.');
    expect(messageOf(() => knownOptions(owner, { ["x".repeat(1e5)]: 1 }, allowed)).length).toBeLessThan(200);
    expect(messageOf(() => knownOptions(owner, { a: 1 }, []))).toContain("it takes none");
  });

  it("sees own keys that look like the prototype's", () => {
    expect(() => knownOptions(owner, JSON.parse('{"__proto__": 1}'), allowed)).toThrow(OptionError);
  });

  it.each([null, undefined, 3, "units", [["units", 3]]])("refuses %s as options", (options) => {
    expect(messageOf(() => knownOptions(owner, options, allowed))).toContain("takes its options as an object, got");
  });
});

describe("describe", () => {
  it("shows any value in a short phrase", () => {
    expect(describeValue("a".repeat(1000)).length).toBeLessThan(70);
    expect(describeValue(-0)).toBe("-0");
    expect(describeValue(3n)).toBe("3n");
    expect(describeValue(Symbol("s"))).toBe("a symbol");
    expect(describeValue(() => 1)).toBe("a function");
    expect(describeValue([1, 2])).toBe("an array of length 2");
    expect(describeValue(new Float64Array(5))).toBe("a Float64Array of length 5");
    expect(describeValue({})).toBe("an object");
    expect(describeValue(Object.create(null))).toBe("an object");
    expect(describeValue(new Map())).toBe("an object (Map)");
    expect(describeValue(null)).toBe("null");
  });
});
