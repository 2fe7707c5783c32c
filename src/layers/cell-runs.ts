/** Runs of a cell's kernels over a whole sequence: rows shared by threads, inputs looked up in a table. */
import type { Core } from "../core/context.ts";
import type { Kernels } from "../core/kernels.ts";
import { columnsOfProduct, inPieces, inRanges, PANEL, rowsOfProduct } from "../core/split.ts";
import type { Rows } from "./rows.ts";
import type { ParameterBlock, Table } from "./work.ts";

/** What the kernels of a cell are called with; states are rows in the order of places. */
export interface CellWork {
  readonly rows: Rows;
  readonly I: number;
  readonly output: number;
  readonly states: readonly number[];
  readonly cache: number;
  /** Rows of the input; with `ids` those of the table in which it is looked up. */
  readonly x: number;
  readonly ids: number;
  readonly recurrentMask: number;
  readonly training: boolean;
}

/** The same for backward: states are gradients, of the final ones in, of the initial ones out. */
export interface CellBackwardWork extends CellWork {
  /** With `ids` the gradient of the table. */
  readonly dx: number;
  readonly dOutput: number;
  readonly scratch: number;
  /** Scratch of the weight gradients of all threads but the first. */
  readonly panels: number;
}

/** A recurrent layer as its kernels see it. */
export interface Cell {
  readonly units: number;
  readonly gates: number;
  readonly biases: number;
  /** Whether threads may share the units of a single row: an LSTM of the usual activations. */
  readonly sharesUnits: boolean;
  readonly kernelNames: { readonly forward: keyof Kernels; readonly backward: keyof Kernels };
  /** As many as the kernels take. */
  readonly activationCodes: readonly number[];
  requireBlock(): ParameterBlock;
}

/** Threads share a batch by pairs of rows, the height of the smallest register tile. */
const TILE_ROWS = 2;
/** Multiply-adds of one row that are worth the start of all threads, and those of its step a meeting. */
const ROW_MADDS = 400_000;
const STEP_MADDS = 50_000;

/** Arguments of the forward kernel for rows [first, end) of the batch. */
export function forwardArguments(
  { tile }: Core,
  cell: Cell,
  work: CellWork,
  first: number,
  end: number,
): readonly number[] {
  const { rows, states, output, cache, x, recurrentMask, ids, training } = work;
  const inputs = [x, cell.requireBlock().parameters, rows.active, recurrentMask, ids];
  return [output, ...states, cache, ...inputs, ...sizesOf(cell, work), Number(training), first, end, tile];
}

/** Those of the backward kernel; `gradients` 0 leaves out the gradients of the weights. */
function backwardArguments(
  { tile }: Core,
  cell: Cell,
  work: CellBackwardWork,
  gradients: number,
  first: number,
  end: number,
): readonly number[] {
  const { rows, states, cache, x, recurrentMask, ids } = work;
  const inputs = [work.dOutput, cache, x, cell.requireBlock().parameters, rows.active, recurrentMask, ids];
  return [work.dx, ...states, gradients, work.scratch, ...inputs, ...sizesOf(cell, work), first, end, tile];
}

function sizesOf({ units, biases, activationCodes }: Cell, { rows, I }: CellWork): readonly number[] {
  return [rows.longest, rows.B, I, units, biases, ...activationCodes];
}

export function runCell(core: Core, cell: Cell, work: CellWork): void {
  const args = (first: number, end: number) => forwardArguments(core, cell, work, first, end);
  if (sharesUnits(core, cell, work)) runUnits(core, cell, work);
  else inRanges(core, cell.kernelNames.forward, work.rows.B, rowsOfPart(cell, work), args);
}

/** The least rows of a batch, in pairs, whose time loop is worth a thread. */
function rowsOfPart({ gates, units }: Cell, { rows, I }: CellWork): number {
  return rowsOfProduct(rows.longest * gates * units * (I + units), TILE_ROWS);
}

/** Alone, a thread adds the weight gradients of some steps while their rows are in the cache; several share them after. */
export function runCellBackward(core: Core, cell: Cell, work: CellBackwardWork): void {
  const { kernels, pool } = core;
  const { rows, I, dx, scratch } = work;
  const { parameters, gradients } = cell.requireBlock();
  kernels.recurrentTranspose(scratch, parameters, cell.gates, I, cell.units, dx !== 0);
  const own = pool === undefined ? gradients : 0;
  const args = (first: number, end: number) => backwardArguments(core, cell, work, own, first, end);
  if (sharesUnits(core, cell, work)) runUnitsBackward(core, cell, work);
  else inRanges(core, cell.kernelNames.backward, rows.B, rowsOfPart(cell, work), args);
  if (pool !== undefined) addGradients(core, cell, work, gradients);
}

/** One row: threads share the units of a cell that can, if a step is worth their meeting, and the call the start of a job. */
function sharesUnits({ pool }: Core, cell: Cell, { rows, I, recurrentMask }: CellWork): boolean {
  if (pool === undefined || !cell.sharesUnits || rows.B !== 1 || recurrentMask !== 0) return false;
  const madds = cell.gates * cell.units * (I + cell.units);
  return cell.units >= 2 * PANEL && madds >= STEP_MADDS && rows.longest * madds >= ROW_MADDS;
}

