/** The training that is killed: noise, shuffled rows, sums of an epoch, an optimizer with moments. */
import { Adam, CosineDecay, Dense, type FitOptions, LSTM, Sequential, type Tensor } from "../../src/index.ts";
import { numbers } from "./saved-models.ts";

export const X: Tensor = numbers(1, 16, 5, 2);
export const Y: Tensor = numbers(2, 16, 1);
/** Four steps an epoch. */
export const FIT_OPTIONS: FitOptions = { batchSize: 4, verbose: 0 };

export function makeModel(): Sequential {
  const layers = [new LSTM({ units: 6, dropout: 0.2, recurrentDropout: 0.2 }), new Dense({ units: 1 })];
  const model = new Sequential(layers, { inputShape: [null, 2], seed: 9 });
  const schedule = new CosineDecay({ initialLearningRate: 0.01, decaySteps: 1000 });
  model.compile({ optimizer: new Adam({ learningRate: schedule }), loss: "mse", metrics: ["mae"] });
  return model;
}
