/** Arrays as batches, cut without copying more than a batch. */
import type { Tensor } from "../shape.ts";
import type { Batch } from "./trainable.ts";

/** Arrays with one number of rows. */
export class ArrayData {
  readonly rows: number;
  readonly inputs: readonly Tensor[];
  readonly lengths: readonly (Int32Array | undefined)[];
  readonly targets: readonly (Tensor | undefined)[];
  readonly weights: readonly (Float32Array | undefined)[];
  readonly #buffers: Map<string, Float32Array | Int32Array> = new Map();

  constructor(parts: Omit<Batch, "rows">) {
    this.rows = parts.inputs[0]?.shape[0] ?? 0;
    this.inputs = parts.inputs;
    this.lengths = parts.lengths;
    this.targets = parts.targets;
    this.weights = parts.weights;
  }

  /** Rows order[start] to order[start + count - 1], or start to start + count - 1; valid until the next call. */
  batch(start: number, count: number, order?: Int32Array): Batch {
    const take = <Data extends Float32Array | Int32Array>(name: string, data: Data, width: number): Data => {
      if (order === undefined) return data.subarray(start * width, (start + count) * width) as Data;
      const to = this.#buffer(name, data, count * width);
      for (let i = 0; i < count; i++) {
        const row = order[start + i] ?? 0;
        if (width === 1) to[i] = data[row] ?? 0;
        else to.set(data.subarray(row * width, (row + 1) * width), i * width);
      }
      return to;
    };
    const tensors = (name: string, { data, shape }: Tensor): Tensor => {
      return { data: take(name, data, data.length / this.rows), shape: [count, ...shape.slice(1)] };
    };
    return {
      rows: count,
      inputs: this.inputs.map((tensor, i) => tensors(`x${i}`, tensor)),
      lengths: this.lengths.map((lengths, i) => lengths && take(`l${i}`, lengths, 1)),
      targets: this.targets.map((tensor, i) => tensor && tensors(`y${i}`, tensor)),
      weights: this.weights.map((weights, i) => weights && take(`w${i}`, weights, weights.length / this.rows)),
    };
  }

  /** The rows from `from` to `to` - 1, as data of their own over the same arrays. */
  part(from: number, to: number): ArrayData {
    return new ArrayData({ ...this.batch(from, to - from) });
  }

  /** A buffer of the same kind of elements, kept for the next batch. */
  #buffer<Data extends Float32Array | Int32Array>(name: string, like: Data, length: number): Data {
    let buffer = this.#buffers.get(name);
    if (buffer === undefined || buffer.length < length) {
      buffer = new (like.constructor as new (length: number) => Data)(length);
      this.#buffers.set(name, buffer);
    }
    return buffer.subarray(0, length) as Data;
  }
}
