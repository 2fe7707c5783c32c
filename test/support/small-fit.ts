/** A model and rows for tests of `fit`, trained in milliseconds. */
import { Dense, LSTM, type Random, Sequential, type Tensor } from "../../src/index.ts";
import { randomTensor } from "./layers.ts";

export const quiet = { verbose: 0 } as const;

/** x [12, 4, 2] and y [12, 1]. */
export function smallRows(random: Random): readonly [x: Tensor<Float32Array>, y: Tensor<Float32Array>] {
  return [randomTensor(random, 12, 4, 2), randomTensor(random, 12, 1)];
}

/** An LSTM of three units and a Dense, compiled. */
export function smallModel(
  options: Parameters<Sequential["compile"]>[0] = { optimizer: "sgd", loss: "meanSquaredError" },
): Sequential {
  const model = new Sequential([new LSTM({ units: 3 }), new Dense({ units: 1 })], { inputShape: [null, 2], seed: 1 });
  model.compile(options);
  return model;
}
