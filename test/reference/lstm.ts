import { ACTIVATION_TWINS, type ActivationTwin, type Differentiable } from "./activations.ts";
import { add, addScaled, at, dot, row } from "./elements.ts";

/**
 * One LSTM layer over whole sequences, in PyTorch's names and gate order i f g o:
 *
 *     i, f, o = sigmoid(W_ih x + b_ih + W_hh (m h') + b_hh)
 *     g       = tanh   (W_ih x + b_ih + W_hh (m h') + b_hh)
 *     c       = f c' + i g
 *     h       = o tanh(c)
 *
 * m is the mask of recurrent dropout, the same at all steps; other activations may stand for sigmoid and tanh.
 */
export interface LstmInputs {
  readonly B: number;
  readonly T: number;
  readonly I: number;
  readonly H: number;
  /** [B, T, I] */
  readonly x: Float64Array;
  /** [4H, I] */
  readonly weight_ih: Float64Array;
  /** [4H, H] */
  readonly weight_hh: Float64Array;
  /** [4H] */
  readonly bias_ih?: Float64Array | undefined;
  /** [4H] */
  readonly bias_hh?: Float64Array | undefined;
  /** [B, H], zero when absent */
  readonly h0?: Float64Array | undefined;
  /** [B, H], zero when absent */
  readonly c0?: Float64Array | undefined;
  /** [B], each in 0 .. T: a row stops there, its later outputs are zero. */
  readonly lengths?: readonly number[] | undefined;
  /** [B, H], what h is multiplied with on its way to the next step; ones when absent */
  readonly recurrentMask?: Float64Array | undefined;
  /** Of g and of the cell on its way out; tanh when absent. */
  readonly activation?: ActivationTwin | undefined;
  /** Of i, f and o; sigmoid when absent. */
  readonly recurrentActivation?: ActivationTwin | undefined;
}

/** The two activations by the names they have by default. */
function activations({ activation, recurrentActivation }: LstmInputs): {
  tanh: Differentiable;
  sigmoid: Differentiable;
} {
  return {
    tanh: ACTIVATION_TWINS[activation ?? "tanh"],
    sigmoid: ACTIVATION_TWINS[recurrentActivation ?? "sigmoid"],
  };
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

export function lstmForward(inputs: LstmInputs): LstmResult {
  const { B, T, H, h0, c0, lengths } = inputs;
  const gates = new Float64Array(B * T * 4 * H);
  const hiddens = new Float64Array(B * T * H);
  const cells = new Float64Array(B * T * H);
  const { tanh, sigmoid } = activations(inputs);
  const hidden = h0?.slice() ?? new Float64Array(B * H);
  const cell = c0?.slice() ?? new Float64Array(B * H);

  for (let b = 0; b < B; b++) {
    const h = row(hidden, b, H);
    const c = row(cell, b, H);
    for (let t = 0; t < (lengths ? at(lengths, b) : T); t++) {
      const a = preactivations(inputs, b, t, masked(inputs, b, h));
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

/** m h' of row b */
function masked({ H, recurrentMask }: LstmInputs, b: number, h: Float64Array): Float64Array {
  return recurrentMask ? h.map((value, j) => value * at(recurrentMask, b * H + j)) : h;
}

/** [4H] = W_ih x + b_ih + W_hh (m h') + b_hh */
function preactivations(inputs: LstmInputs, b: number, t: number, maskedHidden: Float64Array): Float64Array {
  const { T, I, H, weight_ih, weight_hh, bias_ih, bias_hh } = inputs;
  const x = row(inputs.x, b * T + t, I);
  const a = new Float64Array(4 * H);
  for (let n = 0; n < 4 * H; n++) {
    const bias = (bias_ih ? at(bias_ih, n) : 0) + (bias_hh ? at(bias_hh, n) : 0);
    a[n] = bias + dot(row(weight_ih, n, I), x) + dot(row(weight_hh, n, H), maskedHidden);
  }
  return a;
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

/** Gradients under the names and in the shapes of the inputs; both biases have the same one. */
export interface LstmGradients {
  readonly x: Float64Array;
  readonly weight_ih: Float64Array;
  readonly weight_hh: Float64Array;
  readonly bias_ih: Float64Array;
  readonly bias_hh: Float64Array;
  readonly h0: Float64Array;
  readonly c0: Float64Array;
}

export function lstmBackward(inputs: LstmBackwardInputs): LstmGradients {
  const { B, T, I, H, cache, dOutput, dHidden, dCell, lengths } = inputs;
  const d: LstmGradients = {
    x: new Float64Array(B * T * I),
    weight_ih: new Float64Array(4 * H * I),
    weight_hh: new Float64Array(4 * H * H),
    bias_ih: new Float64Array(4 * H),
    bias_hh: new Float64Array(4 * H),
    h0: dHidden?.slice() ?? new Float64Array(B * H),
    c0: dCell?.slice() ?? new Float64Array(B * H),
  };

  for (let b = 0; b < B; b++) {
    // Gradients of the states, carried from the last step back to the initial states.
    const dh = row(d.h0, b, H);
    const dc = row(d.c0, b, H);
    for (let t = (lengths ? at(lengths, b) : T) - 1; t >= 0; t--) {
      if (dOutput) addScaled(dh, 1, row(dOutput, b * T + t, H));
      const previousCell = previousState({ B, T, H, states: cache.cells, initial: inputs.c0 }, b, t);
      const previousHidden = previousState({ B, T, H, states: cache.hiddens, initial: inputs.h0 }, b, t);
      const da = stepBackward(inputs, { gates: row(cache.gates, b * T + t, 4 * H), previousCell, dh, dc });
      accumulate(inputs, d, { b, t, da, previousHidden, dh });
    }
  }
  return d;
}

interface States {
  readonly B: number;
  readonly T: number;
  readonly H: number;
  /** [B, T, H] */
  readonly states: Float64Array;
  /** [B, H] */
  readonly initial: Float64Array | undefined;
}

function previousState({ B, T, H, states, initial }: States, b: number, t: number): Float64Array {
  return t > 0 ? row(states, b * T + t - 1, H) : row(initial ?? new Float64Array(B * H), b, H);
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

interface Accumulate {
  readonly b: number;
  readonly t: number;
  /** [4H] */
  readonly da: Float64Array;
  /** [H] */
  readonly previousHidden: Float64Array;
  /** [H], replaced by the gradient of the previous hidden state */
  readonly dh: Float64Array;
}

/** dx = W_ih^T da, dh' = m (W_hh^T da), dW_ih += da x^T, dW_hh += da (m h')^T, db += da */
function accumulate(inputs: LstmInputs, d: LstmGradients, { b, t, da, previousHidden, dh }: Accumulate): void {
  const { T, I, H, weight_ih, weight_hh } = inputs;
  const x = row(inputs.x, b * T + t, I);
  const dx = row(d.x, b * T + t, I);
  const maskedHidden = masked(inputs, b, previousHidden);
  dh.fill(0);
  for (let n = 0; n < 4 * H; n++) {
    const g = at(da, n);
    add(d.bias_ih, n, g);
    add(d.bias_hh, n, g);
    addScaled(dx, g, row(weight_ih, n, I));
    addScaled(row(d.weight_ih, n, I), g, x);
    addScaled(dh, g, row(weight_hh, n, H));
    addScaled(row(d.weight_hh, n, H), g, maskedHidden);
  }
  dh.set(masked(inputs, b, dh));
}
