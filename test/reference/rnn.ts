import { ACTIVATION_TWINS } from "./activations.ts";
import { addScaled, at, row } from "./elements.ts";
import {
  accumulate,
  lengthOf,
  preactivations,
  previousState,
  type RecurrentGradients,
  type RecurrentInputs,
  startGradients,
} from "./recurrent.ts";

/**
 * One simple recurrent layer over whole sequences, in PyTorch's names, m the mask of recurrent dropout:
 *
 *     h = tanh(W_ih x + b_ih + W_hh (m h') + b_hh)
 *
 * `activation` may stand for tanh.
 */
export type RnnInputs = RecurrentInputs;

export interface RnnResult {
  /** [B, T, H] */
  readonly output: Float64Array;
  /** [B, H], the state after each row's own last step */
  readonly hidden: Float64Array;
}

export function rnnForward(inputs: RnnInputs): RnnResult {
  const { B, T, H, h0, activation = "tanh" } = inputs;
  const tanh = ACTIVATION_TWINS[activation];
  const output = new Float64Array(B * T * H);
  const hidden = h0?.slice() ?? new Float64Array(B * H);
  for (let b = 0; b < B; b++) {
    const h = row(hidden, b, H);
    for (let t = 0; t < lengthOf(inputs, b); t++) {
      h.set(preactivations(inputs, b, t, h).map(tanh.f));
      output.set(h, (b * T + t) * H);
    }
  }
  return { output, hidden };
}

export interface RnnBackwardInputs extends RnnInputs {
  /** [B, T, H], the output of rnnForward */
  readonly output: Float64Array;
  /** [B, T, H]; entries after a row's end are not read. */
  readonly dOutput?: Float64Array | undefined;
  /** [B, H], gradient of the final hidden state */
  readonly dHidden?: Float64Array | undefined;
}

export function rnnBackward(inputs: RnnBackwardInputs): RecurrentGradients {
  const { B, T, H, output, dOutput, dHidden, activation = "tanh" } = inputs;
  const tanh = ACTIVATION_TWINS[activation];
  const d = startGradients(inputs, dHidden);
  for (let b = 0; b < B; b++) {
    const dh = row(d.h0, b, H);
    for (let t = lengthOf(inputs, b) - 1; t >= 0; t--) {
      if (dOutput) addScaled(dh, 1, row(dOutput, b * T + t, H));
      const h = row(output, b * T + t, H);
      const da = dh.map((gradient, j) => gradient * tanh.d(at(h, j)));
      const previousHidden = previousState(inputs, { states: output, initial: inputs.h0 }, b, t);
      accumulate(inputs, d, { b, t, da, previousHidden, dh });
    }
  }
  return d;
}
