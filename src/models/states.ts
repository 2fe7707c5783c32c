/** States of recurrent layers that outlive a run: of stateful layers from batch to batch, of others from piece to piece. */
import type { Core } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import { StateError } from "../errors.ts";
import { Recurrent } from "../layers/recurrent.ts";
import type { NamedTensors } from "../shape.ts";
import { TENSORS } from "./file.ts";
import type { Graph, Step } from "./graph.ts";
import type { Layout } from "./layout.ts";

/** One block: first the states of stateful layers, whose sizes the number of rows decides, then those of the others. */
export class States {
  readonly #region: Region;
  readonly #stateful: readonly (Step & { readonly layer: Recurrent })[];
  readonly #steps: readonly Step[];
  /** Rows of the batch that the states belong to; 0: none. */
  #rows = 0;

  constructor(graph: Graph, region: Region) {
    this.#region = region;
    this.#stateful = graph.steps.filter(isStateful);
    this.#steps = inOrder(graph);
  }

  /** Where the block begins. */
  get address(): number {
    return this.#region.ensure(0);
  }

  /** The next run starts from zeros, with any number of rows. */
  reset(): void {
    this.#rows = 0;
  }

  /**
   * Where the states for a batch of `rows` begin. Throws StateError when stateful layers meet another number of rows,
   * OutOfMemoryError; nothing has changed then.
   */
  place(core: Core, layouts: readonly Layout[], rows: number): number {
    if (this.#stateful.length > 0 && this.#rows > 0 && this.#rows !== rows) {
      throw new StateError(
        `Stateful layers hold the states of ${this.#rows} rows, got a batch of ${rows}: use batches of one size, or call resetStates().`,
      );
    }
    const kept = this.#rows === rows ? this.#keptFloats(core, rows) : 0;
    return this.#room(core, this.floats(core, layouts), kept);
  }

  /** Zeros for a first batch of `rows`, what was there for a further one. */
  keep({ memory }: Core, rows: number): void {
    if (this.#rows === rows) return;
    memory.f32(this.address, this.#region.bytes / 4).fill(0);
    this.#rows = rows;
  }

  /** Floats of the states of a batch. */
  floats(core: Core, layouts: readonly Layout[]): number {
    const sizes = this.#steps.map((step) => step.layer.stateCount * floatsOf(core, step, rowsOf(step, layouts)));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** What stateful layers hold, by the names of files, and for how many rows; none before their first batch. */
  read(core: Core): { readonly rows: number; readonly states: NamedTensors } {
    const rows = this.#stateful.length > 0 ? this.#rows : 0;
    const states: NamedTensors = {};
    if (rows === 0) return { rows, states };
    this.eachState(core, rows, (name, address, units) => {
      const data = new Float32Array(rows * units);
      const stride = core.kernels.rowStride(units);
      const from = core.memory.f32(address, rows * stride);
      for (let row = 0; row < rows; row++) data.set(from.subarray(row * stride, row * stride + units), row * units);
      states[name] = { data, shape: [rows, units] };
    });
    return { rows, states };
  }

  /** Room for the zeros that a first batch of `rows` starts from. Throws OutOfMemoryError; nothing has changed then. */
  begin(core: Core, rows: number): void {
    const floats = this.#keptFloats(core, rows);
    core.memory.f32(this.#room(core, floats, 0), floats).fill(0);
    this.#rows = rows;
  }

  /** Names as in files, and places, of what stateful layers hold for so many rows. */
  eachState(core: Core, rows: number, visit: (name: string, address: number, units: number) => void): void {
    let { address } = this;
    for (const step of this.#stateful) {
      for (const name of step.layer.stateNames) {
        visit(TENSORS.state(step.index, name), address, step.layer.units);
        address += 4 * floatsOf(core, step, rows);
      }
    }
  }

  #keptFloats(core: Core, rows: number): number {
    return this.#stateful.reduce((sum, step) => sum + step.layer.stateCount * floatsOf(core, step, rows), 0);
  }

  /** The block with room for `floats`, of which the first `kept` stay as they are. */
  #room({ memory }: Core, floats: number, kept: number): number {
    if (kept === 0 || 4 * floats <= this.#region.bytes) return this.#region.ensure(4 * floats);
    const before = memory.f32(this.address, kept).slice();
    const address = this.#region.ensure(4 * floats);
    memory.f32(address, kept).set(before);
    return address;
  }
}

/** Of one state. */
function floatsOf({ kernels }: Core, { layer }: Step, rows: number): number {
  return rows * kernels.rowStride(layer.stateSize);
}

function rowsOf({ inputs: [first] }: Step, layouts: readonly Layout[]): number {
  return first === undefined ? 0 : (layouts[first.frame]?.B ?? 0);
}

/** Steps in the order of their states. */
export function inOrder({ steps }: Graph): readonly Step[] {
  return [...steps.filter(isStateful), ...steps.filter((step) => !isStateful(step))];
}

/** Whether a step goes on from the batch before, and not from zeros or from what another layer gives. */
export function isStateful(step: Step): step is Step & { readonly layer: Recurrent } {
  return step.layer instanceof Recurrent && step.layer.stateful && step.inputs.length === 1;
}
