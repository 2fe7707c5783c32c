/** Runs batches of a model: predictions, and losses with their gradients. */
import type { Core } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import type { Tensor } from "../shape.ts";
import type { Objective, OutputRows } from "../training/objective.ts";
import type { Batch, Progress, StepOptions, StepResult } from "../training/trainable.ts";
import { Execution } from "./execution.ts";
import type { Graph, Value } from "./graph.ts";
import { type Feed, type Layout, layoutsOf } from "./layout.ts";
import type { States } from "./states.ts";

/** One model's executions: training and evaluation have a region of the model's, predictions share the core's. */
export class Runner {
  readonly #label: string;
  readonly #graph: Graph;
  readonly #training: Execution;
  readonly #evaluation: Execution;
  readonly #inference: Execution;
  readonly states: States;

  /** Stateful layers share their states between training and predictions. */
  constructor(label: string, graph: Graph, core: Core, region: Region, states: States) {
    this.#label = label;
    this.#graph = graph;
    this.states = states;
    this.#training = new Execution(graph, region, states);
    const kept = graph.isStateful ? states : undefined;
    // Losses and metrics that are functions may call what uses the core's region.
    this.#evaluation = new Execution(graph, region, kept);
    this.#inference = new Execution(graph, core.scratch, kept);
  }

  /** The outputs as arrays of the user's. */
  predict(core: Core, feed: Feed, execution: Execution = this.#inference): readonly Tensor<Float32Array>[] {
    const layouts = layoutsOf(this.#label, this.#graph, feed);
    execution.begin(core, layouts, false);
    execution.write(core, feed);
    execution.forward(core, { training: false, carry: false, batch: 0, step: 0 });
    const rows = feed.inputs[0]?.shape[0] ?? 0;
    return this.#graph.outputs.map((value) => {
      const shape = userShape(execution.placement.layoutOf(value), value, rows);
      return { data: execution.read(core, value), shape };
    });
  }

  /** `predict` for its time only: stateful layers keep their states. */
  warm(core: Core, feed: Feed): void {
    this.predict(core, feed, new Execution(this.#graph, core.scratch));
  }

  /**
   * Forward, losses and metrics; in training also backward, which adds to the gradients of the weights, in `memoryBudget`
   * bytes where that can be.
   */
  run(
    core: Core,
    batch: Batch,
    objective: Objective,
    options: StepOptions,
    progress: Progress,
    memoryBudget: number,
  ): StepResult {
    const { training, carry, scale } = options;
    const execution = training ? this.#training : this.#evaluation;
    const layouts = layoutsOf(this.#label, this.#graph, batch);
    execution.begin(core, layouts, training, this.#extras(core, objective, layouts), memoryBudget);
    execution.write(core, batch);
    const outputs = this.#graph.outputs.map((value, i) => this.#outputRows(core, execution, value, i, training));
    const divisors = outputs.map((rows, i) => {
      const target = batch.targets[i];
      return target === undefined ? 0 : objective.prepare(core, i, rows, target, batch.weights[i]);
    });
    const run = { training, carry, batch: progress.batches, step: progress.steps };
    execution.forward(core, run);
    const results = outputs.map((rows, i) => objective.run(core, i, rows, divisors[i] ?? 0, scale));
    const given = this.#graph.outputs.filter((value, i) => value.needsGradient && (results[i]?.count ?? 0) > 0);
    if (training) execution.backward(core, given, run);
    const loss = results.reduce((sum, result) => sum + result.loss, 0);
    return { loss, count: Math.max(...results.map(({ count }) => count)) };
  }

  /** The input, or the first layer, whose numbers in the last training batch are not finite; undefined: none. */
  blame({ kernels }: Core): string | undefined {
    const { placement } = this.#training;
    const isBad = (value: Value) => {
      const floats = placement.rowsOf(value).N * kernels.rowStride(value.width);
      const isThere = value.width > 0 && floats > 0 && !placement.isLookedUp(value);
      return isThere && !kernels.allFinite(placement.address(value), floats);
    };
    const input = this.#graph.values.find((value) => value.input >= 0 && isBad(value));
    if (input !== undefined) return `input "${input.symbol.node.name}"`;
    return this.#graph.steps.find(({ outputs }) => outputs.some(isBad))?.layer.label;
  }

  #extras({ kernels }: Core, objective: Objective, layouts: readonly Layout[]): Record<string, number> {
    const extras: Record<string, number> = {};
    for (const [i, { frame, width }] of this.#graph.outputs.entries()) {
      const N = layouts[frame]?.N ?? 0;
      const { target, constants } = objective.floats(i, N, width, kernels.rowStride(width));
      extras[`target${i}`] = target;
      extras[`constants${i}`] = constants;
      extras[`weights${i}`] = N;
      extras[`values${i}`] = 2 * N;
    }
    return extras;
  }

  #outputRows(core: Core, execution: Execution, value: Value, i: number, training: boolean): OutputRows {
    const { placement } = execution;
    const { T, B, N, source } = placement.layoutOf(value);
    return {
      y: placement.address(value),
      dY: training && value.needsGradient ? placement.gradient(value) : 0,
      target: placement.at(`target${i}`),
      constants: placement.at(`constants${i}`),
      weights: placement.at(`weights${i}`),
      values: placement.at(`values${i}`),
      N,
      F: value.width,
      userRow: (n) => (source === undefined ? (n % B) * T + Math.floor(n / B) : (source[n] ?? 0)),
      writeRows: (to, data) => execution.writeRows(core, to, value, data, value.width),
    };
  }
}

/** Batch first, with the steps of the user's array. */
function userShape({ T, B }: Layout, { symbol, width }: Value, rows: number): readonly number[] {
  if (symbol.shape.length === 2) return [rows, width];
  return symbol.shape.length === 3 ? [rows, T, width] : [rows, B / rows, T, width];
}
