import { afterEach, describe, expect, test, vi } from "vitest";
import type { Dense, LSTM, Tensor } from "../../src/index.ts";
import { lstmForward } from "../reference/lstm.ts";
import { bitsOf, expectClose, f64, named } from "../support/layers.ts";

type Api = typeof import("../../src/index.ts") & typeof import("../../src/core/context.ts");

const PAGE = 65536;

/** The facade as a new program sees it, with a memory of its own. */
async function load(maxMemory?: number): Promise<Api> {
  vi.resetModules();
  const api = { ...(await import("../../src/index.ts")), ...(await import("../../src/core/context.ts")) };
  await api.init({ maxMemory });
  return api;
}

/** Builds, trains two steps and predicts, each call by way of `attempt`. */
class Work {
  readonly #api: Api;
  readonly #attempt: <Result>(what: string, call: () => Result) => Result;
  #layers: (LSTM | Dense)[] = [];

  constructor(api: Api, attempt: <Result>(what: string, call: () => Result) => Result) {
    this.#api = api;
    this.#attempt = attempt;
  }

  run(): Tensor {
    const { LSTM, Dense, Adam, Random, tensor } = this.#api;
    const random = new Random(5);
    const x = tensor(
      Float32Array.from({ length: 6 * 10 * 30 }, () => random.uniform(-1, 1)),
      [6, 10, 30],
    );
    // One layer takes its input size from its first input, the other is told.
    const lstm = this.#attempt("LSTM", () => new LSTM({ units: 50, returnSequences: true, seed: 1 }));
    this.#layers.push(lstm);
    const dense = this.#attempt("Dense", () => new Dense({ units: 40, inputSize: 50, seed: 2 }));
    this.#layers.push(dense);
    const optimizer = new Adam({ globalClipNorm: 1 });
    for (let step = 0; step < 2; step++) {
      const states = this.#attempt("LSTM.forward", () => lstm.forward(x, { training: true })).output;
      const y = this.#attempt("Dense.forward", () => dense.forward(states, { training: true }));
      const target = tensor(new Float32Array(y.data.length).fill(1), y.shape);
      const { gradient } = this.#attempt("loss", () => this.#api.meanSquaredError(y, target));
      const d = this.#attempt("Dense.backward", () => dense.backward(gradient)).input;
      this.#attempt("LSTM.backward", () => lstm.backward({ output: d }));
      this.#attempt("Adam.apply", () => optimizer.apply([lstm, dense]));
    }
    return this.#attempt("prediction", () => dense.forward(lstm.forward(x).output));
  }

  dispose(): void {
    for (const layer of this.#layers) layer.dispose();
  }
}

/** A layer of two units gives what its twin gives. */
function expectSmallLayerWorks({ LSTM }: Api): void {
  const lstm = new LSTM({ units: 2, inputSize: 1, seed: 3 });
  const weights = lstm.getWeights();
  const [weight_ih, weight_hh] = [f64(named(weights, "weight_ih")), f64(named(weights, "weight_hh"))];
  const bias_ih = f64(named(weights, "bias_ih"));
  const x = Float64Array.of(1, -0.5, 2);
  const expected = lstmForward({ B: 1, T: 3, I: 1, H: 2, x, weight_ih, weight_hh, bias_ih });
  const { hidden } = lstm.forward([[[1], [-0.5], [2]]], { training: true });
  expectClose(hidden.data, expected.hidden, "hidden", { absolute: 2e-6, relative: 2e-5 });
  lstm.backward({ hidden: [[1, 1]] });
  lstm.dispose();
}

const isRefusal = (error: unknown): error is Error => error instanceof Error && error.name === "OutOfMemoryError";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("every limit of the memory, from one page to success", () => {
  test("ends in OutOfMemoryError or success; a small layer then works", async () => {
    const failures = new Set<string>();
    const attempt = <Result>(what: string, call: () => Result): Result => {
      try {
        return call();
      } catch (error) {
        if (!isRefusal(error)) throw error;
        failures.add(what);
        throw error;
      }
    };
    let pages = 0;
    for (let finished = false; !finished; ) {
      const api = await load(++pages * PAGE);
      const work = new Work(api, attempt);
      try {
        work.run();
        finished = true;
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
      work.dispose();
      expectSmallLayerWorks(api);
      expect(api.requireCore().info.memoryBytes).toBeLessThanOrEqual(pages * PAGE);
    }
    expect(pages).toBeGreaterThan(5);
    expect([...failures]).toEqual(expect.arrayContaining(["LSTM.forward", "LSTM.backward", "Adam.apply"]));
  });
});

describe("every single allocation", () => {
  test("refused once, the same call succeeds when made again, and the prediction has the same bits", async () => {
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
    const twice = <Result>(_: string, call: () => Result): Result => {
      try {
        return call();
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return call();
      }
    };
    const predict = (k: number) => {
      scratch.dispose();
      countdown = k;
      const work = new Work(api, twice);
      const bits = bitsOf(work.run());
      countdown = Number.POSITIVE_INFINITY;
      work.dispose();
      return bits;
    };
    const expected = predict(Number.POSITIVE_INFINITY);
    let k = 1;
    for (; refusals === k - 1; k++) {
      const bits = predict(k);
      if (refusals < k) break;
      expect(bits, `allocation ${k}`).toEqual(expected);
      expect(memory.usedBytes, `after allocation ${k}`).toBe(Math.ceil(scratch.bytes / 64) * 64);
    }
    expect(refusals).toBeGreaterThan(5);
  });
});
