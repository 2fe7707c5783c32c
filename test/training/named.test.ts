import { beforeEach, describe, expect, test, vi } from "vitest";

vi.mock("../../src/core/engine.ts", async (original) => ({ ...(await original<object>()), isBrowser: () => true }));

const x = [[1], [2], [3], [4]];
const y = [[0], [0], [1], [1]];
const quiet = { verbose: 0 } as const;

/** What a page has when it has loaded the core. */
async function page() {
  vi.resetModules();
  const gatefold = await import("../../src/index.ts");
  await gatefold.init();
  const { Dense, Sequential } = gatefold;
  const make = () => new Sequential([new Dense({ units: 1, activation: "sigmoid" })], { inputShape: [1], seed: 1 });
  return { ...gatefold, make };
}

let gatefold: Awaited<ReturnType<typeof page>>;
beforeEach(async () => {
  gatefold = await page();
});

describe("in a page", () => {
  test.each(["meanSquaredError", "mse", "meanAbsoluteError", "mae"] as const)('"%s" and "adam" are there', (loss) => {
    const model = gatefold.make();
    model.compile({ optimizer: "adam", loss });
    expect(model.optimizer).toBeInstanceOf(gatefold.Adam);
    expect(model.evaluate(x, y).loss).toBeGreaterThan(0);
  });

  test("objects are, too, and what functions and other names stand for comes with fit", async () => {
    const model = gatefold.make();
    model.compile({
      optimizer: new gatefold.SGD(),
      loss: new gatefold.BinaryCrossentropy(),
      metrics: [new gatefold.AUC()],
    });
    expect(Object.keys(model.trainOnBatch(x, y))).toEqual(["loss", "auc"]);
    model.compile({ optimizer: "rmsprop", loss: "binaryCrossentropy", metrics: ["accuracy", () => 1] });
    const { history } = await model.fit(x, y, quiet);
    expect(Object.keys(history)).toEqual(["loss", "accuracy", "customMetric"]);
    expect(model.optimizer).toBeInstanceOf(gatefold.RMSprop);
    expect(model.evaluate(x, y).accuracy).toBeGreaterThanOrEqual(0);
  });

  test("before it comes, calls that do not wait say so, and nothing has changed", async () => {
    const model = gatefold.make();
    const weights = model.getWeights();
    model.compile({ loss: "mse", metrics: ["mae"] });
    const late =
      'Sequential "sequential".compile has names of metrics that a page loads late: await fit() first, or give objects like new Precision().';
    for (const call of [
      () => model.evaluate(x, y),
      () => model.trainOnBatch(x, y),
      () => model.optimizer,
      () => model.save(),
    ]) {
      expect(call).toThrow(new gatefold.StateError(late));
    }
    expect(model.getWeights()).toEqual(weights);
    await vi.waitFor(() => model.evaluate(x, y));
    expect(gatefold.load(model.save()).evaluate(x, y)).toEqual(model.evaluate(x, y));
  });

  test("a model that does not know its input yet waits for both", async () => {
    const model = new gatefold.Sequential([new gatefold.Dense({ units: 1 })], { seed: 1 });
    model.compile({ optimizer: "sgd", loss: "huber" });
    expect((await model.fit(x, y, quiet)).history.loss).toHaveLength(1);
  });

  test("a name that there is not is refused by fit", async () => {
    const model = gatefold.make();
    model.compile({ loss: "mse", metrics: ["precission" as never] });
    await expect(model.fit(x, y, quiet)).rejects.toThrow(
      /^Sequential "sequential".compile needs metrics to be .*"precision".* got "precission"\.$/,
    );
    expect(() => model.compile({ losss: "mse" } as never)).toThrow('did you mean "loss"?');
  });

  test("a file that was loaded has all that it names", () => {
    const { make, load, SGD, KLDivergence, F1Score } = gatefold;
    const model = make();
    model.compile({ optimizer: new SGD(), loss: new KLDivergence(), metrics: [new F1Score()] });
    expect(Object.keys(load(model.save()).evaluate(x, y))).toEqual(["loss", "f1Score"]);
  });
});

test("elsewhere initSync brings all names", async () => {
  vi.resetModules();
  const { Dense, initSync, Sequential } = await import("../../src/index.ts");
  const { loadBinary } = await import("../../src/core/binaries.ts");
  initSync({ bytes: await loadBinary("simd", false) });
  const model = new Sequential([new Dense({ units: 1 })], { inputShape: [1], seed: 1 });
  model.compile({ optimizer: "lion", loss: "huber", metrics: ["auc"] });
  expect(Object.keys(model.evaluate(x, y))).toEqual(["loss", "auc"]);
});
