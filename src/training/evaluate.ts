/** Loss and metrics of data, without training. */
import type { Logs } from "./callback.ts";
import type { ArrayData } from "./data.ts";
import type { Objective } from "./objective.ts";
import type { Trainable } from "./trainable.ts";

/** Means over all rows, in batches. */
export function evaluateData(model: Trainable, objective: Objective, data: ArrayData, batchSize: number): Logs {
  const before = objective.state;
  objective.reset();
  try {
    for (let start = 0; start < data.rows; start += batchSize) {
      const batch = data.batch(start, Math.min(batchSize, data.rows - start));
      model.runBatch(batch, objective, { training: false, carry: false, scale: 1 });
    }
    return objective.logs();
  } finally {
    objective.state = before;
  }
}
