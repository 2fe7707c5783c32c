/** The data of a work. */
import { readFileSync } from "node:fs";

export interface Tensor {
  readonly shape: number[];
  readonly data: Float32Array;
  readonly ids: Int32Array;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** https://huggingface.co/docs/safetensors */
export function readTensors(file: string): Tensors {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header: Record<string, { shape: number[]; data_offsets: [number, number] }> = JSON.parse(
    bytes.toString("utf8", 8, 8 + length),
  );
  const data = bytes.buffer.slice(bytes.byteOffset + 8 + length, bytes.byteOffset + bytes.length);
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => [
        name,
        {
          shape,
          data: new Float32Array(data, from, (to - from) / 4),
          ids: new Int32Array(data, from, (to - from) / 4),
        },
      ],
    ),
  );
}

/** The tensor of that name, which every work of this kind has. */
export function need(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`The data has no ${name}.`);
  return tensor;
}
