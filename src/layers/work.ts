/** What a layer is given when it runs in the core: addresses of rows, 0 where there are none. */
import type { Rows } from "./rows.ts";

/** One contiguous block of `floats` parameters and one of their gradients, as addresses in the core's memory. */
export interface ParameterBlock {
  readonly parameters: number;
  readonly gradients: number;
  readonly floats: number;
}

/** A trained table whose rows another layer looks up itself. */
export interface Table {
  /** Rows V. */
  readonly inputDim: number;
  requireBlock(): ParameterBlock;
  /** Says that the gradients are no longer zeros. */
  markGradients(): void;
}

/** How much a layer has to work on. */
export interface Extent {
  /** Layout of the rows of the first input. */
  readonly rows: Rows;
  /** Features of each input. */
  readonly widths: readonly number[];
  /** Where the first input is looked up, which has no rows in the core then. */
  readonly table?: Table | undefined;
  /** Rows that a recurrent layer may keep for backward at a time, see segments.ts; undefined: all. */
  readonly segmentRows?: number | undefined;
}

/** One run of one layer. Rows of F features are rowStride(F) floats apart. */
export interface Work extends Extent {
  readonly inputs: readonly number[];
  /** With a table: address of the i32[N] of its rows. */
  readonly ids?: number | undefined;
  readonly outputs: readonly number[];
  /** States [B, units] in the order of the batch, carried in and out: hidden, and cell where there is one. */
  readonly states: readonly number[];
  /** `cacheFloats` floats, kept from `run` to `runBackward`. */
  readonly cache: number;
  /** `scratchFloats` floats, for one call. */
  readonly scratch: number;
  readonly training: boolean;
  /** Key of the noise of this run, two words of 32 bits. */
  readonly key: readonly [number, number];
  /** Gradients of the outputs; 0 counts as zeros. They may be overwritten. Empty in `run`. */
  readonly dOutputs: readonly number[];
  /** Gradients of the inputs, to be overwritten; 0 is not wanted. Empty in `run`. */
  readonly dInputs: readonly number[];
}

/** A key for runs without noise. */
export const NO_KEY: readonly [number, number] = [0, 0];
