/** Planning of one block for several arrays: sizes first, one allocation, then addresses. */
import { OutOfMemoryError, ShapeError } from "../errors.ts";
import { align, type Memory, type Region } from "./memory.ts";

/** Addresses by the names of the sizes they were planned from. */
export type Addresses<Name extends string> = Readonly<Record<Name, number>>;

/** Bytes of the named arrays of 4-byte elements, each starting at a multiple of 64. */
export function plannedBytes(sizes: Readonly<Record<string, number>>): number {
  let bytes = 0;
  for (const [name, elements] of Object.entries(sizes)) {
    bytes += align(elements * 4);
    if (!Number.isSafeInteger(bytes)) throw new ShapeError(`The array "${name}" has too many elements: ${elements}.`);
  }
  return bytes;
}

/** Makes room in `region` for all arrays; what the region held before may be gone. Throws OutOfMemoryError. */
export function place<Name extends string>(region: Region, sizes: Readonly<Record<Name, number>>): Addresses<Name> {
  return placeAt(region.ensure(plannedBytes(sizes)), sizes);
}

/** The addresses of all arrays in a block of `plannedBytes` bytes that starts at `address`, a multiple of 64. */
export function placeAt<Name extends string>(address: number, sizes: Readonly<Record<Name, number>>): Addresses<Name> {
  const addresses = {} as Record<Name, number>;
  let next = address;
  for (const name of Object.keys(sizes) as Name[]) {
    addresses[name] = next;
    next += align(sizes[name] * 4);
  }
  return addresses;
}

/**
 * What `attempt` gives for a plan of at most `most` bytes. Where `region` has no room for it, for half of the room there
 * is, since predictions and other models want some too; and else for the smallest plan, 0. Throws its OutOfMemoryError.
 */
export function withinMemory<Result>(region: Region, most: number, attempt: (bytes: number) => Result): Result {
  for (const bytesOf of [() => most, () => Math.min(most, Math.floor(region.room / 2))]) {
    try {
      return attempt(bytesOf());
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
    }
  }
  return attempt(0);
}

/** Copies `values` into the core at `address`; integers become float32. */
export function write(memory: Memory, address: number, values: Float32Array | Int32Array): void {
  memory.f32(address, values.length).set(values);
}

/** A copy of `length` floats of the core. */
export function read(memory: Memory, address: number, length: number): Float32Array {
  return memory.f32(address, length).slice();
}
