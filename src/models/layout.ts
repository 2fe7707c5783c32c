/** From the arrays of a batch to the rows that each frame has in it, planned on the host. */
import { ShapeError } from "../errors.ts";
import type { Frame, MaskRule } from "../layers/graph.ts";
import { planMasked, type Ragged } from "../layers/ragged.ts";
import { Recurrent } from "../layers/recurrent.ts";
import { formatShape, type Tensor } from "../shape.ts";
import type { Graph } from "./graph.ts";

/** The inputs of one batch, and where rows end. */
export interface Feed {
  readonly inputs: readonly Tensor[];
  /** For each input, the steps of each row, or undefined: all. */
  readonly lengths: readonly (Int32Array | undefined)[];
}

/** Rows of a frame. */
export interface Layout {
  readonly T: number;
  readonly B: number;
  readonly N: number;
  readonly longest: number;
  readonly ragged: Ragged | undefined;
  /** Row of the user's array that each row is; undefined where that is b * T + t for row t * B + b. */
  readonly source: Int32Array | undefined;
  /** Rows of the user's array. */
  readonly userRows: number;
  /** Whether rows that are left out repeat the row before them (masks), or are zero (lengths). */
  readonly repeats: boolean;
}

/** The rows of every frame of the graph for this batch. Throws ShapeError when inputs have different batch sizes. */
export function layoutsOf(owner: string, graph: Graph, feed: Feed): readonly Layout[] {
  const sizes = feed.inputs.map(({ shape }) => shape[0] ?? 0);
  const [B = 0] = sizes;
  if (sizes.some((size) => size !== B)) {
    throw new ShapeError(`${owner} expects inputs with one number of rows, got ${formatShape(sizes)}.`);
  }
  const layouts = graph.frames.map((frame) => layoutOf(graph, frame, feed, B));
  for (const { layer, inputs } of graph.steps) {
    if (layer instanceof Recurrent) continue;
    const [first, ...others] = inputs.map(({ frame }) => layouts[frame] as Layout);
    for (const other of others) if (first !== undefined) requireSameRows(layer.label, first, other);
  }
  return layouts;
}

/** Branches that meet must have the same steps of the same rows. */
function requireSameRows(label: string, a: Layout, b: Layout): void {
  const isSame = a === b || (a.T === b.T && a.N === b.N && sameElements(a.source, b.source));
  if (isSame) return;
  const show = ({ T, N, B }: Layout) => (N === T * B ? `${T} steps` : `${N} of ${T * B} steps unmasked`);
  throw new ShapeError(
    `${label} joins branches with the same steps, got ${show(a)} and ${show(b)}: give both the same lengths and masks.`,
  );
}

function sameElements(a: Int32Array | undefined, b: Int32Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.every((value, i) => value === b[i]);
}

function layoutOf(graph: Graph, frame: Frame, feed: Feed, B: number): Layout {
  const input = frame.input === undefined ? -1 : graph.inputs.indexOf(frame.input);
  const tensor = feed.inputs[input];
  if (frame.depth === 0 || tensor === undefined) return dense(1, B);
  const [, T = 1, S = 1] = tensor.shape;
  if (frame.depth === 2) return nested(S, T, B);
  const lengths = feed.lengths[input];
  if (frame.mask === undefined && lengths === undefined) return dense(T, B);
  const ragged = planMasked(maskOf(tensor, frame.mask, lengths, B, T), B, T);
  const { rows, longest, source } = ragged;
  return { T, B, N: rows, longest, ragged, source, userRows: B * T, repeats: frame.mask !== undefined };
}

function dense(T: number, B: number): Layout {
  const N = T * B;
  return { T, B, N, longest: T, ragged: undefined, source: undefined, userRows: N, repeats: false };
}

/** S inner steps of T B rows, row t * B + b of which is row b * T + t of the user's. */
function nested(S: number, T: number, B: number): Layout {
  const source = new Int32Array(S * T * B);
  let n = 0;
  for (let s = 0; s < S; s++) {
    for (let t = 0; t < T; t++) for (let b = 0; b < B; b++) source[n++] = (b * T + t) * S + s;
  }
  return { ...dense(S, T * B), source };
}

/** 1 where there is data. */
function maskOf(
  { data }: Tensor,
  rule: MaskRule | undefined,
  lengths: Int32Array | undefined,
  B: number,
  T: number,
): Uint8Array {
  const mask = new Uint8Array(B * T);
  const F = data.length / (B * T);
  for (let b = 0; b < B; b++) {
    const end = lengths?.[b] ?? T;
    for (let t = 0; t < end; t++) {
      const row = b * T + t;
      mask[row] =
        rule === undefined || !isMasked(data, row * F, F, rule.kind === "value" ? Math.fround(rule.value) : 0) ? 1 : 0;
    }
  }
  return mask;
}

function isMasked(data: Tensor["data"], start: number, F: number, value: number): boolean {
  for (let f = 0; f < F; f++) if (data[start + f] !== value) return false;
  return true;
}

/** For each row of the user's array the row to read, or -1: zeros. */
export function wayBack({ T, B, userRows, source, repeats }: Layout): Int32Array | undefined {
  if (source === undefined) return undefined;
  const back = new Int32Array(userRows).fill(-1);
  for (const [n, row] of source.entries()) back[row] = n;
  if (!repeats) return back;
  for (let b = 0; b < B; b++) {
    for (let t = 1; t < T; t++) {
      const row = b * T + t;
      if ((back[row] ?? -1) < 0) back[row] = back[row - 1] ?? -1;
    }
  }
  return back;
}
