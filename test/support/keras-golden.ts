import type { RecurrentGradients, RecurrentInputs } from "../reference/recurrent.ts";
import { kerasRecurrentGolden } from "./golden.ts";
import { transposed } from "./kernels-panels.ts";

/** A recurrent layer of Keras in the twins' names: its kernels are transposed, and it has one bias. */
export interface KerasRecurrent {
  readonly inputs: RecurrentInputs;
  /** [B, T, H], or [B, H] of the last step, and the gradient that comes in for it */
  readonly output: { readonly value: Float64Array; readonly gradient: Float64Array };
  readonly gradients: Pick<RecurrentGradients, "x" | "weight_ih" | "weight_hh" | "bias_ih">;
}

export function kerasRecurrent(name: string): KerasRecurrent {
  const { x, config, weights, outputs, loss_weights, grad_x, grad_weights } = kerasRecurrentGolden(name);
  const [B = 0, T = 0, I = 0] = x.shape;
  const named = ([kernel, recurrent, bias]: typeof weights) => ({
    weight_ih: transposed(kernel.data, I, kernel.data.length / I),
    weight_hh: transposed(recurrent.data, config.units, recurrent.data.length / config.units),
    bias_ih: bias.data,
  });
  return {
    inputs: { B, T, I, H: config.units, x: x.data, ...named(weights) },
    output: { value: outputs[0].data, gradient: loss_weights[0].data },
    gradients: { x: grad_x.data, ...named(grad_weights) },
  };
}
