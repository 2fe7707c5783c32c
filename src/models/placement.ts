/** Where the values, gradients and caches of one batch of a graph stand: sizes first, one block, then addresses. */
import type { Core } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import { type Addresses, placeAt, plannedBytes, withinMemory } from "../core/plan.ts";
import { stagingFloats } from "../layers/edge.ts";
import { denseRows, type Rows } from "../layers/rows.ts";
import { type Extent, NO_KEY, type Work } from "../layers/work.ts";
import { segmentRowsOf } from "./budget.ts";
import type { Graph, Step, Value } from "./graph.ts";
import type { Layout } from "./layout.ts";
import { inOrder } from "./states.ts";

/** Arrays beside those of the graph that a caller wants in the same block, in floats. */
export type Extras = Readonly<Record<string, number>>;

const NOWHERE: Rows = denseRows(1, 0);

/** One batch. Addresses are those of the region until it is asked for more. */
export class Placement {
  readonly graph: Graph;
  readonly layouts: readonly Layout[];
  readonly training: boolean;
  /** One for each step of the graph. */
  readonly works: readonly Work[];
  readonly #rows: readonly Rows[];
  readonly #lookedUp: ReadonlySet<Value>;
  readonly #at: Addresses<string>;
  readonly #region: Region;
  readonly #address: number;
  readonly #bytes: number;
  readonly #states: number | undefined;
  readonly #extras: Extras;
  readonly #most: number;
  /** Of steps that run in segments. */
  #segmentRows: ReadonlyMap<Step, number> = new Map();

