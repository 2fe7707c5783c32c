import { adamState, adamStep, adamWStep, sgdStep } from "../reference/optimizers.ts";
import {
  adadelta,
  adagrad,
  adamax,
  decayed,
  type Element,
  nadam,
  radam,
  rmsprop,
  vectorOf,
} from "../reference/optimizers-adaptive.ts";
import type { TorchOptimizer } from "./golden.ts";

/** One optimizer with its state: new parameters from old ones and their gradient. */
export type Update = (parameters: Float64Array, gradients: Float64Array) => Float64Array;

/** The torch.optim optimizer of this name for one tensor of `length` elements. */
export function torchUpdate({ name, config }: TorchOptimizer, length: number): Update {
  if (name === "SGD") return torchSgd(config, length);
  if (name === "Adam" || name === "AdamW") return torchAdam(name, config, length);
  const { lr, weight_decay: decay = 0 } = config;
  const update = vectorOf(length, () => decayed("pytorch", decay, ELEMENTS[name](config)));
  return (parameters, gradients) => update(parameters, gradients, lr);
}

type Config = TorchOptimizer["config"];

const preset = "pytorch";
const ELEMENTS: Readonly<Record<Exclude<TorchOptimizer["name"], "SGD" | "Adam" | "AdamW">, (c: Config) => Element>> = {
  Adadelta: ({ rho }) => adadelta({ preset, rho }),
  Adagrad: ({ initial_accumulator_value: initialAccumulator, lr_decay: learningRateDecay }) =>
    adagrad({ preset, initialAccumulator, learningRateDecay }),
  Adamax: ({ betas: [beta1, beta2] = [0.9, 0.999] }) => adamax({ preset, beta1, beta2 }),
  NAdam: ({ betas: [beta1, beta2] = [0.9, 0.999], momentum_decay: momentumDecay }) =>
    nadam({ preset, beta1, beta2, momentumDecay }),
  RAdam: ({ betas: [beta1, beta2] = [0.9, 0.999] }) => radam({ preset, beta1, beta2 }),
  RMSprop: ({ alpha, momentum, centered }) => rmsprop({ preset, rho: alpha, momentum, centered }),
};

function torchSgd({ lr, momentum, nesterov, weight_decay: decay = 0 }: Config, length: number): Update {
  let velocity: Float64Array = new Float64Array(length);
  return (parameters, gradients) => {
    const options = { preset, learningRate: lr, momentum, nesterov } as const;
    const decaying = gradients.map((g, n) => g + decay * (parameters[n] ?? Number.NaN));
    const result = sgdStep({ ...options, parameters, gradients: decaying, velocity });
    velocity = result.velocity;
    return result.parameters;
  };
}

function torchAdam(name: "Adam" | "AdamW", config: Config, length: number): Update {
  const { lr: learningRate, betas: [beta1, beta2] = [0.9, 0.999], amsgrad } = config;
  const options = { preset, learningRate, beta1, beta2, amsgrad } as const;
  let state = adamState(length);
  return (parameters, gradients) => {
    const inputs = { ...options, parameters, gradients, state };
    const result =
      name === "Adam"
        ? adamStep({ ...inputs, l2: config.weight_decay })
        : adamWStep({ ...inputs, weightDecay: config.weight_decay });
    state = result.state;
    return result.parameters;
  };
}
