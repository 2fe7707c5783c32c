/** Calls of the whole-sequence LSTM kernels on a problem, in one piece or cut in time. */
import type { Kernels } from "../../src/core/kernels.ts";
import { ACTIVATIONS } from "../../src/layers/activations.ts";
import { type Arena, flat, rows } from "./kernels-arena.ts";
import { type LstmProblem, lstmParameters, toStepRows } from "./kernels-lstm.ts";
import type { Operand } from "./kernels-operand.ts";

/** Steps from `first` on that one call works, and where they stand. */
interface Chunk {
  readonly first: number;
  readonly T: number;
  /** The row of its first step. */
  readonly row: number;
  readonly cache: Operand;
}

/** Operands of a forward pass after it. */
export interface LstmRun {
  readonly output: Operand;
  readonly hidden: Operand;
  readonly cell: Operand;
  readonly x: Operand;
  readonly params: Operand;
  /** Where all rows run all steps there is none. */
  readonly active: Operand | undefined;
  readonly recurrentMask: Operand | undefined;
  readonly chunks: readonly Chunk[];
}

export interface LstmOptions {
  readonly tile: number;
  readonly training: boolean;
  /** Steps of a call; all where absent. */
  readonly steps?: number;
}

/** Calls lstmForward, chunk after chunk. */
export function runLstm(kernels: Kernels, arena: Arena, problem: LstmProblem, options: LstmOptions): LstmRun {
  const { B, T, I, H, N, biases, inputs, isRagged } = problem;
  const { tile, training, steps = T } = options;
  const run: LstmRun = {
    output: arena.output("output", rows(N, H)),
    hidden: arena.inout("hidden", rows(B, H), inputs.h0 ?? new Float64Array(B * H)),
    cell: arena.inout("cell", rows(B, H), inputs.c0 ?? new Float64Array(B * H)),
    x: arena.input("x", rows(N, I), toStepRows(inputs.x, problem)),
    params: arena.input("params", flat(kernels.lstmParameterFloats(I, H, biases)), lstmParameters(problem)),
    active: isRagged ? arena.integers("active", problem.active) : undefined,
    recurrentMask: inputs.recurrentMask && arena.input("recurrentMask", rows(B, H), inputs.recurrentMask),
    chunks: chunksOf(problem, steps, (rows) =>
      arena.output("cache", flat(kernels.lstmCacheFloats(rows, B, H, training))),
    ),
  };
  for (const { first, row, cache, T } of run.chunks) {
    kernels.lstmForward(
      ...([run.output.row(row), run.hidden.address, run.cell.address, cache.address, run.x.row(row)] as const),
      ...([run.params.address, activeFrom(run, first), run.recurrentMask?.address ?? 0, T, B, I, H, biases] as const),
      ...([...activationsOf(problem), training, tile] as const),
    );
  }
  return run;
}

function chunksOf({ T, active }: LstmProblem, steps: number, cacheFor: (rows: number) => Operand): Chunk[] {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return Array.from({ length: Math.ceil(T / steps) }, (_, n) => {
    const [first, end] = [n * steps, Math.min(T, (n + 1) * steps)];
    return { first, T: end - first, row: sum(active.slice(0, first)), cache: cacheFor(sum(active.slice(first, end))) };
  });
}

function activeFrom({ active }: LstmRun, step: number): number {
  return active ? active.address + 4 * step : 0;
}

function activationsOf({ activation, recurrentActivation }: LstmProblem): readonly [number, number] {
  return [ACTIVATIONS[activation], ACTIVATIONS[recurrentActivation]];
}

/** Operands of a backward pass after it: gradients of the inputs, the initial states and the parameters. */
export interface LstmBackwardRun {
  readonly dX: Operand | undefined;
  readonly dHidden: Operand;
  readonly dCell: Operand;
  readonly dParams: Operand;
}

export interface LstmBackwardOptions {
  readonly tile: number;
  readonly wantsDx: boolean;
  /** What the parameter gradients start from. */
  readonly start: Float64Array;
}

/** Calls lstmBackward on a run in training, the last chunk first. */
export function runLstmBackward(
  kernels: Kernels,
  arena: Arena,
  problem: LstmProblem,
  forward: LstmRun,
  { tile, wantsDx, start }: LstmBackwardOptions,
): LstmBackwardRun {
  const { B, I, H, N, biases } = problem;
  const { x, params } = forward;
  const run: LstmBackwardRun = {
    dX: wantsDx ? arena.output("dX", rows(N, I)) : undefined,
    dHidden: arena.inout("dHidden", rows(B, H), problem.dHidden),
    dCell: arena.inout("dCell", rows(B, H), problem.dCell),
    dParams: arena.inout("dParams", flat(start.length), start),
  };
  const { dX, dHidden, dCell, dParams } = run;
  const dOutput = problem.dOutput && arena.input("dOutput", rows(N, H), toStepRows(problem.dOutput, problem));
  const scratch = arena.output("scratch", flat(kernels.lstmScratchFloats(I, H)));
  for (const { first, row, cache, T } of [...forward.chunks].reverse()) {
    kernels.lstmBackward(
      ...([dX?.row(row) ?? 0, dHidden.address, dCell.address, dParams.address, scratch.address] as const),
      ...([dOutput?.row(row) ?? 0, cache.address, x.row(row), params.address, activeFrom(forward, first)] as const),
      ...([forward.recurrentMask?.address ?? 0, T, B, I, H, biases, ...activationsOf(problem), tile] as const),
    );
  }
  return run;
}
