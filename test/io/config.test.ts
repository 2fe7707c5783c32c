import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../src/errors.ts";
import { ConfigReader, plainCopy } from "../../src/io/config.ts";
import { Random } from "../../src/random.ts";
import { expectRefusal } from "../support/layers-errors.ts";
import { requirePrototypesUntouched } from "../support/mutate.ts";
import { changed, parsed, textOf } from "../support/mutate-json.ts";

const TEXT = JSON.stringify({
  version: 1,
  name: "forecast",
  layers: [
    { className: "LSTM", config: { units: 50, returnSequences: true, "odd key": 1 } },
    { className: "Dense", config: { units: -3, rate: 0.5 } },
  ],
  seed: null,
});

const config = () => ConfigReader.parse(TEXT, "config");
const layer = (index: number) => config().get("layers").array()[index] as ConfigReader;
const of = (value: unknown) => new ConfigReader(value, "value");

describe("ConfigReader", () => {
  test("reads what is there", () => {
    const root = config().object(["version", "name", "layers", "seed"]);
    expect(root.get("version").integer(1, 1)).toBe(1);
    expect(root.get("name").string()).toBe("forecast");
    expect(root.get("seed").isNull).toBe(true);
    expect(root.optional("epochs")).toBeUndefined();
    expect(root.get("layers").array(2)).toHaveLength(2);
    const lstm = layer(0);
    expect(lstm.get("className").oneOf(["Dense", "LSTM"])).toBe("LSTM");
    expect(lstm.get("config").get("units").positiveInteger()).toBe(50);
    expect(lstm.get("config").get("returnSequences").boolean()).toBe(true);
    expect(layer(1).get("config").get("rate").number()).toBe(0.5);
    expect(
      lstm
        .get("config")
        .entries()
        .map(([key, value]) => `${key} ${value.path}`),
    ).toEqual([
      "units config.layers[0].config.units",
      "returnSequences config.layers[0].config.returnSequences",
      'odd key config.layers[0].config["odd key"]',
    ]);
    expect(layer(1).plain()).toEqual({ className: "Dense", config: { units: -3, rate: 0.5 } });
  });

  test.each<readonly [string, () => unknown]>([
    [
      "config.layers[1].config.units must be a positive integer, got -3.",
      () => layer(1).get("config").get("units").positiveInteger(),
    ],
    [
      "config.layers[1].config.rate must be an integer from 0 to 2^53 - 1, got 0.5.",
      () => layer(1).get("config").get("rate").integer(0),
    ],
    [
      "config.layers[1].config.rate must be an integer from -(2^53 - 1) to 9, got 0.5.",
      () => layer(1).get("config").get("rate").integer(undefined, 9),
    ],
    [
      'config.layers[0].config["odd key"] must be true or false, got 1.',
      () => layer(0).get("config").get("odd key").boolean(),
    ],
    ["config.layers[0].config.bias is missing.", () => layer(0).get("config").get("bias")],
    ["config.layers[0].config.toString is missing.", () => layer(0).get("config").get("toString")],
    ["config.layers[0].config.__proto__ is missing.", () => layer(0).get("config").get("__proto__")],
    ["config.seed must be a string, got null.", () => config().get("seed").string()],
    ["config.seed must be an object, got null.", () => config().get("seed").object()],
    ["config.seed must be an object, got null.", () => config().get("seed").get("x")],
    ["config.layers must be an object, got an array of length 2.", () => config().get("layers").entries()],
    [
      "config.layers must be an array of at most 1 elements, got an array of length 2.",
      () => config().get("layers").array(1),
    ],
    ["config.version must be an array, got 1.", () => config().get("version").array()],
    ['config.name must be one of "a", "b", got "forecast".', () => config().get("name").oneOf(["a", "b"])],
    ["config.layers is not known: config has version, name.", () => config().object(["version", "name"])],
    [
      "config.__proto__ is not known: config has a.",
      () => ConfigReader.parse('{"__proto__":{}}', "config").object(["a"]),
    ],
    ["value must be a finite number, got Infinity.", () => ConfigReader.parse("1e999", "value").number()],
    [
      "value must be a positive integer, got 9007199254740992.",
      () => ConfigReader.parse("9007199254740993", "value").positiveInteger(),
    ],
    ["value must be an object, got an object (Map).", () => of(new Map()).object()],
    ["value must be an object, got an object (Date).", () => of(new Date()).object()],
    ["value must be an object, got an object.", () => of(new (class Options {})()).object()],
  ])("%s", (message, call) => {
    expect(call).toThrow(expect.objectContaining({ name: "FormatError", message }));
  });

  test("parsing refuses what is no JSON, too deep, too long or of too many values, before it takes memory", () => {
    const parse = (text: string) => () => ConfigReader.parse(text, "config");
    expectRefusal(parse("{units: 3}"), FormatError, 'config must be JSON, got "{units: 3}".');
    expectRefusal(parse(""), FormatError, 'config must be JSON, got "".');
    expectRefusal(parse("[".repeat(33) + "]".repeat(33)), FormatError, "config must be nested at most 32 levels.");
    expectRefusal(parse("[".repeat(1e6)), FormatError, "at most 32 levels");
    expectRefusal(parse(`[${"[],".repeat(3e5)}1]`), FormatError, "at most 500000 values, got 600002.");
    expectRefusal(parse(`"${"x".repeat(16_777_216)}"`), FormatError, "at most 16777216 characters, got 16777218.");
    expect(parse("[".repeat(32) + "]".repeat(32))().path).toBe("config");
    expect(parse(`"${'[{,\\"'.repeat(1e5)}"`)().string()).toHaveLength(4e5);
  });

  test("values of another realm are plain too", () => {
    expect(
      of(Object.assign(Object.create(null), { a: 1 }))
        .get("a")
        .number(),
    ).toBe(1);
  });
});

