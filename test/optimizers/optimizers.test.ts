import { beforeAll, describe, expect, test } from "vitest";
import { Adam, type AdamOptions, AdamW, type Layer, LSTM, Random, SGD, type SGDOptions } from "../../src/index.ts";
import { adamState, adamWStep, clipByGlobalNorm, clipByValue, type Preset, sgdStep } from "../reference/optimizers.ts";
import {
  contentsOf,
  expectClose,
  expectSameNamedBits,
  f32,
  f64,
  loadCore,
  named,
  randomTensor,
} from "../support/layers.ts";
import { accumulate, denseVector } from "../support/layers-training.ts";

/** Parameters near 1, rounded to 6e-8 in each of at most a dozen updates. */
const TOLERANCE = { absolute: 2e-6, relative: 1e-5 };
const PRESETS = ["keras", "pytorch"] as const;
const N = 37;

interface Steps {
  learningRate: number;
  apply(layers: readonly Layer[]): void;
}

type Twin = (parameters: Float64Array, gradients: Float64Array, learningRate: number) => Float64Array;

function sgdTwin(options: { preset: Preset; momentum?: number; nesterov?: boolean }): Twin {
  let velocity: Float64Array = new Float64Array(N);
  return (parameters, gradients, learningRate) => {
    const result = sgdStep({ ...options, parameters, gradients, velocity, learningRate });
    velocity = result.velocity;
    return result.parameters;
  };
}

function adamTwin(options: { preset: Preset; epsilon?: number; weightDecay?: number }): Twin {
  let state = adamState(N);
  return (parameters, gradients, learningRate) => {
    const result = adamWStep({ ...options, parameters, gradients, state, learningRate });
    state = result.state;
    return result.parameters;
  };
}

/** Ten updates, the learning rate halved after every third one. */
function followsTwin(optimizer: Steps, twin: Twin): void {
  const random = new Random(1);
  const { layer, setGradient } = denseVector(N);
  let expected = f64(named(layer.getWeights(), "weight"));
  for (let step = 0; step < 10; step++) {
    if (step % 3 === 2) optimizer.learningRate /= 2;
    const gradient = randomTensor(random, N);
    setGradient(gradient.data);
    optimizer.apply([layer]);
    expected = twin(expected, f64(gradient), optimizer.learningRate);
    expectClose(named(layer.getWeights(), "weight").data, expected, `after update ${step + 1}`, TOLERANCE);
  }
}

beforeAll(async () => {
  await loadCore();
});

describe.each(PRESETS)("%s, learning rate changed between steps: ten updates to 2e-6 + 1e-5 relative", (preset) => {
  test.each([{}, { momentum: 0.9 }, { momentum: 0.9, nesterov: true }])("SGD %o", (options) => {
    followsTwin(
      new SGD({ preset, learningRate: 0.1, ...options } satisfies SGDOptions),
      sgdTwin({ preset, ...options }),
    );
  });

  test.each([{}, { epsilon: 0.1 }])("Adam %o", (options) => {
    const optimizer = new Adam({ preset, learningRate: 0.01, ...options } satisfies AdamOptions);
    followsTwin(optimizer, adamTwin({ preset, weightDecay: 0, ...options }));
  });

  test.each([{}, { weightDecay: 0.5 }])("AdamW %o", (options) => {
    followsTwin(new AdamW({ preset, learningRate: 0.01, ...options }), adamTwin({ preset, ...options }));
  });
});

