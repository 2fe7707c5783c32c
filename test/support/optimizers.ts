/** One optimizer of every kind of update, for what must hold for all of them. */
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  CosineDecay,
  ExponentialDecay,
  Lion,
  Nadam,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from "../../src/index.ts";

const pytorch = { preset: "pytorch" } as const;
const clipped = { globalClipNorm: 0.5, clipValue: 0.1 } as const;

/** How many blocks of moments each keeps beside its name. */
export const OPTIMIZERS: Readonly<Record<string, readonly [moments: number, make: () => Optimizer]>> = {
  Adadelta: [2, () => new Adadelta({ learningRate: 1, rho: 0.8 })],
  Adagrad: [1, () => new Adagrad({ initialAccumulator: 0.3, learningRateDecay: 0.1 })],
  "Adagrad, PyTorch": [1, () => new Adagrad({ ...pytorch, weightDecay: 0.1 })],
  "Adam with clipping": [2, () => new Adam({ ...clipped, epsilon: 1e-3 })],
  "Adam with AMSGrad": [3, () => new Adam({ amsgrad: true, beta1: 0.5 })],
  "AdamW with a schedule": [2, () => new AdamW({ learningRate: new CosineDecay({ initialLearningRate: 0.1, decaySteps: 9 }) })], // biome-ignore format: a row
  "AdamW, PyTorch": [2, () => new AdamW({ ...pytorch, globalClipNorm: null })],
  Adamax: [2, () => new Adamax({ beta2: 0.5 })],
  Lion: [1, () => new Lion({ beta2: 0.5, weightDecay: 0.1 })],
  Nadam: [2, () => new Nadam({ momentumDecay: 0.5 })],
  "Nadam, PyTorch": [2, () => new Nadam(pytorch)],
  RAdam: [2, () => new RAdam({ beta2: 0.99 })],
  RMSprop: [1, () => new RMSprop({ rho: 0.5, weightDecay: 0.1 })],
  "RMSprop, centered with momentum, PyTorch": [3, () => new RMSprop({ ...pytorch, centered: true, momentum: 0.5 })],
  SGD: [0, () => new SGD(clipped)],
  "SGD with an average": [0, () => new SGD({ useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 3 })],
  "SGD with momentum": [1, () => new SGD({ momentum: 0.9, globalClipNorm: 0.5, weightDecay: 0.1 })],
  "SGD with Nesterov momentum, PyTorch": [
    1,
    () => new SGD({ ...pytorch, momentum: 0.9, nesterov: true, learningRate: new ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 }) }), // biome-ignore format: a row
  ],
};
