/** The bytes of a stream's states: "gfs1", rows, floats (u32 each), then the floats; all little-endian. */
import { FormatError } from "../errors.ts";
import { describe } from "../options.ts";

const MAGIC = 0x31736667;
const HEADER_BYTES = 12;

/** Length of the bytes for so many floats. */
export function stateBytes(floats: number): number {
  return HEADER_BYTES + 4 * floats;
}

/** The floats, given as bytes, with their header. */
export function writeState(rows: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + data.length);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint32(4, rows, true);
  header.setUint32(8, data.length / 4, true);
  bytes.set(data, HEADER_BYTES);
  return bytes;
}

/** The floats as bytes; throws FormatError unless they are the states of as many rows and floats. */
export function readState(owner: string, bytes: Uint8Array, rows: number, floats: number): Uint8Array {
  if (!ArrayBuffer.isView(bytes)) throw new FormatError(`${owner} takes its state as bytes, got ${describe(bytes)}.`);
  const isWhole = bytes.byteLength === stateBytes(floats);
  const header = new DataView(bytes.buffer, bytes.byteOffset, isWhole ? HEADER_BYTES : 0);
  if (isWhole && [MAGIC, rows, floats].every((word, i) => header.getUint32(4 * i, true) === word)) {
    return new Uint8Array(bytes.buffer, bytes.byteOffset + HEADER_BYTES, 4 * floats);
  }
  throw new FormatError(
    `${owner} takes a state of ${rows} rows in ${stateBytes(floats)} bytes, got ${bytes.byteLength} bytes of another kind.`,
  );
}