function inUnits(
  { pool }: Core,
  { units }: Cell,
  kernel: keyof Kernels,
  args: (threads: number, first: number, end: number) => readonly number[],
): void {
  if (pool === undefined) return;
  const threads = Math.min(pool.threads, Math.ceil(units / PANEL));
  pool.run(
    kernel,
    inPieces(units, PANEL, threads, (first, end) => args(threads, first, end)),
  );
}

function runUnits(core: Core, cell: Cell, work: CellWork): void {
  const { output, states, cache, x, ids, rows, I, training } = work;
  const operands = [output, ...states, cache, x, cell.requireBlock().parameters, ids];
  const sizes = [rows.longest, I, cell.units, cell.biases, Number(training)];
  inUnits(core, cell, "lstmForwardUnits", (threads, first, end) => {
    return [...operands, threads, ...sizes, first, end, core.tile];
  });
}

function runUnitsBackward(core: Core, cell: Cell, work: CellBackwardWork): void {
  const { states, scratch, dOutput, cache, rows, I, dx, ids } = work;
  const operands = [...states, scratch, dOutput, cache];
  const sizes = [rows.longest, I, cell.units];
  inUnits(core, cell, "lstmBackwardUnits", (threads, first, end) => {
    return [...operands, threads, ...sizes, first, end, core.tile];
  });
  if (dx === 0 || ids !== 0) return;
  inRanges(core, "recurrentInputGradients", rows.N, rowsOfProduct(cell.gates * cell.units * I), (first, end) => {
    return [dx, scratch, cache, cell.gates, I, cell.units, first, end, core.tile];
  });
}

function addGradients(core: Core, cell: Cell, work: CellBackwardWork, gradients: number): void {
  const { kernels, tile } = core;
  const { rows, I, dx, ids, cache } = work;
  const { gates, units: H, biases } = cell;
  const x = ids === 0 ? work.x : 0;
  const columns = columnsOf(cell);
  const part = columnsOfProduct(rows.N * (I + H));
  inRanges(core, "recurrentGradients", columns, part, (first, end, thread) => {
    return [gradients, panelOf(core, cell, work, thread), cache, x, gates, rows.N, I, H, biases, first, end, tile];
  });
  if (ids === 0) return;
  const row = kernels.rowStride(columns);
  inRanges(core, "scatterAddRows", columns, part, (first, end) => {
    return [dx + 4 * first, row, cache + 4 * first, row, ids, rows.N, end - first];
  });
}

/** Floats of b + E W for each row of the table E. */
export function tableFloats({ kernels }: Core, { gates, units }: Cell, table: Table | undefined): number {
  return table === undefined ? 0 : kernels.recurrentTableFloats(gates, table.inputDim, units);
}

/** Makes the table anew, since weights change from call to call, and returns `to`. */
export function fillTable(core: Core, cell: Cell, I: number, table: Table, to: number): number {
  const { gates, units: H, biases } = cell;
  const { inputDim: V } = table;
  const operands = [to, table.requireBlock().parameters, cell.requireBlock().parameters];
  inRanges(core, "recurrentTable", V, rowsOfProduct(gates * H * I), (first, end) => {
    return [...operands, gates, V, I, H, biases, first, end, core.tile];
  });
  return to;
}

/** From the gradient of the table to those of E and W; `scratch` and `panels` are those of `runCellBackward`. */
export function tableBackward(
  core: Core,
  cell: Cell,
  table: Table,
  dTable: number,
  work: Pick<CellBackwardWork, "scratch" | "panels" | "I">,
): void {
  const { kernels, tile } = core;
  const { gates, units: H } = cell;
  const { I } = work;
  const { inputDim: V } = table;
  const embedding = table.requireBlock();
  const { gradients } = cell.requireBlock();
  const columns = columnsOf(cell);
  const [row, eRow] = [kernels.rowStride(columns), kernels.rowStride(I)];
  inRanges(core, "recurrentTableBackward", V, rowsOfProduct(columns * I), (first, end) => {
    return [embedding.gradients, work.scratch, dTable, gates, I, H, first, end, tile];
  });
  inRanges(core, "weightGradient", columns, columnsOfProduct(V * I), (first, end, thread) => {
    const panel = panelOf(core, cell, work, thread);
    return [gradients, dTable, row, embedding.parameters, eRow, 0, 0, panel, V, I, H, 0, first, end, tile];
  });
  table.markGradients();
}

/** Columns of the gates of all units, each gate padded to a whole vector. */
function columnsOf({ gates, units }: Cell): number {
  return gates * 4 * Math.ceil(units / 4);
}

/** Floats of scratch of the weight gradients of all threads but the first. */
export function panelsFloats(core: Core, cell: Cell, I: number): number {
  return ((core.pool?.threads ?? 1) - 1) * panelFloats(core, cell, I);
}

function panelFloats({ kernels }: Core, { gates, units }: Cell, I: number): number {
  return kernels.gradientScratchFloats(I + units, gates * units);
}

/** Scratch of the weight gradients of a thread; the first has that of the cell. */
function panelOf(
  core: Core,
  cell: Cell,
  { scratch, panels, I }: Pick<CellBackwardWork, "scratch" | "panels" | "I">,
  thread: number,
): number {
  return thread === 0 ? scratch : panels + 4 * (thread - 1) * panelFloats(core, cell, I);
}
