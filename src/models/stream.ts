/** Streams: one step after the other through the weights of a model, the states kept between them. */
import type { Core } from "../core/context.ts";
import { View } from "../core/memory.ts";
import { OptionError, ShapeError, StateError, UnsupportedError } from "../errors.ts";
import { readState, stateBytes, writeState } from "../io/stream-state.ts";
import { Owner } from "../layers/owner.ts";
import { Recurrent } from "../layers/recurrent.ts";
import { describe, knownOptions, positiveInteger } from "../options.ts";
import { Execution } from "./execution.ts";
import type { Graph, Value } from "./graph.ts";
import { type Layout, layoutsOf } from "./layout.ts";
import type { Placement } from "./placement.ts";
import { States } from "./states.ts";

/** Options of `stream`. */
export interface StreamOptions {
  /** Streams that go one step together, by default 1. */
  readonly rows?: number | undefined;
}

/** The model that a stream belongs to. */
export interface Streamed extends Owner {
  readonly graph: Graph;
}

/**
 * Independent streams over one model. States are the stream's own, weights the model's.
 *
 * ```ts
 * const stream = model.stream();
 * const next = stream.step(features); // features [F]; the same Float32Array at every call
 * ```
 */
export class Stream extends Owner {
  readonly kind: string = "Stream";
  /** Streams in one step. */
  readonly rows: number;
  readonly #model: Streamed;
  readonly #states: States;
  /** The input, once for each way of masking it. */
  readonly #inputs: readonly Value[];
  readonly #output: Value;
  readonly #x: readonly (View<Float32Array> | View<Int32Array>)[];
  readonly #width: number;
  readonly #y: View<Float32Array>;
  readonly #result: Float32Array;
  readonly #inputRow: number;
  readonly #outputRow: number;
  /** Ids are 0 to #ids - 1; 0: the input is numbers. */
  readonly #ids: number;
  /** A step of nothing but one of these is no data. */
  readonly #maskValues: readonly number[];
  readonly #run: readonly (() => void)[];
  readonly #stateFloats: number;
  readonly #stateAddress: number;