describe("plainCopy", () => {
  test("is equal to any JSON, shares nothing with it, and its objects have no prototype, 500 values", () => {
    const keys = fc.string().filter((key) => !["__proto__", "constructor", "prototype"].includes(key));
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, false),
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie("json")),
        fc.dictionary(keys, tie("json")),
      ),
    }));
    fc.assert(
      fc.property(json, (value) => {
        const copy = plainCopy(value, "value");
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
        if (typeof value === "object" && value !== null) expect(copy).not.toBe(value);
        if (typeof value === "object" && value !== null && !Array.isArray(value)) {
          expect(Object.getPrototypeOf(copy)).toBeNull();
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test.each<readonly [string, unknown]>([
    ["options.a.__proto__ is no name for an option.", JSON.parse('{"a":{"__proto__":{"polluted":true}}}')],
    ["options[0].constructor is no name for an option.", [{ constructor: { prototype: {} } }]],
    ["options.prototype is no name for an option.", { prototype: 1 }],
    ["options.a[1] must be plain JSON, got undefined.", { a: [1, undefined] }],
    ["options.a[1] must be plain JSON, got undefined.", { a: Object.assign([1], { length: 2 }) }],
    ["options.a must be plain JSON, got NaN.", { a: Number.NaN }],
    ["options.a must be plain JSON, got Infinity.", JSON.parse('{"a":1e999}')],
    ["options.a must be plain JSON, got a function.", { a: () => 1 }],
    ["options.a must be plain JSON, got 3n.", { a: 3n }],
    ["options.a must be plain JSON, got a Float32Array of length 1.", { a: new Float32Array(1) }],
    ["options must be plain JSON, got an object (Date).", new Date()],
    ["options must be plain JSON, got a symbol.", Symbol("s")],
    ["options must hold at most 500000 values.", new Array(500_001)],
  ])("%s", (message, value) => {
    expect(() => plainCopy(value, "options")).toThrow(expect.objectContaining({ name: "FormatError", message }));
  });

  test("a value that holds itself is too deep", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expectRefusal(() => plainCopy(cycle, "options"), FormatError, "options must be nested at most 32 levels.");
  });
});

test("2,000 damaged configurations end in a result or a FormatError, and change no prototype", () => {
  const random = new Random(5);
  let read = 0;
  for (let i = 0; i < 2000; i++) {
    const text = textOf(changed(random, parsed(TEXT)));
    try {
      const root = ConfigReader.parse(text, "config").object(["version", "name", "layers", "seed"]);
      root.optional("version")?.integer(0, 2);
      for (const item of root.get("layers").array(100)) {
        item.get("className").string();
        Object.assign({}, item.get("config").plain());
      }
      read++;
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
    requirePrototypesUntouched();
  }
  expect(read).toBeGreaterThan(200);
  expect(read).toBeLessThan(1800);
});
