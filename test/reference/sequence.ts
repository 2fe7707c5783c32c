import { at } from "./elements.ts";

/** [P, Q, F] -> [Q, P, F]: time-major to batch-first, and back. */
export function swapFirstAxes(P: number, Q: number, F: number, x: Float64Array): Float64Array {
  const swapped = new Float64Array(P * Q * F);
  for (let p = 0; p < P; p++) {
    for (let q = 0; q < Q; q++) swapped.set(x.subarray((p * Q + q) * F, (p * Q + q + 1) * F), (q * P + p) * F);
  }
  return swapped;
}

export interface Sequences {
  readonly B: number;
  readonly T: number;
  /** Features. */
  readonly F: number;
  /** [B, T, F] */
  readonly x: Float64Array;
  /** [B] */
  readonly lengths?: readonly number[] | undefined;
}

/** [B, T, F] with the valid steps of every row in reverse order and zeros after them: its own inverse on padded data. */
export function reverseRows({ B, T, F, x, lengths }: Sequences): Float64Array {
  const reversed = new Float64Array(B * T * F);
  for (let b = 0; b < B; b++) {
    const length = lengths ? at(lengths, b) : T;
    for (let t = 0; t < length; t++) {
      const source = b * T + length - 1 - t;
      reversed.set(x.subarray(source * F, (source + 1) * F), (b * T + t) * F);
    }
  }
  return reversed;
}
