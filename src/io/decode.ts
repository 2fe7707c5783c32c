/** Elements of stored tensors as typed arrays. All conversions but F64 to float32 are exact. */
import { FormatError } from "../errors.ts";
import { describe } from "../options.ts";
import type { DType, StoredTensor } from "./stored.ts";

const LARGEST_FLOAT32 = 3.4028234663852886e38;

/**
 * The elements of F32, F16, BF16 or F64 as float32; F64 is rounded to the nearest. F32 at a multiple of four bytes is a
 * view of the file, not to be written to. Throws FormatError for other dtypes and for a finite F64 past float32.
 */
export function toFloat32(stored: StoredTensor): Float32Array {
  switch (stored.dtype) {
    case "F32": {
      const bytes = aligned(stored.bytes, 4);
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    }
    case "F64":
      return rounded(stored);
    case "F16":
      return widened(stored.bytes, float16Bits);
    case "BF16":
      return widened(stored.bytes, (half) => half << 16);
    default:
      return refuseType(stored, "as float32", ["F32", "F16", "BF16", "F64"]);
  }
}

/** The elements of F64, F32, F16 or BF16 as float64; throws FormatError for other dtypes. May be a view, as above. */
export function toFloat64(stored: StoredTensor): Float64Array {
  if (stored.dtype !== "F64") return Float64Array.from(toFloat32(stored));
  const bytes = aligned(stored.bytes, 8);
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
}

/**
 * The elements of any integer dtype, or 0 and 1 of BOOL, as int32. May be a view, as above. Throws FormatError for other
 * dtypes and for an element from which int32 is too small.
 */
export function toInt32(stored: StoredTensor): Int32Array {
  if (stored.dtype !== "I32") return integers(stored, new Int32Array(elements(stored)), "int32");
  const bytes = aligned(stored.bytes, 4);
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** As `toInt32`, to uint32. */
export function toUint32(stored: StoredTensor): Uint32Array {
  if (stored.dtype !== "U32") return integers(stored, new Uint32Array(elements(stored)), "uint32");
  const bytes = aligned(stored.bytes, 4);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** The bytes themselves, or a copy where they do not start at a multiple of `size`. */
function aligned(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.byteOffset % size === 0 ? bytes : bytes.slice();
}

function rounded(stored: StoredTensor): Float32Array {
  const values = toFloat64(stored);
  const result = Float32Array.from(values);
  for (let i = 0; i < result.length; i++) {
    if (Math.abs(result[i] ?? 0) !== Infinity || Math.abs(values[i] ?? 0) === Infinity) continue;
    const bound = `the largest float32 is ${LARGEST_FLOAT32}`;
    throw new FormatError(`Tensor ${describe(stored.name)} has ${values[i]} at element ${i}, but ${bound}.`);
  }
  return result;
}

/** `toBits`: from the 16 bits of an element to the 32 of the float32 of the same value. */
function widened(bytes: Uint8Array, toBits: (half: number) => number): Float32Array {
  const bits = new Uint32Array(bytes.length / 2);
  for (let i = 0; i < bits.length; i++) bits[i] = toBits((bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8));
  return new Float32Array(bits.buffer);
}

/** sign 1 | exponent 5, bias 15 | fraction 10  ->  sign 1 | exponent 8, bias 127 | fraction 23. */
function float16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal, fraction * 2^-24: its leading bit moves to where float32 hides it.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

type ReadElement = (view: DataView, index: number) => number | bigint;

const INTEGERS: Partial<Record<DType, { readonly bytes: number; readonly read: ReadElement }>> = {
  BOOL: { bytes: 1, read: (view, i) => view.getUint8(i) },
  U8: { bytes: 1, read: (view, i) => view.getUint8(i) },
  I8: { bytes: 1, read: (view, i) => view.getInt8(i) },
  U16: { bytes: 2, read: (view, i) => view.getUint16(2 * i, true) },
  I16: { bytes: 2, read: (view, i) => view.getInt16(2 * i, true) },
  U32: { bytes: 4, read: (view, i) => view.getUint32(4 * i, true) },
  I32: { bytes: 4, read: (view, i) => view.getInt32(4 * i, true) },
  U64: { bytes: 8, read: (view, i) => view.getBigUint64(8 * i, true) },
  I64: { bytes: 8, read: (view, i) => view.getBigInt64(8 * i, true) },
};

function elements({ dtype, bytes }: StoredTensor): number {
  return bytes.length / (INTEGERS[dtype]?.bytes ?? 1);
}

function integers<Result extends Int32Array | Uint32Array>(stored: StoredTensor, result: Result, type: string): Result {
  const { name, dtype, bytes } = stored;
  const read = INTEGERS[dtype]?.read ?? refuseType(stored, `as ${type}`, Object.keys(INTEGERS));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < result.length; i++) {
    const value = read(view, i);
    result[i] = Number(value);
    if (result[i] !== Number(value) || (dtype === "BOOL" && Number(value) > 1)) {
      const bound = dtype === "BOOL" ? "where BOOL has 0 or 1" : `which is no ${type}`;
      throw new FormatError(`Tensor ${describe(name)} has ${value} at element ${i}, ${bound}.`);
    }
  }
  return result;
}

function refuseType({ name, dtype }: StoredTensor, how: string, known: readonly string[]): never {
  throw new FormatError(
    `Tensor ${describe(name)} has dtype ${dtype}, but only ${known.join(", ")} can be read ${how}.`,
  );
}
