/** How recurrent layers run: reversal, dropout, rows that end early, states in and out, looked up inputs, segments. */
import type { Core } from "../core/context.ts";
import { type Addresses, placeAt, plannedBytes } from "../core/plan.ts";
import { CellLayer } from "./cell-layer.ts";
import {
  type Cell,
  type CellWork,
  fillTable,
  forwardArguments,
  panelsFloats,
  runCell,
  runCellBackward,
  tableBackward,
  tableFloats,
} from "./cell-runs.ts";
import { following } from "./replay.ts";
import { type Rows, reversal } from "./rows.ts";
import { copyStates, rowsWithin, type Segment, segmentCount, segmentsOf } from "./segments.ts";
import type { Extent, Work } from "./work.ts";

type Part =
  | "cell"
  | "output"
  | "states"
  | "checkpoints"
  | "reversal"
  | "reversed"
  | "inputMask"
  | "dropped"
  | "recurrentMask"
  | "table";
type ScratchPart = "cell" | "states" | "sum" | "dx" | "table" | "panels";

/** Rows of a table cost as much as so many inputs that are looked up in it, gathered rows included; of short rows more. */
const TABLE_SHARE = 0.75;
const LEAST_WIDTH = 16;

/** Floats of the outputs, or of the reversed inputs, of a segment without training: a few milliseconds of work. */
const SEGMENT_FLOATS = 262_144;

/** A layer with a cell that goes through time. */
export abstract class Recurrent extends CellLayer {
  /** @internal */
  readonly sharesUnits: boolean = false;
  /** @internal */
  abstract readonly kernelNames: Cell["kernelNames"];
  protected abstract cellCacheFloats(core: Core, N: number, B: number, training: boolean): number;
  protected abstract cellScratchFloats(core: Core, I: number): number;
  /** @internal */
  abstract readonly activationCodes: readonly number[];

  /** Instead of multiplying every row by the weights. @internal */
  override looksUp(N: number, V: number, width: number, training: boolean): boolean {
    if (this.goBackwards || (training && this.dropout > 0)) return false;
    return width >= LEAST_WIDTH && V <= TABLE_SHARE * N;
  }

