/**
 * The allocator of the core's linear memory, and the only place that makes typed-array views on it: `grow` detaches
 * every view, so a view is made right where it is used and never kept across an allocation. (Views of a memory that
 * threads share stay valid; they end where the memory ended.)
 *
 *   0           heapBase                                       ceiling
 *   | tables    | block | free | block | block | free tail ... | 64 bytes kept back at 4 GiB
 *
 * Exact integer arithmetic throughout (numbers, never i32), unlike AssemblyScript's stub heap, which hands out
 * overlapping blocks past 4 GiB and doubles when it grows.
 */
import { OutOfMemoryError, StateError } from "../errors.ts";

/** Bytes of a page, in which memories grow. */
export const PAGE = 65536;
const MOST_PAGES = 65536;
const ALIGNMENT = 64;

interface Block {
  readonly address: number;
  readonly bytes: number;
}

/** What is used of a WebAssembly.Memory. */
export interface GrowingMemory {
  readonly buffer: ArrayBufferLike;
  /** By pages. */
  grow(pages: number): number;
}

/** Best-fit allocator over a memory that nobody else grows. Addresses and sizes are in bytes. */
export class Memory {
  readonly #memory: GrowingMemory;
  readonly #limit: number;
  /** By address; neighbours are merged, so no two free blocks touch. */
  #free: readonly Block[];
  readonly #used: Map<number, number> = new Map();
  #usedBytes = 0;
  /** Bytes from here on were never handed out, so they still have the zeros that the engine put there. */
  #fresh: number;

  /** `heapBase`: first byte not used by the binary; `maxBytes`: most bytes of the whole memory, by default 4 GiB. */
  constructor(memory: GrowingMemory, heapBase: number, maxBytes?: number) {
    this.#memory = memory;
    this.#limit = Math.min(MOST_PAGES, Math.floor((maxBytes ?? Infinity) / PAGE)) * PAGE;
    const start = align(heapBase);
    this.#fresh = start;
    const end = ceiling(memory.buffer.byteLength);
    this.#free = end > start ? [{ address: start, bytes: end - start }] : [];
  }

  /** Size of the whole memory in bytes, the binary's own tables included. */
  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Bytes in allocated blocks, each rounded up to 64. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * The address of a new block of zeros, a multiple of 64. Grows the memory by exactly the pages that are missing.
   * Throws OutOfMemoryError past the limit or when the engine refuses; nothing has changed then.
   */
  allocate(bytes: number): number {
    if (!(bytes >= 0) || (Number.isFinite(bytes) && !Number.isInteger(bytes))) {
      throw new RangeError(`A block has a non-negative whole number of bytes, got ${bytes}.`);
    }
    const needed = Math.max(ALIGNMENT, align(bytes));
    let index = this.#bestFit(needed);
    if (index < 0) {
      this.#growFor(needed, bytes);
      index = this.#free.length - 1;
    }
    const block = this.#free[index];
    if (block === undefined) throw new RangeError("The free list is empty after growing.");
    this.#take(index, block, needed);
    return block.address;
  }

  /** Frees a block; throws StateError for an address that is not allocated, which is an error of the program. */
  free(address: number): void {
    const bytes = this.#bytesAt(address);
    this.#used.delete(address);
    this.#usedBytes -= bytes;
    const after = this.#free.findIndex((block) => block.address > address);
    const index = after < 0 ? this.#free.length : after;
    const [before, next] = [this.#free[index - 1], this.#free[index]];
    const joinsBefore = before !== undefined && before.address + before.bytes === address;
    const joinsNext = next !== undefined && address + bytes === next.address;
    const merged = {
      address: joinsBefore ? before.address : address,
      bytes: bytes + (joinsBefore ? before.bytes : 0) + (joinsNext ? next.bytes : 0),
    };
    this.#free = [
      ...this.#free.slice(0, joinsBefore ? index - 1 : index),
      merged,
      ...this.#free.slice(joinsNext ? index + 1 : index),
    ];
  }

  /**
   * Frees a block and allocates one of `bytes`, which may reuse the old place, so both never exist at once. The
   * contents are not kept. On OutOfMemoryError the old block is still allocated, contents included.
   */
  replace(address: number, bytes: number): number {
    const oldBytes = this.#bytesAt(address);
    const free = this.#free;
    this.free(address);
    try {
      return this.allocate(bytes);
    } catch (error) {
      this.#restore(address, oldBytes, free);
      throw error;
    }
  }

