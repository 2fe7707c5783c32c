/** Batches of long sequences in pieces, for truncated back-propagation: loaded for it alone. */
import { OptionError } from "../errors.ts";
import type { Tensor } from "../shape.ts";
import type { Batch, Trainable } from "./trainable.ts";

/** Throws OptionError unless every input and every target goes through time. */
export function requireSequences(owner: string, { inputPorts, outputPorts }: Trainable): void {
  for (const port of [...inputPorts, ...outputPorts]) {
    const isSequence = port.shape.length === (port.dtype === "int32" ? 2 : 3);
    if (isSequence) continue;
    throw new OptionError(
      `${owner} needs sequences everywhere for truncatedSteps, but "${port.name}" has no steps: use returnSequences: true.`,
    );
  }
}

/** The batch in pieces of at most `steps` steps. */
export function* pieces(batch: Batch, steps: number): Generator<Batch> {
  const all = batch.inputs[0]?.shape[1] ?? 1;
  if (steps >= all) {
    yield batch;
    return;
  }
  for (let from = 0; from < all; from += steps) yield piece(batch, from, Math.min(all, from + steps), all);
}

function piece(batch: Batch, from: number, to: number, all: number): Batch {
  const { rows } = batch;
  const cut = <Data extends Float32Array | Int32Array>(data: Data): Data => {
    const width = data.length / (rows * all);
    const part = new (data.constructor as new (length: number) => Data)(rows * (to - from) * width);
    for (let row = 0; row < rows; row++) {
      const start = (row * all + from) * width;
      part.set(data.subarray(start, start + (to - from) * width), row * (to - from) * width);
    }
    return part;
  };
  const tensor = ({ data, shape }: Tensor): Tensor => ({
    data: cut(data),
    shape: [rows, to - from, ...shape.slice(2)],
  });
  return {
    rows,
    inputs: batch.inputs.map(tensor),
    targets: batch.targets.map((target) => target && tensor(target)),
    lengths: batch.lengths.map((lengths) => lengths?.map((length) => Math.max(0, Math.min(length, to) - from))),
    weights: batch.weights.map((weights) => weights && cut(weights)),
  };
}
