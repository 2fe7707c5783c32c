import { ACTIVATION_TWINS, type ActivationTwin, type Differentiable } from "./activations.ts";
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
 * One LSTM layer over whole sequences, in PyTorch's names and gate order i f g o:
 *
 *     i, f, o = sigmoid(W_ih x + b_ih + W_hh (m h') + b_hh)
 *     g       = tanh   (W_ih x + b_ih + W_hh (m h') + b_hh)
 *     c       = f c' + i g
 *     h       = o tanh(c)
 *
 * m is the mask of recurrent dropout; `activation` may stand for tanh and `recurrentActivation` for sigmoid.
 */
export interface LstmInputs extends RecurrentInputs {
  /** [B, H], zero when absent */
  readonly c0?: Float64Array | undefined;
  /** sigmoid when absent */
  readonly recurrentActivation?: ActivationTwin | undefined;
}

export interface LstmCache {
  /** [B, T, 4H], after the activations */
  readonly gates: Float64Array;
  /** [B, T, H], every h */
  readonly hiddens: Float64Array;
  /** [B, T, H], every c */
  readonly cells: Float64Array;
}

export interface LstmResult {
  /** [B, T, H] */
  readonly output: Float64Array;
  /** [B, H], the state after each row's own last step */
  readonly hidden: Float64Array;
  /** [B, H] */
  readonly cell: Float64Array;
  readonly cache: LstmCache;
}

/** The two activations under the names of the equations. */
function activations(inputs: LstmInputs): { readonly tanh: Differentiable; readonly sigmoid: Differentiable } {
  const { activation = "tanh", recurrentActivation = "sigmoid" } = inputs;
  return { tanh: ACTIVATION_TWINS[activation], sigmoid: ACTIVATION_TWINS[recurrentActivation] };
}

export function lstmForward(inputs: LstmInputs): LstmResult {
  const { B, T, H, h0, c0 } = inputs;
  const gates = new Float64Array(B * T * 4 * H);
  const hiddens = new Float64Array(B * T * H);
  const cells = new Float64Array(B * T * H);
  const hidden = h0?.slice() ?? new Float64Array(B * H);
  const cell = c0?.slice() ?? new Float64Array(B * H);
  const { tanh, sigmoid } = activations(inputs);

  for (let b = 0; b < B; b++) {
    const h = row(hidden, b, H);
    const c = row(cell, b, H);
    for (let t = 0; t < lengthOf(inputs, b); t++) {
      const a = preactivations(inputs, b, t, h);
      for (let j = 0; j < H; j++) {
        const i = sigmoid.f(at(a, j));
        const f = sigmoid.f(at(a, H + j));
        const g = tanh.f(at(a, 2 * H + j));
        const o = sigmoid.f(at(a, 3 * H + j));
        c[j] = f * at(c, j) + i * g;
        h[j] = o * tanh.f(at(c, j));
        [i, f, g, o].forEach((gate, index) => {
          gates[(b * T + t) * 4 * H + index * H + j] = gate;
        });
      }
      hiddens.set(h, (b * T + t) * H);
      cells.set(c, (b * T + t) * H);
    }
  }
  return { output: hiddens.slice(), hidden, cell, cache: { gates, hiddens, cells } };
}

export interface LstmBackwardInputs extends LstmInputs {
  readonly cache: LstmCache;
  /** [B, T, H]; entries after a row's end are not read. */
  readonly dOutput?: Float64Array | undefined;
  /** [B, H], gradient of the final hidden state */
  readonly dHidden?: Float64Array | undefined;
  /** [B, H], gradient of the final cell state */
  readonly dCell?: Float64Array | undefined;
}

export interface LstmGradients extends RecurrentGradients {
  readonly c0: Float64Array;
}

export function lstmBackward(inputs: LstmBackwardInputs): LstmGradients {
  const { B, T, H, cache, dOutput, dHidden, dCell } = inputs;
  const d = { ...startGradients(inputs, dHidden), c0: dCell?.slice() ?? new Float64Array(B * H) };

  for (let b = 0; b < B; b++) {
    // Gradients of the states, carried from the last step back to the initial states.
    const dh = row(d.h0, b, H);
    const dc = row(d.c0, b, H);
    for (let t = lengthOf(inputs, b) - 1; t >= 0; t--) {
      if (dOutput) addScaled(dh, 1, row(dOutput, b * T + t, H));
      const previousCell = previousState(inputs, { states: cache.cells, initial: inputs.c0 }, b, t);
      const previousHidden = previousState(inputs, { states: cache.hiddens, initial: inputs.h0 }, b, t);
      const da = stepBackward(inputs, { gates: row(cache.gates, b * T + t, 4 * H), previousCell, dh, dc });
      accumulate(inputs, d, { b, t, da, previousHidden, dh });
    }
  }
  return d;
}

interface StepBackward {
  /** [4H] */
  readonly gates: Float64Array;
  /** [H] */
  readonly previousCell: Float64Array;
  /** [H] */
  readonly dh: Float64Array;
  /** [H], replaced by the gradient of the previous cell state */
  readonly dc: Float64Array;
}

/** One row's pointwise part of one step: da [4H], the gradient of the pre-activations. */
function stepBackward(inputs: LstmInputs, { gates, previousCell, dh, dc }: StepBackward): Float64Array {
  const { H } = inputs;
  const { tanh, sigmoid } = activations(inputs);
  const da = new Float64Array(4 * H);
  for (let j = 0; j < H; j++) {
    const i = at(gates, j);
    const f = at(gates, H + j);
    const g = at(gates, 2 * H + j);
    const o = at(gates, 3 * H + j);
    const tanhCell = tanh.f(f * at(previousCell, j) + i * g);

    const dcTotal = at(dc, j) + at(dh, j) * o * tanh.d(tanhCell);
    da[j] = dcTotal * g * sigmoid.d(i);
    da[H + j] = dcTotal * at(previousCell, j) * sigmoid.d(f);
    da[2 * H + j] = dcTotal * i * tanh.d(g);
    da[3 * H + j] = at(dh, j) * tanhCell * sigmoid.d(o);
    dc[j] = dcTotal * f;
  }
  return da;
}
