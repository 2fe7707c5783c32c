/** Whole files of forecasters: what comes back, and what is refused. */
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../../src/core/load.ts";
import { FormatError, OptionError } from "../../../src/errors.ts";
import { toFloat32 } from "../../../src/io/decode.ts";
import { readSafetensors, writeSafetensors } from "../../../src/io/safetensors.ts";
import { Dense } from "../../../src/layers/dense.ts";
import { Embedding } from "../../../src/layers/embedding.ts";
import { input } from "../../../src/layers/graph.ts";
import { LSTM } from "../../../src/layers/lstm.ts";
import { Concatenate } from "../../../src/layers/merge.ts";
import { Model } from "../../../src/models/model.ts";
import { Sequential } from "../../../src/models/sequential.ts";
import { Forecaster } from "../../../src/series/forecaster/forecaster.ts";
import type { ForecasterOptions } from "../../../src/series/forecaster/options.ts";
import { exampleSeries } from "../../support/series-example.ts";

const OPTIONS: ForecasterOptions = {
  ...{ target: "sales", features: ["price"], window: 8, horizon: 3, units: [4, 3], seed: 5, dropout: 0.25, season: 14 },
  ...{ holidays: ["2024-03-01"], scaler: "robust", level: "mean", validation: 0.1, calibration: 0.2, test: 20 },
};
const series = exampleSeries();
let file: Uint8Array;

beforeAll(async () => {
  await init({ numerics: "strict" });
  const forecaster = new Forecaster(OPTIONS);
  await forecaster.fit(series, { epochs: 1 });
  file = forecaster.save();
});

/** The file with another metadata entry, or that entry beside another network. */
function changed(edit: (config: Record<string, unknown>) => void, network: Uint8Array = file): Uint8Array {
  const config = JSON.parse(readSafetensors(file).metadata.get("gatefold.forecaster") ?? "") as Record<string, unknown>;
  edit(config);
  const { tensors, metadata } = readSafetensors(network);
  const all = [...tensors.values()].map((one) => ({ name: one.name, shape: one.shape, data: toFloat32(one) }));
  return writeSafetensors(all, { ...Object.fromEntries(metadata), "gatefold.forecaster": JSON.stringify(config) });
}

test("a loaded forecaster is fitted again with all the options it was made with: the same file", async () => {
  const again = Forecaster.load(file);
  await again.fit(series, { epochs: 1 });
  expect(Buffer.from(again.save()).equals(Buffer.from(file))).toBe(true);
  expect(again.parts[0]?.split.test).toEqual({ from: 240, to: 260 });
});

describe("numbers that are not the network's are a FormatError, not a crash of the first forecast", () => {
  test.each<[string, (config: Record<string, unknown>) => void]>([
    ["a calendar part more", (config) => (config.calendar as string[]).push("month")],
    ["no calendar", (config) => Object.assign(config, { calendar: [] })],
    ["another calendar", (config) => Object.assign(config, { calendar: ["weekday"] })],
    ["another window", (config) => Object.assign(config, { window: 9 })],
    ["another strategy, which has features", (config) => Object.assign(config, { strategy: "recursive" })],
    [
      "no feature",
      (config) => {
        const [own] = config.series as Record<string, unknown>[];
        Object.assign(config, { features: [], series: [{ ...own, features: [] }] });
      },
    ],
    [
      "one step fewer",
      (config) => {
        const [own] = config.series as Record<string, unknown>[];
        Object.assign(config, { horizon: 2, series: [{ ...own, halfWidths: { 80: [1, 1], 95: [1, 1] } }] });
      },
    ],
  ])("%s", (_, edit) => {
    expect(() => Forecaster.load(changed(edit))).toThrow(FormatError);
  });
});

