/** Our optimizers with the options that a golden's framework was given. */
import { Adadelta, Adagrad, Adam, Adamax, AdamW, Nadam, type Optimizer, RAdam, RMSprop, SGD } from "../../src/index.ts";
import type { KerasOptimizer, TorchOptimizer } from "./golden.ts";

export function torchOptimizer({ name, config }: TorchOptimizer): Optimizer {
  const shared = { preset: "pytorch", learningRate: config.lr, weightDecay: config.weight_decay } as const;
  const { alpha: rho, amsgrad, centered, momentum, nesterov } = config;
  const [beta1, beta2] = config.betas ?? [];
  const adam = { ...shared, beta1, beta2 };
  const { initial_accumulator_value: initialAccumulator, lr_decay: learningRateDecay } = config;
  const optimizers = {
    Adadelta: () => new Adadelta({ ...shared, rho: config.rho }),
    Adagrad: () => new Adagrad({ ...shared, initialAccumulator, learningRateDecay }),
    Adam: () => new Adam({ ...adam, amsgrad }),
    AdamW: () => new AdamW({ ...adam, amsgrad }),
    Adamax: () => new Adamax(adam),
    NAdam: () => new Nadam({ ...adam, momentumDecay: config.momentum_decay }),
    RAdam: () => new RAdam(adam),
    RMSprop: () => new RMSprop({ ...shared, rho, momentum, centered }),
    SGD: () => new SGD({ ...shared, momentum, nesterov }),
  };
  return optimizers[name]();
}

/** clipnorm looks at each variable, of which the goldens have one. */
export function kerasOptimizer({ name, config }: KerasOptimizer): Optimizer {
  const { learning_rate: learningRate, momentum, clipnorm: globalClipNorm, clipvalue: clipValue } = config;
  const { amsgrad, centered } = config;
  const shared = { learningRate, globalClipNorm, clipValue };
  const optimizers = {
    Adadelta: () => new Adadelta(shared),
    Adam: () => new Adam({ ...shared, amsgrad }),
    Nadam: () => new Nadam(shared),
    RMSprop: () => new RMSprop({ ...shared, momentum, centered }),
    SGD: () => new SGD({ ...shared, momentum }),
  };
  return optimizers[name]();
}