  /**
   * `states` is where those of all steps stand one after the other, if they outlive the batch. In training layers run in
   * segments where the batch would else take more than `most` bytes, or find no room. Throws OutOfMemoryError.
   */
  constructor(
    core: Core,
    graph: Graph,
    layouts: readonly Layout[],
    training: boolean,
    region: Region,
    states: number | undefined,
    extras: Extras,
    most: number,
  ) {
    this.graph = graph;
    this.layouts = layouts;
    this.training = training;
    this.#region = region;
    this.#states = states;
    this.#extras = extras;
    this.#most = most;
    this.#rows = layouts.map((layout) => ({ ...NOWHERE, ...layout, source: 0 }));
    this.#lookedUp = new Set(graph.values.filter((value) => this.#canLookUp(value)));
    const sizes = this.#plan(core);
    this.#bytes = plannedBytes(sizes);
    this.#address = region.ensure(this.#bytes);
    this.#at = placeAt(this.#address, sizes);
    this.#rows = layouts.map((layout, i) => this.#placeRows(core, layout, i));
    const addresses = new Map<Step, number>();
    let state = states ?? 0;
    for (const step of inOrder(graph)) {
      addresses.set(step, states === undefined ? this.at(`s${step.index}`) : state);
      state += step.layer.stateCount * this.#stateBytes(core, step);
    }
    this.works = graph.steps.map((step) => this.#workOf(core, step, addresses.get(step) ?? 0));
  }

  /** Whether another batch stands in the same places: of the same size, without rows that end early. Throws OutOfMemoryError. */
  fits(
    layouts: readonly Layout[],
    training: boolean,
    states: number | undefined,
    extras: Extras,
    most: number,
  ): boolean {
    if (training !== this.training || states !== this.#states || most !== this.#most) return false;
    const isSameSize = layouts.every(({ T, B, source }, i) => {
      const own = this.layouts[i];
      return source === undefined && own?.source === undefined && own?.T === T && own.B === B;
    });
    if (!isSameSize || Object.entries(extras).some(([name, floats]) => this.#extras[name] !== floats)) return false;
    return this.#region.ensure(this.#bytes) === this.#address;
  }

  /** Address of an array by name. */
  at(name: string): number {
    return this.#at[name] ?? 0;
  }

  address(value: Value): number {
    const passed = this.#passedOn(value);
    return passed === undefined ? this.at(`v${value.index}`) : this.address(passed);
  }

  gradient(value: Value): number {
    return this.at(`g${value.index}`);
  }

  /** Where a step leaves the gradient of its input `slot` that is to be added to another. */
  temporary(core: Core, { index, inputs }: Step, slot: number): number {
    const before = inputs.slice(0, slot).reduce((floats, value) => floats + this.#floatsOf(core, value), 0);
    return this.at(`t${index}`) + 4 * before;
  }

  /** Whether the value has no rows: the only layer that reads it looks them up in the table by itself. */
  isLookedUp(value: Value): boolean {
    return this.#lookedUp.has(value);
  }

  #canLookUp(value: Value): boolean {
    const { producer, uses, width } = value;
    const reader = this.graph.steps.find(({ inputs }) => inputs[0] === value)?.layer;
    const table = producer?.layer.table;
    if (uses !== 1 || reader === undefined || table === undefined) return false;
    return reader.looksUp(this.rowsOf(value).N, table.inputDim, width, this.training);
  }

  rowsOf({ frame }: Value): Rows {
    return this.#rows[frame] ?? NOWHERE;
  }

  layoutOf({ frame }: Value): Layout {
    return this.layouts[frame] as Layout;
  }

  /** The value that a layer without effect hands on as this one. */
  #passedOn(value: Value): Value | undefined {
    const step = value.producer;
    return step?.layer.isIdentity(this.training) ? step.inputs[0] : undefined;
  }

  #floatsOf({ kernels }: Core, value: Value): number {
    return this.rowsOf(value).N * (value.width === 0 ? 1 : kernels.rowStride(value.width));
  }

  #extent(step: Step): Extent {
    const [first] = step.inputs;
    const widths = step.inputs.map(({ width }) => width);
    if (first === undefined) return { rows: NOWHERE, widths };
    const table = this.isLookedUp(first) ? first.producer?.layer.table : undefined;
    return { rows: this.rowsOf(first), widths, table, segmentRows: this.#segmentRows.get(step) };
  }

  /** Sizes for which there is room; leaves the rows of segments in place. */
  #plan(core: Core): Readonly<Record<string, number>> {
    const whole = this.#sizes(core);
    const bytes = plannedBytes(whole);
    if (!this.training || !this.graph.isRecurrent) return whole;
    const steps = this.graph.steps.map((step) => ({ step, extent: this.#extent(step) }));
    return withinMemory(this.#region, this.#most, (most) => {
      this.#segmentRows = bytes <= most ? new Map() : segmentRowsOf(core, steps, bytes, most);
      const sizes = this.#sizes(core);
      this.#region.ensure(plannedBytes(sizes));
      return sizes;
    });
  }

  #sizes(core: Core): Readonly<Record<string, number>> {
    const { graph, training } = this;
    const hasStates = this.#states !== undefined;
    const sizes: Record<string, number> = { staging: 0, scratch: 0 };
    for (const value of graph.values) {
      if (this.isLookedUp(value)) continue;
      if (this.#passedOn(value) === undefined) sizes[`v${value.index}`] = this.#floatsOf(core, value);
      if (training && value.needsGradient) sizes[`g${value.index}`] = this.#floatsOf(core, value);
      const isEdge = value.input >= 0 || graph.outputs.includes(value);
      const isStaged = isEdge && this.layoutOf(value).source === undefined;
      if (isStaged) sizes.staging = Math.max(sizes.staging ?? 0, stagingFloats(this.layoutOf(value), value.width));
    }
    for (const step of graph.steps) {
      const { index, layer, inputs } = step;
      const extent = this.#extent(step);
      sizes[`c${index}`] = layer.cacheFloats(core, extent, training);
      sizes.scratch = Math.max(sizes.scratch ?? 0, layer.scratchFloats(core, extent, training));
      if (!hasStates) sizes[`s${index}`] = layer.stateCount * extent.rows.B * core.kernels.rowStride(layer.stateSize);
      if (!training || !inputs.some(({ uses }) => uses > 1)) continue;
      sizes[`t${index}`] = inputs.reduce((floats, value) => floats + this.#floatsOf(core, value), 0);
    }
    for (const [i, { ragged, source }] of this.layouts.entries()) {
      sizes[`order${i}`] = sizes[`place${i}`] = ragged?.order.length ?? 0;
      sizes[`active${i}`] = ragged?.active.length ?? 0;
      sizes[`source${i}`] = source?.length ?? 0;
    }
    return { ...sizes, ...this.#extras };
  }

  /** Writes the index arrays of a frame. */
  #placeRows({ memory }: Core, layout: Layout, i: number): Rows {
    const { ragged, source } = layout;
    const put = (name: string, values: Int32Array | undefined): number => {
      if (values === undefined || values.length === 0) return 0;
      const address = this.at(`${name}${i}`);
      memory.i32(address, values.length).set(values);
      return address;
    };
    return {
      ...layout,
      source: put("source", source),
      order: put("order", ragged?.order),
      place: put("place", ragged?.place),
      active: put("active", ragged?.active),
    };
  }

  #stateBytes({ kernels }: Core, step: Step): number {
    return 4 * this.#extent(step).rows.B * kernels.rowStride(step.layer.stateSize);
  }

  /** `states`: where the step's own states begin. */
  #workOf(core: Core, step: Step, states: number): Work {
    const { layer, index } = step;
    const bytes = this.#stateBytes(core, step);
    const extent = this.#extent(step);
    const ids = extent.table === undefined ? undefined : step.inputs[0]?.producer?.inputs[0];
    return {
      ...extent,
      ids: ids && this.address(ids),
      inputs: step.inputs.map((value) => this.address(value)),
      outputs: step.outputs.map((value) => this.address(value)),
      states: Array.from({ length: layer.stateCount }, (_, i) => states + i * bytes),
      cache: this.at(`c${index}`),
      scratch: this.at("scratch"),
      training: this.training,
      key: NO_KEY,
      dOutputs: [],
      dInputs: [],
    };
  }
}