  /** @internal */
  constructor(model: Streamed, core: Core, rows: number) {
    super();
    this.rows = rows;
    this.#model = model;
    const { graph } = model;
    requireStreamable(model.label, graph);
    this.#states = new States(graph, this.own());
    const execution = new Execution(graph, this.own(), this.#states);
    const [symbol] = graph.inputs;
    const isSequence = symbol?.frame.depth === 1;
    const shape = (symbol?.shape ?? []).map((size, axis) =>
      axis === 0 ? rows : axis === 1 && isSequence ? 1 : (size ?? 1),
    );
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    // Steps that a mask leaves out are refused, so all rows run.
    const layouts = layoutsOf(model.label, graph, { inputs: [{ data, shape }], lengths: [undefined] });
    const dense = layouts.map((layout) => ({ ...layout, N: rows, longest: 1, ragged: undefined, source: undefined }));
    const placement = this.#begin(core, execution, dense);
    this.#stateFloats = this.#states.floats(core, dense);
    this.#stateAddress = this.#states.address;
    this.#inputs = graph.values.filter(({ input }) => input === 0);
    this.#width = this.#inputs[0]?.width ?? 0;
    this.#output = graph.outputs[0] as Value;
    this.#ids = vocabularyOf(graph);
    const masks = this.#inputs.map(({ frame }) => graph.frames[frame]?.mask).filter((mask) => mask !== undefined);
    this.#maskValues = masks.map((mask) => (mask.kind === "value" ? Math.fround(mask.value) : 0));
    this.#inputRow = this.#ids > 0 ? 1 : core.kernels.rowStride(this.#width);
    this.#outputRow = core.kernels.rowStride(this.#output.width);
    const { memory } = core;
    const to = placement.address(this.#output);
    this.#x = this.#inputs.map((value) => {
      const from = placement.address(value);
      return this.#ids > 0
        ? new View(() => memory.i32(from, rows))
        : new View(() => memory.f32(from, rows * this.#inputRow));
    });
    this.#y = new View(() => memory.f32(to, rows * this.#outputRow));
    this.#result = new Float32Array(rows * this.#output.width);
    this.#run = graph.steps
      .filter(({ layer }) => !layer.isIdentity(false))
      .map(({ layer, index }) => layer.stepper(core, placement.works[index] as (typeof placement.works)[number]));
  }

  /** Frees what it has when there is no room for the rest. */
  #begin(core: Core, execution: Execution, layouts: readonly Layout[]): Placement {
    try {
      return execution.begin(core, layouts, false);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get label(): string {
    return `A stream of ${this.#model.label}`;
  }

  /** Length of `state`. */
  get stateBytes(): number {
    return stateBytes(this.#stateFloats);
  }

  /**
   * One step: x is [F] (rows: [rows, F]), or a token id (rows: ids); the output goes to `out`, or to one array that is
   * reused by every call. Throws ShapeError, OptionError for an id that is no row or a step that the model masks; no
   * state has changed then.
   */
  step(x: ArrayLike<number> | number, out: Float32Array = this.#result): Float32Array {
    this.#requireUsable();
    if (out.length !== this.#result.length) {
      throw new ShapeError(`${this.label} writes ${this.#result.length} numbers, got room for ${out.length}.`);
    }
    if (this.#ids > 0) this.#writeIds(x);
    else this.#writeRows(x);
    for (let i = 0; i < this.#run.length; i++) this.#run[i]?.();
    const { data } = this.#y;
    const F = this.#output.width;
    const row = this.#outputRow;
    for (let b = 0; b < this.rows; b++) for (let f = 0; f < F; f++) out[b * F + f] = data[b * row + f] ?? 0;
    return out;
  }

  /**
   * All states as bytes, to be kept or sent elsewhere: a copy. Setting throws FormatError for bytes that are not the state
   * of as many streams over a model of this shape.
   */
  get state(): Uint8Array {
    const { memory } = this.#requireUsable();
    return writeState(this.rows, memory.u8(this.#stateAddress, 4 * this.#stateFloats));
  }

  set state(bytes: Uint8Array) {
    const { memory } = this.#requireUsable();
    const data = readState(this.label, bytes, this.rows, this.#stateFloats);
    memory.u8(this.#stateAddress, data.length).set(data);
  }

  /** Starts again from zeros. */
  reset(): void {
    this.#requireUsable().memory.f32(this.#stateAddress, this.#stateFloats).fill(0);
  }

  #requireUsable(): Core {
    if (this.#model.isDisposed) throw new StateError(`${this.#model.label} was disposed: its streams have ended.`);
    return this.requireUsable();
  }

  #writeRows(x: ArrayLike<number> | number): void {
    const F = this.#width;
    const row = this.#inputRow;
    const isAlone = typeof x === "number";
    if ((isAlone ? 1 : x.length) !== this.rows * F) {
      const wanted = this.rows === 1 ? `${F} features` : `${this.rows} rows of ${F} features`;
      throw new ShapeError(
        `${this.label} takes ${wanted} a step, got ${isAlone ? describe(x) : `${x.length} numbers`}.`,
      );
    }
    for (let i = 0; i < this.#x.length; i++) {
      const to = (this.#x[i] as View<Float32Array>).data;
      if (isAlone) to[0] = x;
      else if (x instanceof Float32Array) copyFloats(to, row, x, this.rows, F);
      else copyNumbers(to, row, x, this.rows, F);
      for (let n = 0; n < this.#maskValues.length; n++) this.#refuseMasked(to, this.#maskValues[n] ?? 0);
    }
  }

  #writeIds(x: ArrayLike<number> | number): void {
    const isAlone = typeof x === "number";
    if ((isAlone ? 1 : x.length) !== this.rows) {
      throw new ShapeError(`${this.label} takes ${this.rows} token ids a step, got ${isAlone ? 1 : x.length}.`);
    }
    for (let b = 0; b < this.rows; b++) {
      const id = isAlone ? x : (x[b] ?? 0);
      if (!Number.isInteger(id) || id < 0 || id >= this.#ids) {
        throw new OptionError(`${this.label} takes token ids from 0 to ${this.#ids - 1}, got ${describe(id)}.`);
      }
      if (id === 0 && this.#maskValues.length > 0) this.#refuse();
    }
    for (let i = 0; i < this.#x.length; i++) {
      const to = (this.#x[i] as View<Int32Array>).data;
      for (let b = 0; b < this.rows; b++) to[b] = isAlone ? x : (x[b] ?? 0);
    }
  }

  /** Throws OptionError for a row whose features all equal `value`. */
  #refuseMasked(rows: Float32Array, value: number): void {
    const F = this.#width;
    for (let b = 0; b < this.rows; b++) {
      let masked = 0;
      for (let f = 0; f < F; f++) masked += rows[b * this.#inputRow + f] === value ? 1 : 0;
      if (masked === F) this.#refuse();
    }
  }

  #refuse(): never {
    throw new OptionError(`${this.label} was given a step that the model masks: leave it out.`);
  }
}

/** Rows of F features to rows that are `row` floats apart. */
function copyFloats(to: Float32Array, row: number, x: Float32Array, rows: number, F: number): void {
  for (let b = 0; b < rows; b++) for (let f = 0; f < F; f++) to[b * row + f] = x[b * F + f] ?? 0;
}

/** The same for numbers of every other kind: engines allocate each number that they read from a list of many kinds. */
function copyNumbers(to: Float32Array, row: number, x: ArrayLike<number>, rows: number, F: number): void {
  for (let b = 0; b < rows; b++) for (let f = 0; f < F; f++) to[b * row + f] = x[b * F + f] ?? 0;
}

/** A stream over a model that is ready. */
export function streamOf(model: Streamed, options: StreamOptions): Stream {
  knownOptions(`${model.label}.stream`, options, ["rows"]);
  const rows = positiveInteger(`${model.label}.stream`, "rows", options.rows ?? 1);
  return new Stream(model, model.requireUsable(), rows);
}

function requireStreamable(label: string, { inputs, outputs, frames, steps }: Graph): void {
  const refuse = (what: string): never => {
    throw new UnsupportedError(`${label} cannot be streamed: ${what}.`);
  };
  if (inputs.length > 1) refuse(`it has ${inputs.length} inputs, and a step takes one`);
  if (outputs.length > 1) refuse("it has several outputs: make a Model with the one you want over the same layers");
  if (frames.some(({ depth }) => depth > 1)) refuse("its input has steps inside of steps");
  for (const { layer, inputs: values } of steps) {
    if (!(layer instanceof Recurrent)) continue;
    if (layer.goBackwards) refuse(`${layer.label} starts at the last step`);
    if (values.length > 1) refuse(`${layer.label} has an initial state from another layer`);
  }
}

/** Rows of the smallest table that looks up the input; 0 for numbers. */
function vocabularyOf({ steps }: Graph): number {
  const readers = steps.filter(({ inputs }) => inputs[0]?.width === 0);
  const sizes = readers.map(({ layer }) => layer.vocabulary).filter((size) => size > 0);
  return sizes.length === 0 ? 0 : Math.min(...sizes);
}
