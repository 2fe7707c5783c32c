import { beforeAll, describe, expect, test } from "vitest";
import { Dense, LSTM, OptionError, tensor } from "../../src/index.ts";
import { loadCore } from "../support/layers.ts";
import { expectRefusal, thrownBy, wrong } from "../support/layers-errors.ts";

beforeAll(async () => {
  await loadCore();
});

describe("options of layers", () => {
  const units = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "4", null, undefined, 2 ** 27];
  test.each(units)("units %s", (value) => {
    const got = typeof value === "string" ? `got "${value}"` : `got ${value}`;
    expectRefusal(() => new LSTM({ units: wrong(value), name: "a" }), OptionError, 'LSTM "a"', "units", got);
    expectRefusal(() => new Dense({ units: wrong(value), name: "b" }), OptionError, 'Dense "b"', "units", got);
  });

  test.each([
    ["inputSize", 0, "a positive integer"],
    ["inputSize", 2.5, "a positive integer"],
    ["useBias", 1, "true or false"],
    ["seed", -1, "an integer"],
    ["seed", 0.5, "an integer"],
    ["seed", Number.NaN, "an integer"],
  ] as const)("%s %s", (option, value, wanted) => {
    for (const Class of [LSTM, Dense]) {
      const call = () => new Class(wrong({ units: 2, [option]: value }));
      expectRefusal(call, OptionError, option, wanted, `got ${value}`);
    }
  });

  test("LSTM's flags are true or false", () => {
    for (const option of ["returnSequences", "doubleBias", "unitForgetBias"]) {
      expectRefusal(() => new LSTM(wrong({ units: 2, [option]: "yes" })), OptionError, option, 'got "yes"');
    }
  });

  test("names are not empty, misspelt options are told, options are an object", () => {
    for (const Class of [LSTM, Dense]) {
      expectRefusal(() => new Class({ units: 2, name: "" }), OptionError, "name", '""');
      expectRefusal(() => new Class({ units: 2, name: wrong(7) }), OptionError, "name", "7");
      expectRefusal(() => new Class(wrong({ units: 2, inputsize: 3 })), OptionError, 'did you mean "inputSize"');
      for (const bad of [undefined, null, 3, []]) expectRefusal(() => new Class(wrong(bad)), OptionError, "options");
    }
  });

  test.each([
    2 ** 26,
    1000,
  ])("sizes that no memory can hold, %d inputs, are refused before any is drawn", (inputSize) => {
    const refused = /^(OutOfMemoryError|ShapeError): /;
    for (const Class of [LSTM, Dense]) {
      expect(String(thrownBy(() => new Class({ units: 2 ** 26, inputSize })))).toMatch(refused);
    }
    const lstm = new LSTM({ units: 2 ** 26 });
    const x = tensor(new Float32Array(8 * 125), [125, 1, 8]);
    expect(String(thrownBy(() => lstm.forward(x)))).toMatch(refused);
    expect(lstm.inputSize).toBeUndefined();
  });
});
