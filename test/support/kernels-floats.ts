/** Bit patterns of float32 that cover its whole range. */

/** Zeros, the ends of subnormals and normals, ones and their neighbours, infinities, quiet and signalling NaN. */
const POSITIVE_SPECIALS = [
  0, 1, 2, 0x7fffff, 0x800000, 0x800001, 0x33800000, 0x34000000, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3f317218,
  0x4b000000, 0x4b400000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff,
];

export function specialFloats(): Uint32Array {
  return Uint32Array.from([...POSITIVE_SPECIALS, ...POSITIVE_SPECIALS.map((bits) => bits | 0x80000000)]);
}

/** Every `step`-th bit pattern: all signs and exponents alike, NaN too. */
export function everyFloat(step: number): Uint32Array {
  return Uint32Array.from({ length: Math.ceil(2 ** 32 / step) }, (_, n) => n * step);
}

/** `count` floats evenly from `low` to `high`. */
export function evenFloats(low: number, high: number, count: number): Uint32Array {
  const floats = Float32Array.from({ length: count }, (_, n) => low + ((high - low) * n) / (count - 1));
  return new Uint32Array(floats.buffer);
}

/** The bit patterns of all arrays, and zeros up to a multiple of 4. */
export function joined(...arrays: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(Math.ceil(arrays.reduce((sum, { length }) => sum + length, 0) / 4) * 4);
  let end = 0;
  for (const array of arrays) {
    all.set(array, end);
    end += array.length;
  }
  return all;
}

export function floatsOf(bits: Uint32Array): Float32Array {
  return new Float32Array(bits.buffer, bits.byteOffset, bits.length);
}

export function bitsOf(...values: readonly number[]): Uint32Array {
  return new Uint32Array(Float32Array.from(values).buffer);
}
