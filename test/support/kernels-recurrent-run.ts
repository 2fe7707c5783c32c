/** Calls of the whole-sequence kernels of either cell on a problem, in one piece or cut in time. */
import type { Kernels } from "../../src/core/kernels.ts";
import { ACTIVATIONS } from "../../src/layers/activations.ts";
import { type Arena, flat, rows } from "./kernels-arena.ts";
import type { Operand } from "./kernels-operand.ts";
import { GATES, type RecurrentProblem, recurrentParameters, toStepRows } from "./kernels-recurrent.ts";

/** Steps from `first` on that one call works, and where they stand. */
interface Chunk {
  readonly first: number;
  readonly T: number;
  /** The row of its first step. */
  readonly row: number;
  readonly cache: Operand;
}

/** Operands of a forward pass after it. */
export interface RecurrentRun {
  readonly output: Operand;
  readonly hidden: Operand;
  /** An LSTM alone has it. */
  readonly cell: Operand | undefined;
  readonly x: Operand;
  readonly params: Operand;
  /** Where all rows run all steps there is none. */
  readonly active: Operand | undefined;
  readonly recurrentMask: Operand | undefined;
  readonly chunks: readonly Chunk[];
}

export interface RunOptions {
  readonly tile: number;
  readonly training: boolean;
  /** Steps of a call; all where absent. */
  readonly steps?: number;
  /** Pieces of the rows of a batch, a call for each, as threads share them; one where absent. */
  readonly pieces?: number;
}

/** Calls lstmForward or rnnForward, chunk after chunk. */
export function runForward(
  kernels: Kernels,
  arena: Arena,
  problem: RecurrentProblem,
  options: RunOptions,
): RecurrentRun {
  const { B, T, I, H, N, biases, inputs, isRagged } = problem;
  const { tile, training, steps = T, pieces = 1 } = options;
  const isLstm = problem.cell === "lstm";
  const state = (name: string, values: Float64Array | undefined) =>
    arena.inout(name, rows(B, H), values ?? new Float64Array(B * H));
  const params = recurrentParameters(problem);
  const cacheFloats = isLstm ? kernels.lstmCacheFloats : kernels.rnnCacheFloats;
  const run: RecurrentRun = {
    output: arena.output("output", rows(N, H)),
    hidden: state("hidden", inputs.h0),
    cell: isLstm ? state("cell", inputs.c0) : undefined,
    x: arena.input("x", rows(N, I), toStepRows(inputs.x, problem)),
    params: arena.input("params", flat(params.length), params),
    active: isRagged ? arena.integers("active", problem.active) : undefined,
    recurrentMask: inputs.recurrentMask && arena.input("recurrentMask", rows(B, H), inputs.recurrentMask),
    chunks: chunksOf(problem, steps, (rows) => arena.output("cache", flat(cacheFloats(rows, B, H, training)))),
  };
  const { activation, recurrentActivation } = codes(problem);
  for (const { first, row, cache, T } of run.chunks) {
    const inputs = [run.x.row(row), run.params.address, activeFrom(run, first), maskOf(run)] as const;
    const sizes = [T, B, I, H, biases, activation] as const;
    const [output, hidden] = [run.output.row(row), run.hidden.address];
    for (const range of piecesOf(B, pieces)) {
      if (run.cell) {
        const outputs = [output, hidden, run.cell.address, cache.address] as const;
        kernels.lstmForward(...outputs, ...inputs, 0, ...sizes, recurrentActivation, training, ...range, tile);
      } else {
        kernels.rnnForward(output, hidden, cache.address, ...inputs, 0, ...sizes, training, ...range, tile);
      }
    }
  }
  return run;
}

/** [0, count) in so many ranges of about one length, in whole multiples of `unit`. */
export function piecesOf(count: number, pieces: number, unit = 1): (readonly [number, number])[] {
  const bound = (n: number) => Math.min(count, unit * Math.round((n * count) / (unit * pieces)));
  const ranges = Array.from({ length: pieces }, (_, n) => [bound(n), n + 1 === pieces ? count : bound(n + 1)] as const);
  return ranges.filter(([first, end]) => end > first);
}

