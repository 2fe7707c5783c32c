/**
 * Kernels against the arithmetic peak of the same run: matrix products with packed weights, then whole LSTM layers. Shares
 * count executed matmul FLOP. `npm run bench:kernels`, a variant's name as argument limits it to that.
 */
import { ACTIVATIONS } from "../src/layers/activations.ts";
import { type Contestant, compare, header, printTable, withShares } from "./harness.ts";
import { withPeak } from "./peak.ts";
import { block, type Core, loadCore, runnableVariants } from "./variants.ts";

interface LayerShape {
  readonly I: number;
  readonly H: number;
  readonly B: number;
  readonly T: number;
}

const products: readonly (readonly [number, number, number])[] = [
  [256, 256, 256],
  [1600, 128, 512],
  [32, 128, 512],
  [32, 512, 128],
  [1, 128, 512],
];
const layers: readonly LayerShape[] = [
  { I: 128, H: 128, B: 32, T: 50 },
  { I: 50, H: 50, B: 64, T: 30 },
  { I: 1, H: 50, B: 64, T: 30 },
  { I: 256, H: 256, B: 32, T: 50 },
  { I: 128, H: 128, B: 1, T: 50 },
];

const { tanh, sigmoid } = ACTIVATIONS;

/** c [M, N] = bias + a [M, K] x w [K, N]. */
function product(core: Core, [M, K, N]: readonly [number, number, number]): Contestant {
  const { kernels, tile } = core;
  const [aRow, cRow, panel] = [kernels.rowStride(K), kernels.rowStride(N), (K + 1) * 16];
  const a = block(core, M * aRow, 1);
  const w = block(core, kernels.panelFloats(K + 1, N), 0.1);
  const c = block(core, M * cRow);
  const run = () => kernels.gemm(c, cRow, w, 0, panel, a, aRow, 1, w + 64, panel, M, K, N, tile);
  return { name: `gemm [${M} x ${K}] x [${K} x ${N}]`, run, flop: 2 * M * K * N };
}

/** Forward for inference and forward + backward with all gradients, from zero states. */
function layer(core: Core, { I, H, B, T }: LayerShape): Contestant[] {
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

const wanted = runnableVariants().filter((variant) => !process.argv[2] || process.argv[2] === variant);
if (wanted.length === 0) console.log(`NOT MEASURED: this engine cannot run the variant ${process.argv[2]}.`);
for (const variant of wanted) {
  const core = await loadCore(variant);
  const contestants = [
    ...products.map((shape) => product(core, shape)),
    ...layers.flatMap((shape) => layer(core, shape)),
  ];
  const { peak, result } = await withPeak(variant, () => compare(`${variant} kernels`, contestants));
  console.log(header({ variant, threads: 1, peak }));
  printTable(withShares(result, peak), "peak");
}
