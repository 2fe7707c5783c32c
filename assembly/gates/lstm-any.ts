/**
 * The time step of gates/lstm.ts for any pair of activations, by their numbers in simd/activation.ts:
 *
 *     i = rec(zi)   f = rec(zf)   g = act(zg)   o = rec(zo)   c = f c' + i g   h = o act(c)
 *
 * Layouts are the same, with act(c) where tanh(c) is. An activation may make anything of the zeros in pad units, so their
 * states are cleared; backward all that reaches them is multiplied by their zero gradients.
 */
import { activate, slope } from "../simd/activation";
import { madd } from "../simd/f32x4";
import { at, padded, rowStride } from "../simd/layout";
import { LEAST, MATH, vanished } from "../simd/math";

/** hidden, actCell [B, H] <- gates (z in, activations out), cell [B, H] (c' in, c out). */
export function lstmAnyGatesForward(
  hidden: usize,
  cell: usize,
  actCell: usize,
  gates: usize,
  B: i32,
  H: i32,
  activation: i32,
  recurrentActivation: i32,
): void {
  const state = rowStride(H);
  const gateRow = rowStride(4 * padded(H));
  for (; B > 0; --B) {
    for (let unit = 0; unit < H; unit += 4) {
      const panel = at(gates, 4 * unit);
      const i = activate(v128.load(panel), recurrentActivation);
      const f = activate(v128.load(panel, 16), recurrentActivation);
      const g = activate(v128.load(panel, 32), activation);
      const o = activate(v128.load(panel, 48), recurrentActivation);
      const c = madd(f, v128.load(at(cell, unit)), f32x4.mul(i, g));
      const actC = activate(c, activation);
      v128.store(panel, i);
      v128.store(panel, f, 16);
      v128.store(panel, g, 32);
      v128.store(panel, o, 48);
      v128.store(at(cell, unit), c);
      v128.store(at(actCell, unit), actC);
      v128.store(at(hidden, unit), f32x4.mul(o, actC));
    }
    for (let unit = H; unit & 3; ++unit) {
      store<f32>(at(cell, unit), 0);
      store<f32>(at(actCell, unit), 0);
      store<f32>(at(hidden, unit), 0);
    }
    gates = at(gates, gateRow);
    cell = at(cell, state);
    actCell = at(actCell, state);
    hidden = at(hidden, state);
  }
}

/** The step backward as lstmGatesBackward, with the slopes of any activations. */
export function lstmAnyGatesBackward(
  gates: usize,
  dCell: usize,
  dOutput: usize,
  dHidden: usize,
  cellBefore: usize,
  actCell: usize,
  B: i32,
  H: i32,
  activation: i32,
  recurrentActivation: i32,
): void {
  const state = rowStride(H);
  const gateRow = rowStride(4 * padded(H));
  const least = v128.load32_splat(MATH, LEAST);
  for (; B > 0; --B) {
    for (let unit = 0; unit < H; unit += 4) {
      const panel = at(gates, 4 * unit);
      const i = v128.load(panel);
      const f = v128.load(panel, 16);
      const g = v128.load(panel, 32);
      const o = v128.load(panel, 48);
      const actC = v128.load(at(actCell, unit));
      let dh = v128.load(at(dHidden, unit));
      if (dOutput) dh = f32x4.add(v128.load(at(dOutput, unit)), dh);
      dh = vanished(dh, least);
      const dc = vanished(madd(dh, f32x4.mul(o, slope(actC, activation)), v128.load(at(dCell, unit))), least);
      const df = f32x4.mul(dc, v128.load(at(cellBefore, unit)));
      v128.store(panel, f32x4.mul(f32x4.mul(dc, g), slope(i, recurrentActivation)));
      v128.store(panel, f32x4.mul(df, slope(f, recurrentActivation)), 16);
      v128.store(panel, f32x4.mul(f32x4.mul(dc, i), slope(g, activation)), 32);
      v128.store(panel, f32x4.mul(f32x4.mul(dh, actC), slope(o, recurrentActivation)), 48);
      v128.store(at(dCell, unit), f32x4.mul(dc, f));
    }
    gates = at(gates, gateRow);
    dCell = at(dCell, state);
    dHidden = at(dHidden, state);
    cellBefore = at(cellBefore, state);
    actCell = at(actCell, state);
    if (dOutput) dOutput = at(dOutput, state);
  }
}
