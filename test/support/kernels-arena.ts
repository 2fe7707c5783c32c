/**
 * Operands of a kernel call, surrounded by NaN words that must survive:
 *
 *     | canaries | row 0 | pads (zero) | canaries | row 1 | pads | canaries | ... | canaries | next operand ...
 *
 * A kernel that reads a canary spreads NaN into its results; one that writes it is named by `violations`.
 */
import type { Kernels } from "../../src/core/kernels.ts";
import { at } from "../reference/elements.ts";
import { Operand, type Role } from "./kernels-operand.ts";

/** A quiet NaN that no arithmetic makes. */
export const CANARY = 0x7feddead;
/** Canaries before and after every operand: four rows of a panel. */
const GUARD_WORDS = 64;
const LINE_BYTES = 64;
const PAGE = 65536;

export interface Layout {
  readonly rows: number;
  readonly width: number;
  /** Words from row to row, without pads; where absent, the kernels' own stride, with pads up to a multiple of 4. */
  readonly stride?: number;
  /** Words past a multiple of 64 bytes. */
  readonly offset?: number;
}

/** [N, F] as kernels hold it: rowStride(F) floats from row to row, pads zero. */
export function rows(N: number, F: number): Layout {
  return { rows: N, width: F };
}

/** [N, F] with canaries right after each row's end; it starts `offset` words past a 64-byte boundary. */
export function strided(N: number, F: number, stride: number, offset = 0): Layout {
  return { rows: N, width: F, stride, offset };
}

/** `length` words in a row. */
export function flat(length: number, offset = 0): Layout {
  return strided(1, length, length, offset);
}

/** The operands of one test, one after the other from heapBase on; making another arena on the memory withdraws it. */
export class Arena {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #start: number;
  readonly #operands: Operand[] = [];
  /** First byte without canaries. */
  #end: number;

  constructor(kernels: Kernels, memory: WebAssembly.Memory) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#start = roundUp(kernels.heapBase(), LINE_BYTES);
    this.#end = this.#start;
  }

  /** An operand that the kernel only reads: `violations` tells when it changed. */
  input(name: string, layout: Layout, values: ArrayLike<number>): Operand {
    const operand = this.#place(name, "input", layout);
    operand.set(values);
    return operand;
  }

  /** An operand that the kernel overwrites, canaries until then, so that every element left out is a NaN. */
  output(name: string, layout: Layout): Operand {
    return this.#place(name, "output", layout);
  }

  /** An operand that the kernel reads and writes. */
  inout(name: string, layout: Layout, values: ArrayLike<number>): Operand {
    const operand = this.#place(name, "inout", layout);
    operand.set(values);
    return operand;
  }

  /** An i32 vector that the kernel only reads. */
  integers(name: string, values: readonly number[]): Operand {
    const operand = this.#place(name, "input", flat(values.length));
    operand.setWords(Uint32Array.from(values));
    return operand;
  }

  /** What kernels broke: canaries around and between rows, inputs, and pads that are not zero. */
  violations(): string[] {
    const words = new Uint32Array(this.#memory.buffer, 0, this.#end / 4);
    const broken: string[] = [];
    let word = this.#start / 4;
    for (const operand of this.#operands) {
      for (let r = 0; r < operand.rows; r++) {
        const begin = operand.row(r) / 4;
        if (!areCanaries(words, word, begin)) broken.push(`words before row ${r} of ${operand.name}`);
        if (!operand.padsAreZero(r)) broken.push(`pads of row ${r} of ${operand.name}`);
        word = begin + operand.extent;
      }
      if (operand.role === "input" && operand.hasChanged()) broken.push(`the input ${operand.name}`);
    }
    if (!areCanaries(words, word, this.#end / 4)) broken.push("words after the last operand");
    return broken;
  }

  /** The bytes of the whole memory with those of the operands that kernels may write set to zero. */
  bytesElsewhere(): Uint8Array {
    const bytes = new Uint8Array(this.#memory.buffer).slice();
    for (const operand of this.#operands) {
      if (operand.role === "input") continue;
      for (let r = 0; r < operand.rows; r++) bytes.fill(0, operand.row(r), operand.row(r) + operand.extent * 4);
    }
    return bytes;
  }

  #place(name: string, role: Role, { rows, width, stride, offset = 0 }: Layout): Operand {
    const address = roundUp(this.#end + GUARD_WORDS * 4, LINE_BYTES) + offset * 4;
    const padded = stride === undefined;
    const step = stride ?? this.#kernels.rowStride(width);
    const extent = padded ? roundUp(width, 4) : width;
    const operand = new Operand(this.#memory, { name, role, address, rows, width, stride: step, extent });
    this.#fillTo(address + (Math.max(0, rows - 1) * step + extent + GUARD_WORDS) * 4);
    this.#operands.push(operand);
    return operand;
  }

  #fillTo(end: number): void {
    const missing = end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    new Uint32Array(this.#memory.buffer, this.#end, (end - this.#end) / 4).fill(CANARY);
    this.#end = end;
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

function areCanaries(words: Uint32Array, begin: number, end: number): boolean {
  for (let word = begin; word < end; word++) if (at(words, word) !== CANARY) return false;
  return true;
}
