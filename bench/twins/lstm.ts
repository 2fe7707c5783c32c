import { type Cache, gatesBackward, gatesForward, type StateGradients } from "./gates.ts";
import { copy, type Matmul, type Matrix, matrix, transposed } from "./matrix.ts";

export interface LstmSizes {
  readonly T: number;
  readonly B: number;
  readonly I: number;
  readonly H: number;
}

/**
 * One LSTM layer in plain TypeScript on Float32Array, time-major, PyTorch's shapes and gate order i f g o. Every buffer is
 * allocated here, once. Products that do not wait for the recurrence run over all steps at once; sums are float64, as JavaScript
 * has them.
 */
export class LstmTwin {
  /** [T, B, I] */
  readonly x: Float32Array;
  /** [4H, I] */
  readonly weight_ih: Float32Array;
  /** [4H, H] */
  readonly weight_hh: Float32Array;
  /** [4H], bias_ih + bias_hh */
  readonly bias: Float32Array;
  /** [T, B, H], gradient of every output; the final hidden state's is added to its last step */
  readonly dOutput: Float32Array;
  /** [B, H], gradient of the final cell state */
  readonly dLastCell: Float32Array;
  readonly dx: Float32Array;
  readonly dWeight_ih: Float32Array;
  readonly dWeight_hh: Float32Array;
  readonly dBias: Float32Array;
  readonly cache: Cache;
  /** After `backward`: gradients of the initial states. */
  readonly states: StateGradients;
  readonly #sizes: LstmSizes;
  readonly #matmul: Matmul;
  readonly #views: Views;

  constructor(sizes: LstmSizes, matmul: Matmul) {
    const { T, B, I, H } = sizes;
    this.#sizes = sizes;
    this.#matmul = matmul;
    this.x = new Float32Array(T * B * I);
    this.weight_ih = new Float32Array(4 * H * I);
    this.weight_hh = new Float32Array(4 * H * H);
    this.bias = new Float32Array(4 * H);
    this.dOutput = new Float32Array(T * B * H);
    this.dLastCell = new Float32Array(B * H);
    this.dx = new Float32Array(T * B * I);
    this.dWeight_ih = new Float32Array(4 * H * I);
    this.dWeight_hh = new Float32Array(4 * H * H);
    this.dBias = new Float32Array(4 * H);
    this.cache = {
      B,
      H,
      gates: new Float32Array(T * B * 4 * H),
      cells: new Float32Array((T + 1) * B * H),
      hiddens: new Float32Array((T + 1) * B * H),
      tanhCells: new Float32Array(T * B * H),
    };
    this.states = {
      dGates: new Float32Array(T * B * 4 * H),
      dHidden: new Float32Array(B * H),
      dCell: new Float32Array(B * H),
    };
    this.#views = views(this, sizes);
  }

  /** [B, H], to be filled by the caller: the first rows of the cache. */
  get initialHidden(): Float32Array {
    return this.cache.hiddens.subarray(0, this.#sizes.B * this.#sizes.H);
  }

  /** [B, H] */
  get initialCell(): Float32Array {
    return this.cache.cells.subarray(0, this.#sizes.B * this.#sizes.H);
  }

  /** [T, B, H], a view. */
  get output(): Float32Array {
    return this.cache.hiddens.subarray(this.#sizes.B * this.#sizes.H);
  }

  forward(): void {
    const { T, B, H } = this.#sizes;
    const view = this.#views;
    const { gates } = this.cache;
    copy(view.weight_ihT, transposed(view.weight_ih));
    copy(view.weight_hhT, transposed(view.weight_hh));
    for (let row = 0; row < T * B; ++row) gates.set(this.bias, row * 4 * H);
    this.#matmul(view.gates, view.x, view.weight_ihT);
    for (const [t, step] of view.steps.entries()) {
      this.#matmul(step.gates, step.previousHidden, view.weight_hhT);
      gatesForward(this.cache, t);
    }
  }

  /** Overwrites all gradients. */
  backward(): void {
    const { T, B, H } = this.#sizes;
    const view = this.#views;
    const { dGates, dHidden, dCell } = this.states;
    for (const gradient of [this.dx, this.dWeight_ih, this.dWeight_hh, this.dBias, dHidden]) gradient.fill(0);
    dCell.set(this.dLastCell);
    for (let t = T - 1; t >= 0; --t) {
      const step = view.steps[t];
      if (step === undefined) break;
      accumulate(dHidden, this.dOutput, t * B * H);
      gatesBackward(this.states, this.cache, t);
      dHidden.fill(0);
      this.#matmul(view.dHidden, step.dGates, view.weight_hh);
    }
    this.#matmul(view.dx, view.dGates, view.weight_ih);
    this.#matmul(view.dWeight_ih, transposed(view.dGates), view.x);
    this.#matmul(view.dWeight_hh, transposed(view.dGates), view.previousHiddens);
    for (let row = 0; row < T * B; ++row) accumulate(this.dBias, dGates, row * 4 * H);
  }
}

/** to += from[at ...] */
function accumulate(to: Float32Array, from: Float32Array, at: number): void {
  for (let n = 0; n < to.length; ++n) to[n] = (to[n] as number) + (from[at + n] as number);
}

/** The buffers of a twin as matrices. */
type Views = ReturnType<typeof views>;

interface Step {
  readonly gates: Matrix;
  readonly dGates: Matrix;
  readonly previousHidden: Matrix;
}

function views(twin: LstmTwin, { T, B, I, H }: LstmSizes) {
  const { cache, states } = twin;
  const step = (t: number): Step => ({
    gates: matrix(cache.gates, B, 4 * H, t * B * 4 * H),
    dGates: matrix(states.dGates, B, 4 * H, t * B * 4 * H),
    previousHidden: matrix(cache.hiddens, B, H, t * B * H),
  });
  return {
    x: matrix(twin.x, T * B, I),
    dx: matrix(twin.dx, T * B, I),
    weight_ih: matrix(twin.weight_ih, 4 * H, I),
    weight_hh: matrix(twin.weight_hh, 4 * H, H),
    weight_ihT: matrix(new Float32Array(I * 4 * H), I, 4 * H),
    weight_hhT: matrix(new Float32Array(H * 4 * H), H, 4 * H),
    dWeight_ih: matrix(twin.dWeight_ih, 4 * H, I),
    dWeight_hh: matrix(twin.dWeight_hh, 4 * H, H),
    gates: matrix(cache.gates, T * B, 4 * H),
    dGates: matrix(states.dGates, T * B, 4 * H),
    previousHiddens: matrix(cache.hiddens, T * B, H),
    dHidden: matrix(states.dHidden, B, H),
    steps: Array.from({ length: T }, (_, t) => step(t)),
  };
}
