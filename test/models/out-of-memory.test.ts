import { afterEach, describe, expect, test, vi } from "vitest";
import type { Model, Sequential, Stream, Tensor } from "../../src/index.ts";

type Api = typeof import("../../src/index.ts") & typeof import("../../src/core/context.ts");

const PAGE = 65536;
const [ROWS, STEPS] = [6, 20];

/** The facade as a new program sees it, with a memory of its own. */
async function load(maxMemory?: number): Promise<Api> {
  vi.resetModules();
  const api = { ...(await import("../../src/index.ts")), ...(await import("../../src/core/context.ts")) };
  await api.init({ maxMemory });
  return api;
}

/** All bits, as a text that compares quickly. */
function bitsOf({ data }: Pick<Tensor, "data">): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
}

type Attempt = <Result>(what: string, call: () => Result | Promise<Result>) => Promise<Result>;

/** Builds, trains, uses, saves and loads a model, each call by way of `attempt`. */
class Work {
  readonly #api: Api;
  readonly #attempt: Attempt;
  readonly #made: (Model | Sequential | Stream)[] = [];
  /** The model, once it is there. */
  model: Model | Sequential | undefined;

  constructor(api: Api, attempt: Attempt) {
    this.#api = api;
    this.#attempt = attempt;
  }

  /** Everything that has come out, as bits. */
  async run(): Promise<readonly unknown[]> {
    const { Random, tensor } = this.#api;
    const random = new Random(5);
    const x = tensor(Int32Array.from({ length: ROWS * STEPS }, () => random.integer(9)), [ROWS, STEPS]); // biome-ignore format: one tensor
    const y = tensor(
      Float32Array.from({ length: ROWS }, () => random.uniform(-1, 1)),
      [ROWS, 1],
    );
    const attempt = this.#attempt;
    const model = await attempt("build", () => this.#keep(this.#build()));
    this.model = model;
    await attempt("compile", () => model.compile({ optimizer: "adam", loss: "mse", metrics: ["mae"] }));
    const { history } = await attempt("fit", () => model.fit(x, y, { epochs: 3, batchSize: ROWS, verbose: 0 }));
    const logs = await attempt("trainOnBatch", () => model.trainOnBatch(x, y));
    const prediction = await attempt("predict", () => model.predict(x));
    const stream = await attempt("stream", () => this.#keep(model.stream({ rows: 2 })));
    const steps = [1, 2, 3].map((id) => [...stream.step([id, 8 - id])]);
    const bytes = await attempt("save", () => model.save({ optimizer: true }));
    const loaded = await attempt("load", () => this.#keep(this.#api.load(bytes)));
    const losses = [await attempt("evaluate", () => loaded.evaluate(x, y)), loaded.evaluate(x, y)];
    const more = await attempt("fit of a loaded model", () => loaded.fit(x, y, { epochs: 2, verbose: 0 }));
    const weights = [model, loaded].map((one) => Object.values(one.getWeights()).map(bitsOf));
    return [
      history,
      logs,
      bitsOf(prediction as Tensor),
      steps,
      Buffer.from(bytes).toString("base64"),
      losses,
      more.history,
      weights,
    ];
  }

  dispose(): void {
    for (const one of this.#made) one.dispose();
  }

  /** One layer makes room for its weights at once, the others when the model is used. */
  #build(): Sequential {
    const { Sequential, Embedding, LSTM, Dropout, Dense } = this.#api;
    const dense = new Dense({ units: 1, inputSize: 20 });
    const layers = [
      new Embedding({ inputDim: 9, outputDim: 30, maskZero: true }),
      new LSTM({ units: 20, recurrentDropout: 0.1 }),
      new Dropout({ rate: 0.1 }),
      dense,
    ];
    return new Sequential(layers, { seed: 3 });
  }

  #keep<One extends Model | Sequential | Stream>(one: One): One {
    this.#made.push(one);
    return one;
  }
}

/** A trained model that has nothing to do with the others. */
function bystander({ Sequential, Dense }: Api): { readonly predict: () => string; dispose(): void } {
  const model = new Sequential([new Dense({ units: 2 })], { inputShape: [3], seed: 8 });
  model.compile({ loss: "mse" });
  const train = () => model.trainOnBatch([[1, 2, 3]], [[1, 2]]);
  train();
  return { predict: () => bitsOf(model.predict([[3, 2, 1]])), dispose: () => model.dispose() };
}

/** All that a model has learnt, and where its training stands; undefined before it has weights. */
function contents(model: Model | Sequential | undefined): unknown {
  if (model?.block === undefined) return undefined;
  const weights = Object.values(model.getWeights()).map(bitsOf);
  const gradients = Object.values(model.getGradients()).map(bitsOf);
  return [weights, gradients, model.isTraining ? model.optimizer.iterations : 0, structuredClone(model.progress)];
}

const isRefusal = (error: unknown): error is Error => error instanceof Error && error.name === "OutOfMemoryError";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("every limit of the memory, from one page to success", () => {
  test("ends in OutOfMemoryError or success; a small model then works", async () => {
    const failures = new Set<string>();
    const attempt: Attempt = async (what, call) => {
      try {
        return await call();
      } catch (error) {
        if (isRefusal(error)) failures.add(what);
        throw error;
      }
    };
    let pages = 0;
    for (let finished = false; !finished; ) {
      const api = await load(++pages * PAGE);
      const work = new Work(api, attempt);
      try {
        await work.run();
        finished = true;
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
      work.dispose();
      const other = bystander(api);
      expect(other.predict()).not.toBe("");
      other.dispose();
      const { memory, scratch } = api.requireCore();
      expect(memory.usedBytes).toBe(Math.ceil(scratch.bytes / 64) * 64);
    }
    expect(pages).toBeGreaterThan(3);
    expect([...failures]).toEqual(expect.arrayContaining(["fit"]));
  });
});

describe("every single allocation", () => {
  test("refused once: nothing has changed, others work on, and made again all gives the same bits", async () => {
    const api = await load();
    const { memory, scratch } = api.requireCore();
    const allocate = memory.allocate.bind(memory);
    let countdown = Number.POSITIVE_INFINITY;
    let refusals = 0;
    vi.spyOn(memory, "allocate").mockImplementation((bytes) => {
      if (--countdown !== 0) return allocate(bytes);
      refusals++;
      throw new api.OutOfMemoryError("refused");
    });
    const other = bystander(api);
    const used = () => memory.usedBytes - Math.ceil(scratch.bytes / 64) * 64;
    const [expectedOther, usedByOther] = [other.predict(), used()];
    const refused = new Set<string>();

    /**
     * Runs everything, with the k-th allocation refused; undefined when there are not as many. A batch of training asks
     * again, for less, so that not every refusal is an error.
     */
    const run = async (k: number) => {
      const before = refusals;
      let left = k;
      let wasRefused = false;
      const work: Work = new Work(api, async (what, call) => {
        if (wasRefused) return call();
        const held = contents(work.model);
        // So that this call, too, must ask for room.
        scratch.dispose();
        countdown = left;
        try {
          return await call();
        } catch (error) {
          if (!isRefusal(error)) throw error;
          countdown = Number.POSITIVE_INFINITY;
          wasRefused = true;
          refused.add(what);
          if (held !== undefined) expect(contents(work.model), `allocation ${k}, in ${what}`).toEqual(held);
          expect(other.predict()).toEqual(expectedOther);
          return call();
        } finally {
          left = countdown;
          countdown = Number.POSITIVE_INFINITY;
        }
      });
      const results = await work.run();
      work.dispose();
      expect(used(), `after allocation ${k}`).toBe(usedByOther);
      return k === Number.POSITIVE_INFINITY || refusals > before ? results : undefined;
    };

    const expected = await run(Number.POSITIVE_INFINITY);
    let k = 1;
    for (; ; k++) {
      const results = await run(k);
      if (results === undefined) break;
      expect(results, `allocation ${k}`).toEqual(expected);
    }
    expect(k).toBeGreaterThan(15);
    expect([...refused]).toEqual(
      expect.arrayContaining(["build", "compile", "fit", "predict", "stream", "save", "load"]),
    );
    other.dispose();
  });
});
