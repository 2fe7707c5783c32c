/**
 * One time step of a simple recurrent layer (Elman 1990) after its matmul, for rows of a batch, pre-activations
 * z = x W + b + h' R:
 *
 *     h = act(z)
 *
 * Gates and states are rows of rowStride(H) floats. Pad units have z = 0 and h = 0, whatever the activation makes of 0.
 */
import { activate, slope } from "../simd/activation";
import { at, rowStride } from "../simd/layout";
import { LEAST, MATH, vanished } from "../simd/math";

/** hidden [B, H] <- gates [B, H] (z in, h out), which may be the same rows. */
export function rnnGatesForward(hidden: usize, gates: usize, B: i32, H: i32, activation: i32): void {
  const state = rowStride(H);
  for (; B > 0; --B, hidden = at(hidden, state), gates = at(gates, state)) {
    for (let unit = 0; unit < H; unit += 4) {
      const h = activate(v128.load(at(gates, unit)), activation);
      v128.store(at(gates, unit), h);
      v128.store(at(hidden, unit), h);
    }
    for (let unit = H; unit & 3; ++unit) {
      store<f32>(at(gates, unit), 0);
      store<f32>(at(hidden, unit), 0);
    }
  }
}

/** The step backward, in place: gates (h in, dz out) from dOutput (0: none) and dHidden, whose sum is dh: dz = dh act'. */
export function rnnGatesBackward(gates: usize, dOutput: usize, dHidden: usize, B: i32, H: i32, activation: i32): void {
  const state = rowStride(H);
  const least = v128.load32_splat(MATH, LEAST);
  for (; B > 0; --B) {
    for (let unit = 0; unit < H; unit += 4) {
      let dh = v128.load(at(dHidden, unit));
      if (dOutput) dh = f32x4.add(v128.load(at(dOutput, unit)), dh);
      dh = vanished(dh, least);
      v128.store(at(gates, unit), f32x4.mul(dh, slope(v128.load(at(gates, unit)), activation)));
    }
    gates = at(gates, state);
    dHidden = at(dHidden, state);
    if (dOutput) dOutput = at(dOutput, state);
  }
}
