/** What readers of files hand over: tensors as they are stored, and the element types that files know. */

/** Bits of an element, in the order of safetensors' own list, which orders the tensors of a file. */
export const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

/** Element types by safetensors' names. */
export type DType = keyof typeof BITS;

/** A tensor of a file. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The elements, little-endian and row-major: a view of the file's bytes at any alignment, not to be written to. */
  readonly bytes: Uint8Array;
}
