/** CSV files and the standard input as the commands read them: a look at the beginning, then all of it once. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { readError } from "./file-error.ts";

/** A file that is being read. */
export interface Input {
  /** What messages call it. */
  readonly name: string;
  /** Bytes of a file; undefined where nobody knows. */
  readonly size: number | undefined;
  /** The rows of the first 256 KiB. */
  readonly head: Uint8Array;
  /** All of it, the head included; to be read once. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Lets go of it, read or not: the process ends although nobody closes its standard input. */
  close(): void;
}

/** Enough for the header and the kinds of the columns. */
const HEAD_BYTES = 262_144;
const PIECE_BYTES = 1_048_576;

/** Opens a file, or with "-" the standard input. Throws FileError. */
export async function openInput(path: string): Promise<Input> {
  const stream: Readable = path === "-" ? process.stdin : createReadStream(path, { highWaterMark: PIECE_BYTES });
  const name = path === "-" ? "The standard input" : basename(path);
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const next = () =>
    pieces.next().catch((error: unknown) => {
      throw readError(path === "-" ? name : path, error);
    });
  const first: Uint8Array[] = [];
  let length = 0;
  let isWhole = false;
  while (length < HEAD_BYTES && !isWhole) {
    const { done = false, value } = await next();
    isWhole = done;
    if (done) break;
    first.push(value);
    length += value.length;
  }
  const begin = Buffer.concat(first);
  async function* all(): AsyncGenerator<Uint8Array> {
    yield begin;
    for (let step = await next(); step.done !== true; step = await next()) yield step.value;
  }
  const head = isWhole ? begin : begin.subarray(0, endOfRows(begin.subarray(0, HEAD_BYTES)));
  const size = path === "-" ? undefined : (await stat(path)).size;
  return { name, size, head, bytes: all(), close: () => void stream.destroy() };
}

const QUOTE = 0x22;
const LINE_ENDS: readonly number[] = [0x0a, 0x0d];

/** Where the last whole row ends: after a line's end that is not within quotes; everything if there is none. */
export function endOfRows(bytes: Uint8Array): number {
  const [first, second] = bytes;
  const zeroAt = first === 0xff && second === 0xfe ? 1 : first === 0xfe && second === 0xff ? -1 : 0;
  let end = 0;
  let isQuoted = false;
  for (const [at, byte] of bytes.entries()) {
    if (zeroAt !== 0 && bytes[at + zeroAt] !== 0) continue;
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (!isQuoted && LINE_ENDS.includes(byte)) end = at + 1 + Math.max(0, zeroAt);
  }
  return end === 0 ? bytes.length : end;
}