function chunksOf({ T, active }: RecurrentProblem, steps: number, cacheFor: (rows: number) => Operand): Chunk[] {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return Array.from({ length: Math.ceil(T / steps) }, (_, n) => {
    const [first, end] = [n * steps, Math.min(T, (n + 1) * steps)];
    return { first, T: end - first, row: sum(active.slice(0, first)), cache: cacheFor(sum(active.slice(first, end))) };
  });
}

function activeFrom({ active }: RecurrentRun, step: number): number {
  return active ? active.address + 4 * step : 0;
}

function maskOf({ recurrentMask }: RecurrentRun): number {
  return recurrentMask?.address ?? 0;
}

function codes({ activation, recurrentActivation }: RecurrentProblem) {
  return { activation: ACTIVATIONS[activation], recurrentActivation: ACTIVATIONS[recurrentActivation] };
}

/** Operands of a backward pass after it: gradients of the inputs, the initial states and the parameters. */
export interface BackwardRun {
  readonly dX: Operand | undefined;
  readonly dHidden: Operand;
  readonly dCell: Operand | undefined;
  readonly dParams: Operand;
}

export interface BackwardOptions {
  readonly tile: number;
  readonly wantsDx: boolean;
  /** What the parameter gradients start from. */
  readonly start: Float64Array;
  /** Pieces of the rows of a batch and of the columns of the gradients; one where absent. */
  readonly pieces?: number;
}

/** Calls lstmBackward or rnnBackward on a run in training, the last chunk first. */
export function runBackward(
  kernels: Kernels,
  arena: Arena,
  problem: RecurrentProblem,
  forward: RecurrentRun,
  { tile, wantsDx, start, pieces = 1 }: BackwardOptions,
): BackwardRun {
  const { B, I, H, N, biases } = problem;
  const isLstm = problem.cell === "lstm";
  const run: BackwardRun = {
    dX: wantsDx ? arena.output("dX", rows(N, I)) : undefined,
    dHidden: arena.inout("dHidden", rows(B, H), problem.dHidden),
    dCell: isLstm ? arena.inout("dCell", rows(B, H), problem.dCell) : undefined,
    dParams: arena.inout("dParams", flat(start.length), start),
  };
  const dOutput = problem.dOutput && arena.input("dOutput", rows(N, H), toStepRows(problem.dOutput, problem));
  const scratchFloats = isLstm ? kernels.lstmScratchFloats : kernels.rnnScratchFloats;
  const scratch = arena.output("scratch", flat(scratchFloats(I, H))).address;
  const { activation, recurrentActivation } = codes(problem);
  const gates = GATES[problem.cell];
  for (const { first, row, cache, T } of [...forward.chunks].reverse()) {
    const [dX, dHidden, dParams] = [run.dX?.row(row) ?? 0, run.dHidden.address, run.dParams.address];
    const upstream = [dOutput?.row(row) ?? 0, cache.address] as const;
    const inputs = [forward.x.row(row), forward.params.address, activeFrom(forward, first), maskOf(forward)] as const;
    const sizes = [T, B, I, H, biases, activation] as const;
    kernels.recurrentTranspose(scratch, forward.params.address, gates, I, H, wantsDx);
    const own = pieces === 1 ? dParams : 0;
    for (const range of piecesOf(B, pieces)) {
      if (run.dCell) {
        const outputs = [dX, dHidden, run.dCell.address, own, scratch] as const;
        kernels.lstmBackward(...outputs, ...upstream, ...inputs, 0, ...sizes, recurrentActivation, ...range, tile);
      } else {
        kernels.rnnBackward(dX, dHidden, own, scratch, ...upstream, ...inputs, 0, ...sizes, ...range, tile);
      }
    }
    if (pieces === 1) continue;
    const N = problem.active.slice(first, first + T).reduce((sum, count) => sum + count, 0);
    for (const range of piecesOf(gates * Math.ceil(H / 4) * 4, pieces, 16)) {
      const operands = [dParams, scratch, cache.address, forward.x.row(row)] as const;
      kernels.recurrentGradients(...operands, gates, N, I, H, biases, ...range, tile);
    }
  }
  return run;
}