  override cacheFloats(core: Core, extent: Extent, training: boolean): number {
    return plannedBytes(this.#parts(core, extent, training)) / 4;
  }

  /** For backward: gradients of states twice, of the reversed input, and what the cell needs. */
  override scratchFloats(core: Core, extent: Extent, training: boolean): number {
    return training ? plannedBytes(this.#scratch(core, extent)) / 4 : 0;
  }

  override segmentRows(core: Core, extent: Extent, bytes: number): number {
    const sizeOf = (segmentRows: number) => plannedBytes(this.#parts(core, { ...extent, segmentRows }, true));
    return rowsWithin(extent.rows, bytes, sizeOf);
  }

  run(core: Core, work: Work): void {
    const { kernels } = core;
    const { rows, training } = work;
    const H = this.units;
    const state = kernels.rowStride(H);
    const at = placeAt(work.cache, this.#parts(core, work, training));
    const states = work.states.map((from, i) => {
      if (rows.order === 0) return from;
      const to = at.states + 4 * i * rows.B * state;
      kernels.gatherRows(to, state, from, state, rows.order, rows.B, H);
      return to;
    });
    const I = work.widths[0] ?? 0;
    if (work.table !== undefined) fillTable(core, this, I, work.table, at.table);
    if (this.goBackwards) core.memory.i32(at.reversal, rows.N).set(reversal(rows));
    this.#drawMask(core, work, this.dropout, at.inputMask, I, 0);
    this.#drawMask(core, work, this.recurrentDropout, at.recurrentMask, H, 1);
    const segments = segmentsOf(rows, this.#segmentRows(core, work, training));
    for (const [i, segment] of segments.entries()) {
      const isLast = i === segments.length - 1;
      if (training && !isLast) copyStates(core, this.#checkpoint(core, work, at, i), states, rows.B, H);
      this.#writeInput(core, work, at, segment);
      runCell(core, this, this.#cell(core, work, at, segment, states, training && isLast));
    }
    for (const [i, to] of work.states.entries()) {
      if (rows.order !== 0) kernels.gatherRows(to, state, states[i] ?? 0, state, rows.place, rows.B, H);
    }
    const finals = this.returnSequences ? work.outputs.slice(1) : work.outputs;
    for (const [i, to] of finals.entries()) {
      const from = work.states[this.returnSequences ? i : Math.max(0, i - 1)] ?? 0;
      kernels.gatherRows(to, state, from, state, 0, rows.B, H);
    }
  }

  override stepper(core: Core, work: Work): () => void {
    const { kernels } = core;
    const { rows, states, outputs } = work;
    const state = kernels.rowStride(this.units);
    const at = placeAt(work.cache, this.#parts(core, work, false));
    const [y = 0, ...others] = outputs;
    const parts = { states, cache: at.cell, x: work.inputs[0] ?? 0, ids: 0, recurrentMask: 0, training: false };
    const cell: CellWork = { rows, I: work.widths[0] ?? 0, output: y, ...parts };
    const kernel = kernels[this.kernelNames.forward] as (...args: readonly number[]) => void;
    const step = following(
      () => this.block,
      () => {
        const args = forwardArguments(core, this, cell, 0, rows.B);
        return () => kernel(...args);
      },
    );
    return () => {
      if (core.pool === undefined) step();
      else runCell(core, this, cell);
      for (let i = 0; i < others.length; i++) {
        kernels.gatherRows(others[i] ?? 0, state, states[i] ?? 0, state, 0, rows.B, this.units);
      }
    };
  }

  runBackward(core: Core, work: Work): void {
    const { kernels } = core;
    const { rows, widths, table } = work;
    const [H, I] = [this.units, widths[0] ?? 0];
    const [state, xRow] = [kernels.rowStride(H), kernels.rowStride(I)];
    const at = placeAt(work.cache, this.#parts(core, work, true));
    const to = placeAt(work.scratch, this.#scratch(core, work));
    const states = this.#finalGradients(core, work, to.states, to.sum);
    const [dInput = 0, ...dInitial] = work.dInputs;
    const dx = table !== undefined ? to.table : dInput !== 0 && this.goBackwards ? to.dx : dInput;
    const dOutput = this.returnSequences ? (work.dOutputs[0] ?? 0) : 0;
    const places = { states, scratch: to.cell, panels: to.panels };
    if (table !== undefined) core.memory.f32(dx, tableFloats(core, this, table)).fill(0);
    const segments = segmentsOf(rows, this.#segmentRows(core, work, true));
    for (const [i, segment] of [...segments.entries()].reverse()) {
      const cell = this.#cell(core, work, at, segment, this.#checkpoint(core, work, at, i), true);
      if (i < segments.length - 1) {
        this.#writeInput(core, work, at, segment);
        runCell(core, this, cell);
      }
      const dRows = dx === 0 || table !== undefined ? dx : dx + 4 * segment.start * xRow;
      const dSteps = dOutput === 0 ? 0 : dOutput + 4 * segment.start * state;
      runCellBackward(core, this, { ...cell, ...places, dx: dRows, dOutput: dSteps });
      if (dRows !== 0 && this.dropout > 0) this.#maskSteps(core, segment.rows, dRows, dRows, at.inputMask, I);
    }
    this.markGradients();
    if (table !== undefined) tableBackward(core, this, table, dx, { ...places, I });
    if (dx !== dInput && table === undefined) kernels.gatherRows(dInput, xRow, dx, xRow, at.reversal, rows.N, I);
    for (const [i, target] of dInitial.entries()) {
      if (target !== 0) kernels.gatherRows(target, state, states[i] ?? 0, state, rows.place, rows.B, H);
    }
  }

  /** Gradients of the final states at their places: of a last output and of the states that were given out. */
  #finalGradients(core: Core, work: Work, base: number, sum: number): readonly number[] {
    const { kernels, memory } = core;
    const { rows, dOutputs } = work;
    const H = this.units;
    const state = kernels.rowStride(H);
    const floats = rows.B * state;
    const given = this.returnSequences ? dOutputs.slice(1) : dOutputs;
    return this.stateNames.map((_, i) => {
      const sources = this.returnSequences ? [given[i]] : i === 0 ? [given[0], given[1]] : [given[i + 1]];
      memory.f32(sum, floats).fill(0);
      for (const from of sources) if (from) kernels.addRows(sum, from, floats);
      const to = base + 4 * i * floats;
      kernels.gatherRows(to, state, sum, state, rows.order, rows.B, H);
      return to;
    });
  }

  /** What the cell is called with for a segment. */
  #cell(
    core: Core,
    work: Work,
    at: Addresses<Part>,
    { start, rows }: Segment,
    states: readonly number[],
    training: boolean,
  ): CellWork {
    const { kernels } = core;
    const I = work.widths[0] ?? 0;
    const input = (work.inputs[0] ?? 0) + 4 * start * kernels.rowStride(I);
    const seen = work.training && this.dropout > 0 ? at.dropped : this.goBackwards ? at.reversed : input;
    const output = (work.outputs[0] ?? 0) + 4 * start * kernels.rowStride(this.units);
    return {
      ...{ rows, I, states, cache: at.cell, training },
      output: this.returnSequences ? output : at.output,
      x: work.table === undefined ? seen : at.table,
      ids: work.ids === undefined ? 0 : work.ids + 4 * start,
      recurrentMask: work.training && this.recurrentDropout > 0 ? at.recurrentMask : 0,
    };
  }

  /** Writes the input of a segment where the cell sees another one than the layer: reversed, dropped. */
  #writeInput(core: Core, work: Work, at: Addresses<Part>, { start, rows }: Segment): void {
    const I = work.widths[0] ?? 0;
    const row = core.kernels.rowStride(I);
    const x = work.inputs[0] ?? 0;
    if (this.goBackwards) core.kernels.gatherRows(at.reversed, row, x, row, at.reversal + 4 * start, rows.N, I);
    if (!work.training || this.dropout === 0) return;
    const from = this.goBackwards ? at.reversed : x + 4 * start * row;
    this.#maskSteps(core, rows, at.dropped, from, at.inputMask, I);
  }

  /** Where the states before segment `i` are kept; those before the last one need not be. */
  #checkpoint({ kernels }: Core, { rows }: Work, at: Addresses<Part>, i: number): readonly number[] {
    const bytes = 4 * rows.B * kernels.rowStride(this.units);
    return this.stateNames.map((_, n) => at.checkpoints + (i * this.stateNames.length + n) * bytes);
  }

  /** The noise of a sequence [B, F] at `to`, if there is any. `stream` tells the two masks of a layer apart. */
  #drawMask({ kernels }: Core, work: Work, rate: number, to: number, F: number, stream: number): void {
    if (!work.training || rate === 0) return;
    const [low, high] = work.key;
    kernels.dropoutMask(to, work.rows.order, low, high ^ stream, work.rows.B, F, rate);
  }

  #maskSteps({ kernels }: Core, rows: Rows, to: number, from: number, mask: number, F: number): void {
    const row = 4 * kernels.rowStride(F);
    let done = 0;
    for (let t = 0; t < rows.longest; t++) {
      const running = rows.ragged?.active[t] ?? rows.B;
      kernels.maskRows(to + done * row, from + done * row, mask, 0, running, F);
      done += running;
    }
  }

  /** Rows that segments have at most. */
  #segmentRows({ kernels }: Core, { rows, segmentRows, widths }: Extent, training: boolean): number {
    if (training) return segmentRows ?? rows.N;
    const floats = Math.max(kernels.rowStride(this.units), this.goBackwards ? kernels.rowStride(widths[0] ?? 0) : 0);
    return Math.min(rows.N, Math.max(rows.B, Math.floor(SEGMENT_FLOATS / floats)));
  }

  #parts(core: Core, extent: Extent, training: boolean): Record<Part, number> {
    const {
      rows: { N, B, ragged },
      widths: [I = 0],
    } = extent;
    const most = this.#segmentRows(core, extent, training);
    const kept = training ? Math.max(0, segmentCount(extent.rows, most) - 1) : 0;
    // All segments but the last are also run without training, where few rows may need more.
    const twice = kept > 0 ? this.cellCacheFloats(core, most, B, false) : 0;
    const x = most * core.kernels.rowStride(I);
    const state = B * core.kernels.rowStride(this.units);
    const drops = training && this.dropout > 0;
    return {
      cell: Math.max(twice, this.cellCacheFloats(core, most, B, training)),
      output: this.returnSequences ? 0 : most * core.kernels.rowStride(this.units),
      states: ragged === undefined ? 0 : this.stateNames.length * state,
      checkpoints: kept * this.stateNames.length * state,
      reversal: this.goBackwards ? N : 0,
      reversed: this.goBackwards ? x : 0,
      inputMask: drops ? B * core.kernels.rowStride(I) : 0,
      dropped: drops ? x : 0,
      recurrentMask: training && this.recurrentDropout > 0 ? state : 0,
      table: tableFloats(core, this, extent.table),
    };
  }

  #scratch(core: Core, extent: Extent): Record<ScratchPart, number> {
    const {
      rows,
      widths: [I = 0],
    } = extent;
    const state = rows.B * core.kernels.rowStride(this.units);
    return {
      cell: this.cellScratchFloats(core, I),
      states: this.stateNames.length * state,
      sum: state,
      dx: this.goBackwards ? rows.N * core.kernels.rowStride(I) : 0,
      table: tableFloats(core, this, extent.table),
      panels: panelsFloats(core, this, I),
    };
  }
}
