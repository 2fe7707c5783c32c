/** Kernels on data of their own, as contestants: a matrix product with packed weights, an LSTM layer. */
import { ACTIVATIONS } from "../src/layers/activations.ts";
import type { Contestant } from "./harness.ts";
import { block, type Core } from "./variants.ts";

export interface LayerShape {
  readonly I: number;
  readonly H: number;
  readonly B: number;
  readonly T: number;
}

const { tanh, sigmoid } = ACTIVATIONS;

/** c [M, N] = bias + a [M, K] x w [K, N]. */
export function product(core: Core, [M, K, N]: readonly [number, number, number]): Contestant {
  const { kernels, tile } = core;
  const [aRow, cRow, panel] = [kernels.rowStride(K), kernels.rowStride(N), (K + 1) * 16];
  const a = block(core, M * aRow, 1);
  const w = block(core, kernels.panelFloats(K + 1, N), 0.1);
  const c = block(core, M * cRow);
  const run = () => kernels.gemm(c, cRow, w, 0, panel, a, aRow, 1, w + 64, panel, M, K, N, tile);
  return { name: `gemm [${M} x ${K}] x [${K} x ${N}]`, run, flop: 2 * M * K * N };
}

/** Forward for inference and forward + backward with all gradients, from zero states. */
export function layer(core: Core, { I, H, B, T }: LayerShape): Contestant[] {
  const { kernels, memory, tile } = core;
  const N = T * B;
  const [xRow, state] = [kernels.rowStride(I), kernels.rowStride(H)];
  const params = randomWeights(core, I, H);
  const gradients = block(core, kernels.lstmParameterFloats(I, H, 1));
  const x = sequence(core, T, B, I);
  const dOutput = sequence(core, T, B, H);
  const [output, dx] = [block(core, N * state), block(core, N * xRow)];
  const states = block(core, 4 * B * state);
  const [hidden, cell, dHidden, dCell] = [0, 1, 2, 3].map((i) => states + i * B * state * 4) as [
    number,
    number,
    number,
    number,
  ];
  const cache = block(core, kernels.lstmCacheFloats(N, B, H, true));
  const scratch = block(core, kernels.lstmScratchFloats(I, H));
  const forward = (training: boolean) => {
    memory.f32(states, 4 * B * state).fill(0);
    kernels.lstmForward(
      ...([output, hidden, cell, cache, x, params, 0, 0, 0] as const),
      ...([T, B, I, H, 1, tanh, sigmoid, training, 0, B, tile] as const),
    );
  };
  const backward = () => {
    kernels.recurrentTranspose(scratch, params, 4, I, H, true);
    kernels.lstmBackward(
      ...([dx, dHidden, dCell, gradients, scratch, dOutput, cache, x, params, 0, 0, 0] as const),
      ...([T, B, I, H, 1, tanh, sigmoid, 0, B, tile] as const),
    );
  };
  const flop = 2 * N * 4 * H * (I + H);
  const name = `LSTM I${I} H${H} B${B} T${T}`;
  const both = () => {
    forward(true);
    backward();
  };
  return [
    { name: `${name} forward`, run: () => forward(false), flop },
    { name: `${name} forward + backward`, run: both, flop: 3 * flop },
  ];
}

function randomWeights(core: Core, I: number, H: number): number {
  const { kernels } = core;
  const params = block(core, kernels.lstmParameterFloats(I, H, 1));
  const scale = 1 / Math.sqrt(H);
  const weights = [4 * H * I, 4 * H * H, 4 * H, 4 * H].map((floats) => block(core, floats, scale));
  const [weightIh = 0, weightHh = 0, biasIh = 0, biasHh = 0] = weights;
  kernels.lstmWriteWeights(params, weightIh, weightHh, biasIh, biasHh, I, H, 1);
  for (const address of weights) core.memory.free(address);
  return params;
}

function sequence(core: Core, T: number, B: number, F: number): number {
  const rows = block(core, T * B * core.kernels.rowStride(F));
  const values = block(core, T * B * F, 1);
  core.kernels.packSequence(rows, values, 0, 0, T, B, F);
  core.memory.free(values);
  return rows;
}
