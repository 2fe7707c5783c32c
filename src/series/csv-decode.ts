import { FormatError, OptionError } from "../errors.ts";
import { describe } from "../options.ts";

/** How files begin that are often taken for CSV. */
const SIGNATURES: readonly (readonly [string, readonly number[], string])[] = [
  ["a ZIP or Excel (.xlsx)", [0x50, 0x4b, 0x03, 0x04], "open it and export the sheet as CSV"],
  ["an Excel (.xls)", [0xd0, 0xcf, 0x11, 0xe0], "open it and export the sheet as CSV"],
  ["a gzip", [0x1f, 0x8b], "decompress it first"],
  ["a zstd", [0x28, 0xb5, 0x2f, 0xfd], "decompress it first"],
  ["a bzip2", [0x42, 0x5a, 0x68], "decompress it first"],
  ["a Parquet", [0x50, 0x41, 0x52, 0x31], "export it as CSV"],
  ["a PDF", [0x25, 0x50, 0x44, 0x46], "export its table as CSV"],
];
const LONGEST_SIGNATURE = 4;

const OTHER_TEXTS: readonly (readonly [string, RegExp])[] = [
  ["an HTML", /^\s*<(?:!doctype|html)/i],
  ["an XML", /^\s*<\?xml/],
  ["a JSON", /^\s*(?:\{\s*["}]|\[\s*[[{\]])/],
];

/** The encodings that a file's first bytes can tell. */
const MARKS: readonly (readonly [string, readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** Turns pieces of a file, cut anywhere, into text without byte order mark, and refuses what is no text. */
export class CsvDecoder {
  readonly #source: string;
  readonly #given: string;
  #encoding = "utf-8";
  #decoder: TextDecoder | undefined;
  #isBegun = false;
  /**
   * The first bytes, until there are enough of them; later the last few of the line that the next piece goes on with.
   */
  #kept: Uint8Array = new Uint8Array(0);
  /** Line ends in the text so far. */
  #lines = 0;

  /** Throws OptionError for an encoding that is not known. */
  constructor(source: string, encoding: string) {
    this.#source = source;
    this.#given = encoding;
    decoderFor(encoding);
  }

  /** Throws FormatError. */
  push(piece: Uint8Array | string): string {
    if (typeof piece === "string") return this.#checked(piece);
    if (this.#decoder !== undefined) return this.#decoded(this.#decoder, piece, true);
    const head = joined(this.#kept, piece);
    this.#kept = head;
    return head.length < LONGEST_SIGNATURE ? "" : this.#begun(head, true);
  }

  /** What is left when there are no more pieces. Throws FormatError. */
  end(): string {
    if (this.#decoder !== undefined) return this.#decoded(this.#decoder, new Uint8Array(0), false);
    return this.#kept.length === 0 ? "" : this.#begun(this.#kept, false);
  }

  #begun(head: Uint8Array, hasMore: boolean): string {
    for (const [kind, bytes, fix] of SIGNATURES) {
      if (begins(head, bytes)) throw new FormatError(`${this.#source} is ${kind} file, not CSV text: ${fix}.`);
    }
    this.#encoding = MARKS.find(([, bytes]) => begins(head, bytes))?.[0] ?? this.#given;
    if (this.#encoding === "utf-8" && head[0] !== 0 && head[1] === 0) this.#refuseNull("utf-16le");
    if (this.#encoding === "utf-8" && head[0] === 0 && head[1] !== 0) this.#refuseNull("utf-16be");
    this.#kept = new Uint8Array(0);
    this.#decoder = decoderFor(this.#encoding);
    return this.#decoded(this.#decoder, head, hasMore);
  }

  #decoded(decoder: TextDecoder, bytes: Uint8Array, hasMore: boolean): string {
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: hasMore });
    } catch {
      const line = this.#lines + linesBeforeFault(joined(this.#kept, bytes), this.#encoding) + 1;
      throw new FormatError(
        `${this.#source} has bytes at line ${line} that are not ${this.#encoding} text: set encoding, for example to "windows-1252", or save the file as UTF-8.`,
      );
    }
    this.#kept = lineStart(joined(this.#kept, bytes).slice(-3));
    return this.#checked(text);
  }

  #checked(text: string): string {
    const plain = this.#isBegun || !text.startsWith("\ufeff") ? text : text.slice(1);
    if (!this.#isBegun && text !== "") {
      this.#isBegun = true;
      const other = OTHER_TEXTS.find(([, pattern]) => pattern.test(plain));
      if (other !== undefined) {
        throw new FormatError(`${this.#source} is ${other[0]} file, not CSV text: download or export it as CSV.`);
      }
    }
    const zero = plain.indexOf("\0");
    if (zero >= 0) {
      this.#lines += lineEnds(plain.slice(0, zero));
      this.#refuseNull(undefined);
    }
    this.#lines += lineEnds(plain);
    return plain;
  }

  #refuseNull(encoding: string | undefined): never {
    const fix = encoding === undefined ? "export it as CSV" : `set encoding to "${encoding}" or save it as UTF-8`;
    const kind = encoding === undefined ? "is a binary file, not CSV text" : `is ${encoding} text, not UTF-8`;
    throw new FormatError(`${this.#source} has a zero byte at line ${this.#lines + 1} and ${kind}: ${fix}.`);
  }
}

function decoderFor(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new OptionError(
      `readCsv needs encoding to be one that TextDecoder knows, like "utf-8", "utf-16le" or "windows-1252", got ${describe(encoding)}.`,
    );
  }
}

/** Line by line, since a decoder does not say where it failed. The first line may begin within a character. */
function linesBeforeFault(bytes: Uint8Array, encoding: string): number {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  for (let lines = 0; ; lines++) {
    const end = bytes.indexOf(0x0a, start);
    try {
      decoderFor(encoding).decode(bytes.subarray(start, end < 0 ? bytes.length : end));
    } catch {
      return lines;
    }
    if (end < 0) return lines;
    start = end + 1;
  }
}

function lineStart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.lastIndexOf(0x0a) + 1);
}

function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function begins(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
