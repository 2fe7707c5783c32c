import { at } from "../reference/elements.ts";

export type Role = "input" | "output" | "inout";

export interface Place {
  readonly name: string;
  readonly role: Role;
  /** In bytes. */
  readonly address: number;
  readonly rows: number;
  readonly width: number;
  /** Words from row to row. */
  readonly stride: number;
  /** Words of a row that belong to the operand: its width and its pads. */
  readonly extent: number;
}

/** Rows of 4-byte words in the memory of a binary; what goes in and out is [rows, width] without pads. */
export class Operand {
  readonly name: string;
  readonly role: Role;
  readonly address: number;
  readonly rows: number;
  readonly width: number;
  readonly stride: number;
  readonly extent: number;
  readonly #memory: WebAssembly.Memory;
  #written: Uint32Array = new Uint32Array();

  constructor(memory: WebAssembly.Memory, place: Place) {
    this.#memory = memory;
    this.name = place.name;
    this.role = place.role;
    this.address = place.address;
    this.rows = place.rows;
    this.width = place.width;
    this.stride = place.stride;
    this.extent = place.extent;
  }

  /** Address of row `r`. */
  row(r: number): number {
    return this.address + r * this.stride * 4;
  }

  /** Writes floats, [rows, width]; pads become zero. */
  set(values: ArrayLike<number>): void {
    this.setWords(new Uint32Array(Float32Array.from(values).buffer));
  }

  /** Writes bit patterns, [rows, width]; pads become zero. */
  setWords(words: Uint32Array): void {
    const { rows, width } = this;
    if (words.length !== rows * width) {
      throw new RangeError(`${this.name} is [${rows}, ${width}], got ${words.length} values.`);
    }
    for (let r = 0; r < rows; r++) {
      const row = this.#rowWords(r);
      row.set(words.subarray(r * width, (r + 1) * width));
      row.fill(0, width);
    }
    this.#written = words.slice();
  }

  /** A copy as bit patterns, [rows, width]. */
  words(): Uint32Array {
    const words = new Uint32Array(this.rows * this.width);
    for (let r = 0; r < this.rows; r++) words.set(this.#rowWords(r).subarray(0, this.width), r * this.width);
    return words;
  }

  /** A copy as floats, [rows, width]. */
  values(): Float64Array {
    return Float64Array.from(new Float32Array(this.words().buffer));
  }

  padsAreZero(r: number): boolean {
    if (this.width === this.extent) return true;
    const pads = this.#rowWords(r).subarray(this.width);
    return new Float32Array(pads.buffer, pads.byteOffset, pads.length).every((pad) => pad === 0);
  }

  /** Whether it differs from what was last written with `set` or `setWords`. */
  hasChanged(): boolean {
    const words = this.words();
    for (let n = 0; n < words.length; n++) if (words[n] !== at(this.#written, n)) return true;
    return false;
  }

  #rowWords(r: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.row(r), this.extent);
  }
}
