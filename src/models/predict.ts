/** Predictions of any number of rows, in batches. */
import type { Core } from "../core/context.ts";
import type { Tensor } from "../shape.ts";
import { ArrayData } from "../training/data.ts";
import type { Graph } from "./graph.ts";
import type { Feed } from "./layout.ts";
import type { Runner } from "./runner.ts";

/** One tensor for each output. */
export function predictArrays(
  core: Core,
  runner: Runner,
  feed: Feed,
  batchSize: number,
): readonly Tensor<Float32Array>[] {
  const data = new ArrayData({ ...feed, targets: [], weights: [] });
  let results: { readonly data: Float32Array; readonly shape: readonly number[] }[] = [];
  for (let start = 0; start < data.rows; start += batchSize) {
    const count = Math.min(batchSize, data.rows - start);
    const outputs = runner.predict(core, data.batch(start, count));
    if (count === data.rows) return outputs;
    if (start === 0) results = outputs.map((output) => grown(output, count, data.rows));
    for (const [i, { data: values }] of outputs.entries())
      results[i]?.data.set(values, (values.length / count) * start);
  }
  return results;
}

function grown({ data, shape }: Tensor<Float32Array>, count: number, rows: number): Tensor<Float32Array> {
  return { data: new Float32Array((data.length / count) * rows), shape: [rows, ...shape.slice(1)] };
}

/** Long enough for engines to notice hot code and replace it. */
const WARMUP_MS = 100;

/** Runs zeros. */
export function warmUp(core: Core, graph: Graph, runner: Runner, rows: number, steps: number): void {
  const inputs = graph.inputs.map(({ shape, dtype }): Tensor => {
    const sizes = [rows, ...shape.slice(1).map((size) => size ?? steps)];
    const length = sizes.reduce((product, size) => product * size, 1);
    return { data: dtype === "int32" ? new Int32Array(length) : new Float32Array(length), shape: sizes };
  });
  const end = performance.now() + WARMUP_MS;
  do runner.warm(core, { inputs, lengths: inputs.map(() => undefined) });
  while (performance.now() < end);
}