  /** Takes back a `free`. */
  #restore(address: number, bytes: number, free: readonly Block[]): void {
    this.#free = free;
    this.#used.set(address, bytes);
    this.#usedBytes += bytes;
  }

  /**
   * Bytes of the largest block that the limit leaves room for, if the one at `address` were free; the engine may refuse
   * as many. The contents of free blocks do not matter.
   */
  room(address?: number): number {
    const free = this.#free;
    const bytes = address === undefined ? 0 : this.#bytesAt(address);
    if (address !== undefined) this.free(address);
    const [start] = this.#tail();
    const room = this.#free.reduce((most, block) => Math.max(most, block.bytes), ceiling(this.#limit) - start);
    if (address !== undefined) this.#restore(address, bytes, free);
    return room;
  }

  /** A view of `length` float32 elements; any later allocation may detach it. */
  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  /** A view of `length` int32 elements; any later allocation may detach it. */
  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  /** A view of `length` bytes; any later allocation may detach it. */
  u8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  #bytesAt(address: number): number {
    const bytes = this.#used.get(address);
    if (bytes !== undefined) return bytes;
    throw new StateError(`No block is allocated at address ${address}: it was freed twice, or never allocated.`);
  }

  /** Index of the smallest free block that is large enough, the lowest of equals; -1 if there is none. */
  #bestFit(needed: number): number {
    let best = -1;
    let least = Infinity;
    for (const [index, { bytes }] of this.#free.entries()) {
      if (bytes >= needed && bytes < least) [best, least] = [index, bytes];
    }
    return best;
  }

  #take(index: number, block: Block, needed: number): void {
    const end = block.address + needed;
    const rest = block.bytes > needed ? [{ address: end, bytes: block.bytes - needed }] : [];
    if (block.address < this.#fresh) {
      this.u8(block.address, Math.min(end, this.#fresh) - block.address).fill(0);
    }
    this.#fresh = Math.max(this.#fresh, end);
    this.#free = [...this.#free.slice(0, index), ...rest, ...this.#free.slice(index + 1)];
    this.#used.set(block.address, needed);
    this.#usedBytes += needed;
  }

  /** Where a block would begin that needs the memory to grow, and the free block there. */
  #tail(): readonly [start: number, block: Block | undefined] {
    const end = ceiling(this.byteLength);
    const last = this.#free.at(-1);
    const block = last !== undefined && last.address + last.bytes === end ? last : undefined;
    return [block?.address ?? Math.max(this.#fresh, end), block];
  }

  /** Appends to the free tail, so that the last free block has `needed` bytes. */
  #growFor(needed: number, asked: number): void {
    const size = this.byteLength;
    const [start, tail] = this.#tail();
    const pages = Math.ceil((start + needed - size) / PAGE);
    if (start + needed > ceiling(this.#limit)) throw this.#outOfMemory(asked, `the limit is ${this.#limit}`);
    try {
      if (this.#memory.grow(pages) < 0) throw new RangeError("memory.grow returned -1");
    } catch (cause) {
      throw this.#outOfMemory(asked, `the engine refuses more than ${size}`, cause);
    }
    const grown = { address: start, bytes: ceiling(this.byteLength) - start };
    this.#free = [...(tail === undefined ? this.#free : this.#free.slice(0, -1)), grown];
  }

  #outOfMemory(asked: number, limit: string, cause?: unknown): OutOfMemoryError {
    const bounded = cause === undefined && this.#limit < MOST_PAGES * PAGE;
    const fix = `use a smaller batch, shorter sequences or a smaller model, dispose of layers${bounded ? ", or raise maxMemory in init()" : ""}`;
    return new OutOfMemoryError(`${asked} bytes were asked, ${this.#usedBytes} are in use and ${limit}: ${fix}.`, {
      cause,
    });
  }
}

/** A block that grows when more is needed and never shrinks; its contents do not outlive a growth. */
export class Region {
  readonly #memory: Memory;
  #address: number | undefined;
  #bytes = 0;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Size of the block in bytes; 0 before the first `ensure` and after `dispose`. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The address of at least `bytes` bytes, valid until the next `ensure` that asks for more. Throws OutOfMemoryError;
   * the old block stays valid then.
   */
  ensure(bytes: number): number {
    if (this.#address === undefined) this.#address = this.#memory.allocate(bytes);
    else if (bytes > this.#bytes) this.#address = this.#memory.replace(this.#address, bytes);
    this.#bytes = Math.max(this.#bytes, bytes);
    return this.#address;
  }

  /** Bytes for which `ensure` could find room within the limit of the memory. */
  get room(): number {
    return this.#memory.room(this.#address);
  }

  /** Frees the block; a later `ensure` allocates a new one. */
  dispose(): void {
    if (this.#address !== undefined) this.#memory.free(this.#address);
    this.#address = undefined;
    this.#bytes = 0;
  }
}

/** A view of floats or integers at a place that stays, made again when the memory has grown: for calls that allocate nothing. */
export class View<Data extends Float32Array | Int32Array> {
  readonly #make: () => Data;
  #data: Data;

  constructor(make: () => Data) {
    this.#make = make;
    this.#data = make();
  }

  get data(): Data {
    // A view of a memory that has grown has no elements any more.
    if (this.#data.length === 0) this.#data = this.#make();
    return this.#data;
  }
}

/** `bytes` rounded up to the alignment of blocks. */
export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** The end of a block at 2^32 would be 0 to a kernel that computes `address + bytes` in 32 bits. */
function ceiling(byteLength: number): number {
  return Math.min(byteLength, MOST_PAGES * PAGE - ALIGNMENT);
}
