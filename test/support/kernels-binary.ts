/** What a binary says about itself, read from its bytes, so that engines which cannot compile it can be asked too. */
import { at } from "../reference/elements.ts";

const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;
const DATA_SECTION = 11;
const KINDS = ["function", "table", "memory", "global"];
const I32_CONST = 0x41;

export interface BinaryContents {
  /** As in "env.memory (memory)". */
  readonly imports: readonly string[];
  /** As in "gemm (function)". */
  readonly exports: readonly string[];
  readonly segments: readonly Segment[];
}

/** Bytes that instantiating writes into the memory. */
export interface Segment {
  readonly start: number;
  readonly end: number;
}

/** Reads numbers and names one after the other. */
class Reader {
  readonly bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  byte(): number {
    return at(this.bytes, this.position++);
  }

  /** LEB128 without a sign, and with one as long as the number is below 2^31. */
  integer(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.byte();
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  }

  take(length: number): Uint8Array {
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.integer()));
  }

  /** A vector: its length, then its items. */
  items<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.integer() }, read);
  }
}

export function readBinary(bytes: Uint8Array): BinaryContents {
  const sections = new Map<number, Reader>();
  const reader = new Reader(bytes, 8);
  while (reader.position < bytes.length) {
    const id = reader.byte();
    sections.set(id, new Reader(reader.take(reader.integer())));
  }
  const section = (id: number) => sections.get(id) ?? new Reader(Uint8Array.of(0));
  return {
    imports: readImports(section(IMPORT_SECTION)),
    exports: readExports(section(EXPORT_SECTION)),
    segments: readSegments(section(DATA_SECTION)),
  };
}

/** Ends at the first import that is not a memory, whose type it cannot skip: one is too many already. */
function readImports(reader: Reader): string[] {
  const imports: string[] = [];
  for (let left = reader.integer(); left > 0; left--) {
    const name = `${reader.name()}.${reader.name()}`;
    const kind = KINDS[reader.byte()];
    imports.push(`${name} (${kind})`);
    if (kind !== "memory") break;
    const hasMaximum = reader.integer() & 1;
    for (let limit = 0; limit <= hasMaximum; limit++) reader.integer();
  }
  return imports;
}

function readExports(reader: Reader): string[] {
  return reader.items(() => {
    const name = reader.name();
    const kind = KINDS[reader.byte()];
    reader.integer();
    return `${name} (${kind})`;
  });
}

function readSegments(reader: Reader): Segment[] {
  return reader.items(() => {
    const [flags, opcode] = [reader.integer(), reader.byte()];
    if (flags !== 0 || opcode !== I32_CONST)
      throw new RangeError("A data segment is not active at a constant address.");
    const start = reader.integer();
    reader.byte();
    return { start, end: start + reader.take(reader.integer()).length };
  });
}
