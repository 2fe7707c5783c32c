import { adamState, adamStep, adamWStep, sgdStep } from "../reference/optimizers.ts";
import type { TorchOptimizer } from "./golden.ts";

/** One optimizer with its state: new parameters from old ones and their gradient. */
export type Update = (parameters: Float64Array, gradients: Float64Array) => Float64Array;

/** The torch.optim optimizer of this name for one tensor of `length` elements. */
export function torchUpdate({ name, config }: TorchOptimizer, length: number): Update {
  return name === "SGD" ? torchSgd(config, length) : torchAdam(name, config, length);
}

function torchSgd({ lr, momentum, nesterov }: TorchOptimizer["config"], length: number): Update {
  let velocity: Float64Array = new Float64Array(length);
  return (parameters, gradients) => {
    const options = { preset: "pytorch", learningRate: lr, momentum, nesterov } as const;
    const result = sgdStep({ ...options, parameters, gradients, velocity });
    velocity = result.velocity;
    return result.parameters;
  };
}

function torchAdam(name: "Adam" | "AdamW", config: TorchOptimizer["config"], length: number): Update {
  const [beta1, beta2] = config.betas ?? [0.9, 0.999];
  const options = { preset: "pytorch", learningRate: config.lr, beta1, beta2 } as const;
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