describe("another network beside the numbers is a FormatError", () => {
  const window = () => input({ shape: [8, 14] });
  const calendar = () => input({ shape: [36] });
  const joined = (steps: number) => {
    const inputs = [window(), calendar()] as const;
    const states = new LSTM({ units: 2 }).apply(inputs[0]);
    return { inputs, outputs: new Dense({ units: steps }).apply(new Concatenate().apply([states, inputs[1]])) };
  };
  test.each<[string, () => Model | Sequential, string]>([
    [
      "a chain",
      () => new Sequential([new LSTM({ units: 2 }), new Dense({ units: 3 })], { inputShape: [8, 14] }),
      "a Sequential from [n, 8, 14] to [n, 3]",
    ],
    [
      "one without calendar",
      () => {
        const inputs = window();
        return new Model({ inputs, outputs: new Dense({ units: 3 }).apply(new LSTM({ units: 2 }).apply(inputs)) });
      },
      "a Model from [n, 8, 14] to [n, 3]",
    ],
    [
      "its inputs in another order",
      () => {
        const { inputs, outputs } = joined(3);
        return new Model({ inputs: inputs.toReversed(), outputs });
      },
      "a Model from [n, 36] and [n, 8, 14] to [n, 3]",
    ],
    ["more steps", () => new Model(joined(4)), "a Model from [n, 8, 14] and [n, 36] to [n, 4]"],
    [
      "a list of one output",
      () => {
        const { inputs, outputs } = joined(3);
        return new Model({ inputs, outputs: [outputs] });
      },
      "to [n, 3], in a list",
    ],
    [
      "one that remembers what it was asked before",
      () => {
        const { inputs } = joined(3);
        const states = new LSTM({ units: 2, stateful: true }).apply(inputs[0]);
        return new Model({
          inputs,
          outputs: new Dense({ units: 3 }).apply(new Concatenate().apply([states, inputs[1]])),
        });
      },
      "a stateful Model from",
    ],
    [
      "token ids",
      () => {
        const tokens = input({ shape: [36], dtype: "int32" });
        const inputs = window();
        const states = new LSTM({ units: 2 }).apply(new Embedding({ inputDim: 5, outputDim: 2 }).apply(tokens));
        const both = new Concatenate().apply([new LSTM({ units: 2 }).apply(inputs), states]);
        return new Model({ inputs: [inputs, tokens], outputs: new Dense({ units: 3 }).apply(both) });
      },
      "a Model from token ids in",
    ],
  ])("%s", (_, make, got) => {
    const network = make().save();
    expect(() => Forecaster.load(changed(() => {}, network))).toThrow(FormatError);
    expect(() => Forecaster.load(changed(() => {}, network))).toThrow(got);
  });

  test("the right one is taken", () => {
    const loaded = Forecaster.load(changed(() => {}, new Model(joined(3)).save()));
    expect(loaded.forecast(3, { series }).values).toHaveLength(3);
  });
});

test("save() writes its own metadata entry itself", () => {
  expect(() => Forecaster.load(file).save({ metadata: { "gatefold.forecaster": "{}" } })).toThrow(OptionError);
});

test("a file with any one value of its entry changed is refused, or forecasts numbers", () => {
  const config = JSON.parse(readSafetensors(file).metadata.get("gatefold.forecaster") ?? "") as object;
  const places: [parent: Record<string, unknown>, key: string][] = [];
  const walk = (parent: object) => {
    for (const [key, value] of Object.entries(parent)) {
      places.push([parent as Record<string, unknown>, key]);
      if (typeof value === "object" && value !== null) walk(value);
    }
  };
  walk(config);
  const { tensors, metadata } = readSafetensors(file);
  const all = [...tensors.values()].map((one) => ({ name: one.name, shape: one.shape, data: toFloat32(one) }));
  for (const [i, [parent, key]] of places.entries()) {
    const before = parent[key];
    const values = [null, -1, 0, 0.5, 3, 1e300, 5e-324, "", [], {}, true, [before, before]];
    for (let k = 0; k < 3; k++) {
      const value = values[(i + 5 * k) % values.length];
      parent[key] = value;
      const text = JSON.stringify(config);
      try {
        const entry = { ...Object.fromEntries(metadata), "gatefold.forecaster": text };
        const loaded = Forecaster.load(writeSafetensors(all, entry));
        expect(loaded.forecast(undefined, { series }).values.every((one) => !Number.isNaN(one))).toBe(true);
        loaded.dispose();
      } catch (error) {
        const isTold = ["FormatError", "OptionError", "StateError", "ShapeError"].includes((error as Error).name);
        if (!isTold) throw new Error(`${key} = ${JSON.stringify(value)}`, { cause: error });
      }
    }
    parent[key] = before;
  }
});
