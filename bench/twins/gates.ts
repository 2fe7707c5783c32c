/** What a whole sequence keeps for its backward pass, time-major; states start with the initial ones. */
export interface Cache {
  readonly B: number;
  readonly H: number;
  /** [T, B, 4H] in the order i f g o: pre-activations, replaced by the activated gates */
  readonly gates: Float32Array;
  /** [T + 1, B, H] */
  readonly cells: Float32Array;
  /** [T + 1, B, H] */
  readonly hiddens: Float32Array;
  /** [T, B, H] */
  readonly tanhCells: Float32Array;
}

export interface StateGradients {
  /** [T, B, 4H], of the pre-activations */
  readonly dGates: Float32Array;
  /** [B, H], of the hidden state after the step */
  readonly dHidden: Float32Array;
  /** [B, H], replaced by the gradient of the previous cell state */
  readonly dCell: Float32Array;
}

/** i, f, o = sigmoid, g = tanh, c = f c' + i g, h = o tanh(c) at step `t`. */
export function gatesForward({ B, H, gates, cells, hiddens, tanhCells }: Cache, t: number): void {
  for (let b = 0; b < B; ++b) {
    const row = (t * B + b) * H;
    const next = row + B * H;
    const iAt = row * 4;
    const fAt = iAt + H;
    const gAt = fAt + H;
    const oAt = gAt + H;
    for (let j = 0; j < H; ++j) {
      const i = sigmoid(gates[iAt + j] as number);
      const f = sigmoid(gates[fAt + j] as number);
      const g = Math.tanh(gates[gAt + j] as number);
      const o = sigmoid(gates[oAt + j] as number);
      const c = f * (cells[row + j] as number) + i * g;
      const tanhCell = Math.tanh(c);
      gates[iAt + j] = i;
      gates[fAt + j] = f;
      gates[gAt + j] = g;
      gates[oAt + j] = o;
      cells[next + j] = c;
      tanhCells[row + j] = tanhCell;
      hiddens[next + j] = o * tanhCell;
    }
  }
}

export function gatesBackward({ dGates, dHidden, dCell }: StateGradients, cache: Cache, t: number): void {
  const { B, H, gates, cells, tanhCells } = cache;
  for (let b = 0; b < B; ++b) {
    const row = (t * B + b) * H;
    const iAt = row * 4;
    const fAt = iAt + H;
    const gAt = fAt + H;
    const oAt = gAt + H;
    for (let j = 0, n = b * H; j < H; ++j, ++n) {
      const i = gates[iAt + j] as number;
      const f = gates[fAt + j] as number;
      const g = gates[gAt + j] as number;
      const o = gates[oAt + j] as number;
      const tanhCell = tanhCells[row + j] as number;
      const dh = dHidden[n] as number;
      const dc = (dCell[n] as number) + dh * o * (1 - tanhCell * tanhCell);
      dGates[iAt + j] = dc * g * i * (1 - i);
      dGates[fAt + j] = dc * (cells[row + j] as number) * f * (1 - f);
      dGates[gAt + j] = dc * i * (1 - g * g);
      dGates[oAt + j] = dh * tanhCell * o * (1 - o);
      dCell[n] = dc * f;
    }
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
