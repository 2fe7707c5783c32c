/** Runs a graph in the core, forward and backward. */
import type { Core } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import { gatherValues, packRows, unpackRows } from "../layers/edge.ts";
import type { Work } from "../layers/work.ts";
import { Random } from "../random.ts";
import type { Graph, Step, Value } from "./graph.ts";
import { type Feed, type Layout, wayBack } from "./layout.ts";
import { type Extras, Placement } from "./placement.ts";
import { isStateful, type States } from "./states.ts";

/** What one batch is run with. */
export interface RunOptions {
  readonly training: boolean;
  /** Start from the states of the run before and not from zeros; needs a region for states. */
  readonly carry: boolean;
  /** Number of the batch and of the step, which decide the noise of layers that hold it for a sequence or for a step. */
  readonly batch: number;
  readonly step: number;
}

/** One graph at work in one region. */
export class Execution {
  readonly graph: Graph;
  readonly #region: Region;
  readonly #states: States | undefined;
  /** One for each step of the graph that draws any. */
  readonly #noises: readonly (Random | undefined)[];
  #placement: Placement | undefined;

  /** `states`: where recurrent layers keep theirs from run to run; without it they start from zeros. */
  constructor(graph: Graph, region: Region, states?: States) {
    this.graph = graph;
    this.#region = region;
    this.#states = states;
    this.#noises = graph.steps.map(({ layer, index }) => {
      // A layer around another draws nothing itself.
      const { seed, isNoisy } = layer.inner.at(-1) ?? layer;
      return isNoisy ? new Random(seed).fork("noise").fork(index) : undefined;
    });
  }

  /**
   * Plans a batch of `most` bytes, where that can be, and makes room for it; throws OutOfMemoryError, and what the region
   * held before is gone then. Throws StateError when stateful layers meet another number of rows.
   */
  begin(
    core: Core,
    layouts: readonly Layout[],
    training: boolean,
    extras: Extras = {},
    most: number = Infinity,
  ): Placement {
    const last = this.#placement;
    this.#placement = undefined;
    const rows = this.#rowsOf(layouts);
    const states = this.#states?.place(core, layouts, rows);
    this.#placement = last?.fits(layouts, training, states, extras, most)
      ? last
      : new Placement(core, this.graph, layouts, training, this.#region, states, extras, most);
    this.#states?.keep(core, rows);
    return this.#placement;
  }

  /** The batch that `begin` planned. */
  get placement(): Placement {
    if (this.#placement === undefined) throw new RangeError("begin() comes first.");
    return this.#placement;
  }

  /** Copies the inputs in; throws OptionError for a token id that is no row of its table, before anything runs. */
  write(core: Core, feed: Feed): void {
    for (const value of this.graph.values) {
      const tensor = feed.inputs[value.input];
      if (tensor === undefined) continue;
      if (value.width === 0) this.#writeIds(core, value, tensor.data);
      else this.writeRows(core, this.placement.address(value), value, tensor.data, value.width);
    }
  }

  /** rows of `width` features at `to`, in the frame of `value`, <- an array of the user's. */
  writeRows(core: Core, to: number, value: Value, data: Float32Array | Int32Array, width: number): void {
    const { T, B, source } = this.placement.layoutOf(value);
    if (source !== undefined) gatherValues(core, to, data, source, width);
    else packRows(core, to, data, this.placement.at("staging"), { T, B, order: 0, active: 0 }, width);
  }

  /** A copy of the rows of a value, as an array of the user's. */
  read(core: Core, value: Value): Float32Array {
    const { placement } = this;
    const { T, B } = placement.rowsOf(value);
    const layout = placement.layoutOf(value);
    const [from, staging, F] = [placement.address(value), placement.at("staging"), value.width];
    const back = wayBack(layout);
    if (back === undefined) return unpackRows(core, from, staging, { T, B, order: 0, active: 0 }, F);
    const row = core.kernels.rowStride(F);
    const result = new Float32Array(back.length * F);
    const rows = core.memory.f32(from, layout.N * row);
    for (const [i, n] of back.entries()) if (n >= 0) result.set(rows.subarray(n * row, n * row + F), i * F);
    return result;
  }

  /** Runs all steps. */
  forward(core: Core, options: RunOptions): void {
    for (const step of this.graph.steps) {
      const work = this.placement.works[step.index] as Work;
      if (step.layer.isIdentity(options.training) || this.#isLookedUp(step)) continue;
      if (step.layer.stateCount > 0) this.#startStates(core, step, work, options.carry);
      else if (work.rows.N === 0) continue;
      step.layer.run(core, options.training && step.layer.isNoisy ? this.#keyed(step, work, options) : work);
    }
  }

  /** From the gradients of the `given` outputs, which stand at their addresses, to those of all weights. */
  backward(core: Core, given: readonly Value[], options: RunOptions): void {
    const filled = new Set<Value>(given);
    for (const step of [...this.graph.steps].reverse()) {
      const { layer, inputs, outputs } = step;
      if (!outputs.some((value) => filled.has(value))) continue;
      const work = this.placement.works[step.index] as Work;
      const dOutputs = outputs.map((value) => (filled.has(value) ? this.placement.gradient(value) : 0));
      const dInputs = inputs.map((value, slot) => {
        // States that were carried in did not come from this batch.
        const isCarried = options.carry && slot > 0 && layer.stateCount > 0;
        return isCarried ? 0 : this.#gradientPlace(core, step, value, slot, filled);
      });
      if (layer.isIdentity(true)) this.#copyRows(core, dInputs[0] ?? 0, dOutputs[0] ?? 0, inputs[0]);
      else if (work.rows.N > 0 || layer.stateCount > 0) {
        const key = layer.isNoisy ? this.#keyed(step, work, options).key : work.key;
        layer.runBackward(core, { ...work, key, dOutputs, dInputs });
      }
      for (const [slot, value] of inputs.entries()) this.#settle(core, value, dInputs[slot] ?? 0, filled);
    }
  }

  /** Whether the layer after it does its work. */
  #isLookedUp({ outputs }: Step): boolean {
    return outputs.some((value) => this.placement.isLookedUp(value));
  }

  /** Where a gradient goes: to its place if it is the first one of its value, else beside it. */
  #gradientPlace(core: Core, step: Step, value: Value, slot: number, filled: ReadonlySet<Value>): number {
    if (!value.needsGradient || this.placement.isLookedUp(value)) return 0;
    const isFirst = !filled.has(value) && step.inputs.indexOf(value) === slot;
    return isFirst ? this.placement.gradient(value) : this.placement.temporary(core, step, slot);
  }

  #settle({ kernels }: Core, value: Value, dInput: number, filled: Set<Value>): void {
    if (dInput === 0) return;
    const to = this.placement.gradient(value);
    if (dInput !== to) kernels.addRows(to, dInput, this.placement.rowsOf(value).N * kernels.rowStride(value.width));
    filled.add(value);
  }

  #copyRows({ kernels }: Core, to: number, from: number, value: Value | undefined): void {
    if (to === 0 || value === undefined) return;
    const row = kernels.rowStride(value.width);
    kernels.gatherRows(to, row, from, row, 0, this.placement.rowsOf(value).N, value.width);
  }

  #startStates(core: Core, step: Step, { states, rows }: Work, carry: boolean): void {
    const { layer, inputs } = step;
    if (carry || (this.#states !== undefined && isStateful(step))) return;
    const row = core.kernels.rowStride(layer.stateSize);
    for (const [i, state] of states.entries()) {
      const initial = inputs[i + 1];
      if (initial === undefined) core.memory.f32(state, rows.B * row).fill(0);
      else core.kernels.gatherRows(state, row, this.placement.address(initial), row, 0, rows.B, layer.stateSize);
    }
  }

  #keyed({ index, layer }: Step, work: Work, { batch, step }: RunOptions): Work {
    const random = this.#noises[index]?.fork(layer.stateCount > 0 ? batch : step);
    return { ...work, key: random === undefined ? work.key : [random.uint32(), random.uint32()] };
  }

  #writeIds({ memory }: Core, value: Value, data: Float32Array | Int32Array): void {
    const { T, B, N, source } = this.placement.layoutOf(value);
    let ids: ArrayLike<number> = data;
    for (const { layer, inputs } of this.graph.steps) {
      if (inputs.includes(value)) ids = layer.checkIds(data);
    }
    const to = memory.i32(this.placement.address(value), N);
    if (source !== undefined) for (let n = 0; n < N; n++) to[n] = ids[source[n] ?? 0] ?? 0;
    else for (let t = 0, n = 0; t < T; t++) for (let b = 0; b < B; b++) to[n++] = ids[b * T + t] ?? 0;
  }

  #rowsOf(layouts: readonly Layout[]): number {
    return layouts[this.graph.frames.findIndex(({ depth }) => depth < 2)]?.B ?? layouts[0]?.B ?? 0;
  }
}
