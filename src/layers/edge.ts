/** Between the arrays of users, [B, T, F] batch first, and the rows that kernels work on (assembly/layers/sequence.ts). */
import type { Core } from "../core/context.ts";
import { read, write } from "../core/plan.ts";

/** Floats of the staging area, through which long sequences go in pieces of some steps. */
const STAGED = 262_144;

/** Elements as users give them; integers become float32. */
export type Values = Float32Array | Int32Array;

/** T steps of B rows; `order` and `active` are addresses of the i32 arrays of a ragged batch, or 0. */
export interface RowPlan {
  readonly T: number;
  readonly B: number;
  readonly order: number;
  readonly active: number;
}

/** The plan of `rows` single rows, as a Dense layer and the states of a batch have them. */
export function singleStep(rows: number, order: number = 0): RowPlan {
  return { T: 1, B: rows, order, active: 0 };
}

/** Floats of the staging area that values [B, T, features] need. */
export function stagingFloats({ T, B }: Pick<RowPlan, "T" | "B">, features: number): number {
  return B * features * stepsAtOnce(T, B, features);
}

function stepsAtOnce(T: number, B: number, features: number): number {
  return Math.min(T, Math.max(1, Math.floor(STAGED / (B * features))));
}

/** rows at `to` <- values [B, T, features] or zeros, by way of `staging`, which has room for `stagingFloats`. */
export function packRows(
  core: Core,
  to: number,
  values: Values | undefined,
  staging: number,
  plan: RowPlan,
  features: number,
): void {
  const { T, B, order } = plan;
  for (const { from, steps, active, row } of piecesOf(core, plan, features)) {
    const [floats, address] = [B * steps * features, to + 4 * row * core.kernels.rowStride(features)];
    if (values === undefined) core.memory.f32(staging, floats).fill(0);
    else if (steps === T) write(core.memory, staging, values);
    else {
      const staged = core.memory.f32(staging, floats);
      for (let b = 0; b < B; b++) {
        const start = (b * T + from) * features;
        staged.set(values.subarray(start, start + steps * features), b * steps * features);
      }
    }
    core.kernels.packSequence(address, staging, order, active, steps, B, features);
  }
}

/** A copy of the rows at `from` as values [B, T, features], by way of `staging`. */
export function unpackRows(core: Core, from: number, staging: number, plan: RowPlan, features: number): Float32Array {
  const { T, B, order } = plan;
  let values = new Float32Array();
  for (const { from: first, steps, active, row } of piecesOf(core, plan, features)) {
    const address = from + 4 * row * core.kernels.rowStride(features);
    core.kernels.unpackSequence(staging, address, order, active, steps, B, features);
    if (steps === T) return read(core.memory, staging, B * T * features);
    if (first === 0) values = new Float32Array(B * T * features);
    const staged = core.memory.f32(staging, B * steps * features);
    for (let b = 0; b < B; b++) {
      const piece = staged.subarray(b * steps * features, (b + 1) * steps * features);
      values.set(piece, (b * T + first) * features);
    }
  }
  return values;
}

/** Steps that fit the staging area at once, and the packed row at which they begin. */
function* piecesOf({ memory }: Core, { T, B, active }: RowPlan, features: number) {
  const most = stepsAtOnce(T, B, features);
  for (let from = 0, row = 0; from < T; from += most) {
    const steps = Math.min(most, T - from);
    const own = active === 0 ? 0 : active + 4 * from;
    yield { from, steps, active: own, row };
    row += own === 0 ? steps * B : memory.i32(own, steps).reduce((sum, rows) => sum + rows, 0);
  }
}

/** rows at `to` <- rows `source` of values [..., features], without a detour: masks may take a row from anywhere. */
export function gatherValues(core: Core, to: number, values: Values, source: Int32Array, features: number): void {
  const row = core.kernels.rowStride(features);
  const rows = core.memory.f32(to, source.length * row);
  // Pads are zero.
  if (row > features) rows.fill(0);
  for (let n = 0; n < source.length; n++) {
    const [start, first] = [(source[n] ?? 0) * features, n * row];
    if (features > 32) rows.set(values.subarray(start, start + features), first);
    else for (let f = 0; f < features; f++) rows[first + f] = values[start + f] ?? 0;
  }
}