describe("clipping", () => {
  /** SGD of rate 1 takes away the very gradient, so what it did to the gradient is seen in the weights. */
  function appliedGradients(options: SGDOptions, gradients: readonly Float64Array[]): Float64Array[] {
    const vectors = gradients.map(({ length }) => denseVector(length));
    vectors.forEach(({ layer, setGradient }, n) => {
      layer.setWeights({ weight: f32(new Float32Array(gradients[n]?.length ?? 0), 1, gradients[n]?.length ?? 0) });
      setGradient(gradients[n] ?? []);
    });
    new SGD({ learningRate: 1, ...options }).apply(vectors.map(({ layer }) => layer));
    return vectors.map(({ layer }) => f64(named(layer.getWeights(), "weight")).map((p) => 0 - p));
  }

  const gradients = [Float64Array.of(3, 0, 0.5), Float64Array.of(-4, 1e-3, 0, 0, 2)];

  test.each(PRESETS)("globalClipNorm of %s looks at all layers together, to 1e-5 relative", (preset) => {
    for (const maxNorm of [0.1, 1, 5, 100]) {
      const expected = clipByGlobalNorm({ preset, gradients, maxNorm });
      appliedGradients({ preset, globalClipNorm: maxNorm }, gradients).forEach((actual, n) => {
        expectClose(actual, expected.gradients[n] ?? [], `clipped to ${maxNorm}`, { absolute: 0, relative: 1e-5 });
      });
    }
  });

  test("a norm that is the limit, or below, leaves the gradients exactly alone", () => {
    const whole = [Float64Array.of(3, 0), Float64Array.of(4)];
    expect(appliedGradients({ globalClipNorm: 5 }, whole)).toEqual(whole);
  });

  test("clipValue limits every element, after the norm", () => {
    const limited = appliedGradients({ clipValue: 0.5 }, gradients);
    expect(limited).toEqual(gradients.map((g) => clipByValue({ gradients: g, limit: 0.5 }).map(Math.fround)));
    const both = appliedGradients({ clipValue: 0.5, globalClipNorm: 1 }, gradients);
    clipByGlobalNorm({ preset: "keras", gradients, maxNorm: 1 }).gradients.forEach((g, n) => {
      const expected = clipByValue({ gradients: g, limit: 0.5 });
      expectClose(both[n] ?? [], expected, "clipped twice", { absolute: 0, relative: 1e-5 });
    });
  });
});

describe("state of an optimizer", () => {
  test("defaults are Keras's, or PyTorch's with its preset", () => {
    expect([new SGD().learningRate, new Adam().learningRate, new AdamW().learningRate]).toEqual([0.01, 0.001, 0.001]);
    expect(new SGD({ preset: "pytorch" }).learningRate).toBe(0.001);
    followsTwin(new AdamW(), adamTwin({ preset: "keras", weightDecay: 0.004, epsilon: 1e-7 }));
    followsTwin(new AdamW({ preset: "pytorch" }), adamTwin({ preset: "pytorch", weightDecay: 0.01, epsilon: 1e-8 }));
  });

  test("is kept for each layer by itself: two layers in one call and in two have the same bits", () => {
    const [together, apart] = [0, 1].map(() => {
      const layers = [1, 2].map((seed) => new LSTM({ units: 3, inputSize: 2, seed }));
      return { layers, optimizer: new Adam() };
    });
    if (together === undefined || apart === undefined) throw new RangeError("There are two sets of layers.");
    for (let step = 0; step < 3; step++) {
      const x = randomTensor(new Random(step), 2, 4, 2);
      for (const layer of [...together.layers, ...apart.layers]) accumulate(layer, x);
      together.optimizer.apply(together.layers);
      for (const layer of apart.layers) apart.optimizer.apply([layer]);
    }
    apart.layers.forEach((layer, n) => {
      expectSameNamedBits(contentsOf(layer), contentsOf(together.layers[n] ?? layer));
    });
  });

  test("gradients are zero after apply", () => {
    const { layer, setGradient } = denseVector(3);
    setGradient([1, 2, 3]);
    new SGD().apply([layer]);
    expect(layer.getGradients()).toEqual({ weight: f32([0, 0, 0], 1, 3) });
    expect(layer.hasGradients).toBe(false);
  });

  test("dispose frees the moments and the next step starts afresh", () => {
    const run = (between: (optimizer: Adam) => void) => {
      const { layer, setGradient } = denseVector(3);
      layer.setWeights({ weight: [[1, 2, 3]] });
      const optimizer = new Adam();
      for (const g of [
        [1, 2, 3],
        [9, -1, 0],
      ]) {
        // biome-ignore format: short
        between(optimizer);
        setGradient(g);
        optimizer.apply([layer]);
      }
      return layer.getWeights();
    };
    const afresh = run((optimizer) => optimizer.dispose());
    expect(afresh).not.toEqual(run(() => {}));
    const { layer, setGradient } = denseVector(3);
    layer.setWeights({ weight: [[1, 2, 3]] });
    for (const g of [
      [1, 2, 3],
      [9, -1, 0],
    ]) {
      // biome-ignore format: short
      setGradient(g);
      new Adam().apply([layer]);
    }
    expectSameNamedBits(layer.getWeights(), afresh);
  });
});
