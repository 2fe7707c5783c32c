/** Weights, and what training needs to go on, from the tensors of a file. */
import type { Core } from "../core/context.ts";
import { FormatError } from "../errors.ts";
import { toFloat32, toFloat64 } from "../io/decode.ts";
import type { Safetensors } from "../io/safetensors.ts";
import { restoreState } from "../optimizers/restore.ts";
import { describe } from "../options.ts";
import { formatShape, type NamedTensors, sameShape } from "../shape.ts";
import type { BaseModel } from "./base-model.ts";
import { METADATA, type SavedOptimizer, type SavedTraining, TENSORS } from "./file.ts";
import type { States } from "./states.ts";

type Shapes = ReadonlyMap<string, readonly number[]>;

/** For each weight the tensor that `rename` calls; throws FormatError for one that is missing or of another shape. */
export function tensorsOf(shapes: Shapes, { tensors }: Safetensors, rename: (weight: string) => string): NamedTensors {
  return Object.fromEntries(
    [...shapes].map(([weight, shape]) => {
      const name = rename(weight);
      const stored = tensors.get(name);
      const needs = `The file needs the tensor ${describe(name)} ${formatShape(shape)}`;
      if (stored === undefined) throw new FormatError(`${needs}, got none.`);
      if (!sameShape(stored.shape, shape)) throw new FormatError(`${needs}, got ${formatShape(stored.shape)}.`);
      return [weight, { data: toFloat32(stored), shape }];
    }),
  );
}

/**
 * Puts a compiled model where training stood: progress, sums of the epoch, gradients that wait for an update, states of
 * stateful layers, the optimizer. Throws FormatError, OutOfMemoryError.
 */
export function restoreTraining(model: BaseModel<unknown>, saved: SavedTraining, file: Safetensors): void {
  const { progress, rows, optimizer } = saved;
  const sums = sumsOf(model, progress.sums, file);
  const shapes = model.weightShapes();
  const gradients = progress.waiting > 0 ? tensorsOf(shapes, file, TENSORS.gradient) : undefined;
  const states = rows > 0 ? statesOf(model, rows, file) : undefined;
  if (optimizer !== null) restoreOptimizer(model, optimizer, shapes, file);
  const { parameters, runner } = model.ready();
  if (gradients !== undefined) {
    parameters.write(parameters.block?.gradients ?? 0, gradients);
    for (const layer of model.graph.weighted) layer.markGradients();
  }
  if (states !== undefined) writeStates(model.requireUsable(), runner.states, rows, states);
  Object.assign(model.progress, { ...progress, sums });
}

/** Sums of the epoch under way, as many as losses and metrics have. */
function sumsOf(
  { compiled: { objective } }: BaseModel<unknown>,
  lengths: readonly number[],
  { tensors }: Safetensors,
): readonly (readonly number[])[] {
  const stored = tensors.get(TENSORS.sums);
  const values = stored === undefined ? new Float64Array() : toFloat64(stored);
  const path = `${METADATA}.training.progress.sums`;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== values.length) {
    throw new FormatError(`${path} tells of ${total} numbers, but the tensor ${TENSORS.sums} has ${values.length}.`);
  }
  if (lengths.length === 0) return [];
  // Metrics that take their size from the first batch have none yet.
  const expected = objective.state.map(({ length }) => length);
  if (lengths.length !== expected.length || lengths.some((n, i) => expected[i] !== 0 && expected[i] !== n)) {
    throw new FormatError(`${path} must be the lengths ${formatShape(expected)} of these losses and metrics.`);
  }
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return [...values.subarray(end - length, end)];
  });
}

function statesOf(model: BaseModel<unknown>, rows: number, file: Safetensors): NamedTensors {
  const shapes = new Map<string, readonly number[]>();
  const { states } = model.ready().runner;
  states.eachState(model.requireUsable(), rows, (name, _, units) => shapes.set(name, [rows, units]));
  if (shapes.size === 0) throw new FormatError(`${METADATA}.training.rows must be 0, since no layer is stateful.`);
  return tensorsOf(shapes, file, (name) => name);
}

/** Sets what `States.read` gave. Throws OutOfMemoryError; nothing has changed then. */
function writeStates(core: Core, states: States, rows: number, tensors: NamedTensors): void {
  states.begin(core, rows);
  states.eachState(core, rows, (name, address, units) => {
    const stride = core.kernels.rowStride(units);
    const to = core.memory.f32(address, rows * stride);
    const data = tensors[name]?.data ?? [];
    for (let row = 0; row < rows; row++) to.set(data.slice(row * units, (row + 1) * units), row * stride);
  });
}

function restoreOptimizer(model: BaseModel<unknown>, saved: SavedOptimizer, shapes: Shapes, file: Safetensors): void {
  const { iterations, powers, moments } = saved;
  const values = moments.map((moment) => tensorsOf(shapes, file, (weight) => TENSORS.moment(moment, weight)));
  const places = restoreState(model.optimizer, model, { iterations, powers });
  const names = places.map(({ name }) => name);
  if (`${names}` !== `${moments}`) {
    throw new FormatError(`${METADATA}.training.optimizer.moments must be ${names.join(", ") || "empty"}.`);
  }
  const { parameters } = model.ready();
  for (const [i, { address }] of places.entries()) parameters.write(address, values[i] ?? {});
}
