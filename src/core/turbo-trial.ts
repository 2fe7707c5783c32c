/** The trial of turbo code: the same calls on the same numbers as the usual code, and both against the clock. */

import type { Kernels } from "./kernels.ts";
import { Memory, PAGE } from "./memory.ts";
import { TILE_2X16, TILE_6X16 } from "./tiles.ts";

const PAGES = 48;
/** Turbo is worth its risk only from here on; the tile is 1.6 times as fast. */
const LEAST_GAIN = 1.15;
const ROUNDS = 25;
const [TANH, SIGMOID] = [1, 2];

interface Trial {
  readonly kernels: Kernels;
  readonly tile: number;
  readonly memory: Memory;
}

/** The address of a block of floats, with numbers in [-scale, scale]. */
type Block = (floats: number, scale?: number) => number;

/** What is wrong with the turbo code: results that differ in any bit, or no gain; undefined if nothing is. */
export function findFault(turboModule: WebAssembly.Module, usualModule: WebAssembly.Module): string | undefined {
  const turbo = start(turboModule, TILE_6X16);
  const usual = start(usualModule, TILE_2X16);
  calculate(turbo);
  calculate(usual);
  if (!haveSameBits(turbo, usual)) return "V8's 256-bit code gives other results than the usual code";
  const gain = secondsOf([usual, turbo]).reduce((slow, fast) => slow / fast);
  if (gain >= LEAST_GAIN) return undefined;
  return `this processor gains nothing by it (${gain.toFixed(2)} times the usual speed)`;
}

function start(module: WebAssembly.Module, tile: number): Trial {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as unknown as Kernels;
  return { kernels, tile, memory: new Memory(memory, kernels.heapBase() >>> 0, PAGES * PAGE) };
}

/** Blocks whose numbers come from integers alone, so that both trials have the same ones. */
function blocksOf({ memory }: Trial): Block {
  return (floats, scale = 0) => {
    const address = memory.allocate(4 * floats);
    const values = memory.f32(address, floats);
    for (let n = 0; n < floats; n++) values[n] = ((((n + address) * 7919) % 2048) / 1024 - 1) * scale;
    return address;
  };
}

/** Products of every tile and remainder, and a training step of an LSTM with its loss and optimizer. */
function calculate(trial: Trial): void {
  const block = blocksOf(trial);
  for (const [M, K, N] of [
    [1, 9, 50],
    [9, 37, 33],
    [13, 260, 20],
    [16, 64, 52],
    [23, 5, 16],
    [30, 130, 28],
  ] as const) {
    multiply(trial, block, M, K, N);
  }
  train(trial, block, { T: 5, B: 11, I: 21, H: 37 });
}

/** c = bias + a w, and c += (a stored as its transpose) w. */
function multiply({ kernels, tile }: Trial, block: Block, M: number, K: number, N: number): void {
  const [aRow, aTransposed, cRow, panel] = [
    kernels.rowStride(K),
    kernels.rowStride(M),
    kernels.rowStride(N),
    (K + 1) * 16,
  ];
  const w = block(kernels.panelFloats(K + 1, N), 1);
  const c = block(M * cRow);
  kernels.gemm(c, cRow, w, 0, panel, block(M * aRow, 1), aRow, 1, w + 64, panel, M, K, N, tile);
  kernels.gemm(c, cRow, c, cRow, 16, block(K * aTransposed, 1), 1, aTransposed, w + 64, panel, M, K, N, tile);
}

interface Shape {
  readonly T: number;
  readonly B: number;
  readonly I: number;
  readonly H: number;
}

function train({ kernels, tile }: Trial, block: Block, { T, B, I, H }: Shape): void {
  const N = T * B;
  const [xRow, state, floats] = [kernels.rowStride(I), kernels.rowStride(H), kernels.lstmParameterFloats(I, H, 1)];
  const [params, gradients, m, v] = [block(floats), block(floats), block(floats), block(floats)];
  const weights = [4 * H * I, 4 * H * H, 4 * H, 4 * H].map((size) => block(size, 0.3));
  const [weightIh = 0, weightHh = 0, biasIh = 0, biasHh = 0] = weights;
  kernels.lstmWriteWeights(params, weightIh, weightHh, biasIh, biasHh, I, H, 1);
  const x = block(N * xRow);
  kernels.packSequence(x, block(N * I, 2), 0, 0, T, B, I);
  const [output, hidden, cell] = [block(N * state), block(B * state), block(B * state)];
  const [dX, dHidden, dCell, dOutput] = [block(N * xRow), block(B * state), block(B * state), block(N * state)];
  const [cache, scratch] = [block(kernels.lstmCacheFloats(N, B, H, true)), block(kernels.lstmScratchFloats(I, H))];
  const sizes = [T, B, I, H, 1, TANH, SIGMOID] as const;
  kernels.lstmForward(output, hidden, cell, cache, x, params, 0, 0, 0, ...sizes, true, 0, B, tile);
  kernels.softmaxForward(output, output, N, H);
  kernels.crossEntropy(block(2 * N), dOutput, output, block(N, 0), 0, 0, N, H, true, false, 0, N, 1);
  kernels.recurrentTranspose(scratch, params, 4, I, H, true);
  kernels.lstmBackward(
    dX,
    dHidden,
    dCell,
    gradients,
    scratch,
    dOutput,
    cache,
    x,
    params,
    0,
    0,
    0,
    ...sizes,
    0,
    B,
    tile,
  );
  kernels.adam(params, m, v, 0, gradients, floats, 1e-3, 0, 1, 0.9, 0.1, 0.999, 1e-3, 1, 1e-7);
}

/** All that was calculated with and all that came out, to the last bit. */
function haveSameBits(turbo: Trial, usual: Trial): boolean {
  const [actual, expected] = [turbo, usual].map(({ memory }) => memory.i32(0, memory.byteLength / 4));
  return actual?.every((bits, n) => bits === expected?.[n]) ?? false;
}

/** Of a product on each of them, the fastest of rounds in turn. */
function secondsOf(trials: readonly Trial[]): number[] {
  const [M, K, N] = [48, 128, 128];
  const seconds = trials.map(() => Infinity);
  const runs = trials.map((trial) => {
    const { kernels, tile } = trial;
    const block = blocksOf(trial);
    const [a, w, c] = [block(M * 144, 1), block(kernels.panelFloats(K, N), 1), block(M * 144)];
    return () => kernels.gemm(c, 144, c, 144, 16, a, 144, 1, w, K * 16, M, K, N, tile);
  });
  for (let round = 0; round < ROUNDS; round++) {
    runs.forEach((run, n) => {
      const before = performance.now();
      run();
      seconds[n] = Math.min(seconds[n] ?? Infinity, performance.now() - before);
    });
  }
  return seconds;
}
