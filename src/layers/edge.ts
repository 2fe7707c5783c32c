/** Between the arrays of users, [B, T, F] batch first, and the rows that kernels work on (assembly/layers/sequence.ts). */
import type { Core } from "../core/context.ts";
import { read, write } from "../core/plan.ts";

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

/** rows at `to` <- values [B, T, features] or zeros, by way of `staging`, which has room for them. */
export function packRows(
  core: Core,
  to: number,
  values: Values | undefined,
  staging: number,
  plan: RowPlan,
  features: number,
): void {
  if (values === undefined) core.memory.f32(staging, plan.B * plan.T * features).fill(0);
  else write(core.memory, staging, values);
  core.kernels.packSequence(to, staging, plan.order, plan.active, plan.T, plan.B, features);
}

/** A copy of the rows at `from` as values [B, T, features], by way of `staging`. */
export function unpackRows(core: Core, from: number, staging: number, plan: RowPlan, features: number): Float32Array {
  core.kernels.unpackSequence(staging, from, plan.order, plan.active, plan.T, plan.B, features);
  return read(core.memory, staging, plan.B * plan.T * features);
}
