/** Builders of files that are no safetensors files. */
import { fileOf, joined } from "../support/bytes.ts";

interface Fields {
  readonly dtype?: string;
  readonly shape?: string;
  readonly offsets?: string;
  readonly more?: string;
}

export const ENTRY = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';

/** One tensor "t" of two float32, with some of it written otherwise. */
export function file(
  { dtype = '"F32"', shape = "[2]", offsets = "[0,8]", more = "" }: Fields,
  dataBytes: number = 8,
): Uint8Array {
  const header = `{"t":{${more}"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
  return fileOf(header, new Uint8Array(dataBytes));
}

/** The same with a field of another name. */
export const unknown = (value: string): Uint8Array => file({ more: `"x":${value},` });
/** Only a header. */
export const header = (text: string): Uint8Array => fileOf(text);
/** Two tensors, the second at other offsets. */
export const two = (offsets: string, dataBytes: number): Uint8Array =>
  fileOf(`{"a":${ENTRY},"b":${ENTRY.replace("[0,8]", offsets)}}`, new Uint8Array(dataBytes));
export const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
/** A header that is not UTF-8. */
export const raw = (...values: readonly number[]): Uint8Array =>
  fileOf(joined(bytes(0x7b, 0x22), bytes(...values), new TextEncoder().encode('":null}')));
/** An empty object and the eight bytes before it. */
export const length = (...values: readonly number[]): Uint8Array =>
  joined(bytes(...values), new TextEncoder().encode("{}      "));

export const HEADER = "The header of the safetensors file";
export const TENSOR = 'Tensor "t" of the safetensors file';
export const SIZES = "which are integers from 0 to 2^53 - 1.";

export type Row = readonly [what: string, bytes: Uint8Array, message: string];
