/** What users give `fit`, `evaluate` and `predict`, checked once against the model's inputs and outputs. */
import { OptionError, ShapeError } from "../errors.ts";
import { describe, finiteNumber, refuse } from "../options.ts";
import { formatShape, isArray, readTensor, sameShape, type Tensor, type TensorLike, toLengths } from "../shape.ts";
import { ArrayData } from "./data.ts";
import type { Objective } from "./objective.ts";
import type { Port, Trainable } from "./trainable.ts";

/** One array, or one for each input (output) of a model that has several. */
export type Arrays = TensorLike | readonly TensorLike[];

/** What may stand beside x and y. */
export interface DataOptions {
  /** Steps of each row: the others are padding that nothing computes or counts; for several inputs an array of arrays. */
  readonly lengths?: Lengths | undefined;
  /** Weight of each row [rows], or of each step [rows, steps]: losses and metrics are multiplied by it. */
  readonly sampleWeight?: TensorLike | undefined;
  /** Weight of the rows of each class, by class number, for a model with one output. */
  readonly classWeight?: Readonly<Record<number, number>> | undefined;
}

export type Lengths = readonly number[] | Int32Array | readonly (readonly number[] | Int32Array | undefined)[];

/** The inputs as tensors. Throws ShapeError that names the input and both shapes. */
export function readInputs(owner: string, ports: readonly Port[], x: Arrays): readonly Tensor[] {
  const list = listOf(owner, "inputs", ports.length, x);
  const tensors = list.map((value, i) => {
    const tensor = readTensor(owner, nameOf(ports, i, "the input"), value);
    requireFit(owner, nameOf(ports, i, "the input"), ports[i]?.shape ?? [], tensor.shape);
    return tensor;
  });
  requireRows(owner, tensors);
  return tensors;
}

/** Inputs, targets, lengths and weights as data. Throws ShapeError and OptionError; nothing is copied. */
export function readData(
  owner: string,
  model: Pick<Trainable, "inputPorts" | "outputPorts">,
  objective: Objective,
  x: Arrays,
  y: Arrays,
  options: DataOptions,
): ArrayData {
  const inputs = readInputs(owner, model.inputPorts, x);
  const list = listOf(owner, "targets", model.outputPorts.length, y);
  const targets = list.map((value, i) => readTarget(owner, model.outputPorts, objective, i, value));
  requireRows(owner, [...inputs, ...targets.filter((target) => target !== undefined)]);
  const lengths = readLengths(owner, model.inputPorts, inputs, options.lengths);
  const weights = targets.map((target, i) => {
    const steps = stepsOf(model.outputPorts[i], target);
    return target && readWeights(owner, objective, i, target, steps, options);
  });
  return new ArrayData({ inputs, lengths, targets, weights });
}

/** For each input the steps of each row. Throws OptionError for lengths outside 1 to the steps there are. */
export function readLengths(
  owner: string,
  ports: readonly Port[],
  inputs: readonly Tensor[],
  lengths: Lengths | undefined,
): readonly (Int32Array | undefined)[] {
  if (lengths === undefined) return inputs.map(() => undefined);
  if (!isArray(lengths)) {
    refuse(owner, "lengths", "an array of one length a row", lengths);
  }
  const isNested = Array.isArray(lengths) && lengths.some((part) => part === undefined || typeof part === "object");
  const parts = (isNested ? lengths : [lengths]) as readonly (ArrayLike<number> | undefined)[];
  if (parts.length !== inputs.length) {
    throw new ShapeError(`${owner} needs lengths for each of the ${inputs.length} inputs, got ${parts.length}.`);
  }
  return parts.map((part, i) => {
    const { shape = [], dtype = "float32" } = ports[i] ?? {};
    if (part === undefined) return undefined;
    if (!isArray(part)) {
      refuse(owner, `lengths[${i}]`, "an array of one length a row, or undefined", part);
    }
    const [rows = 0, steps = 0] = inputs[i]?.shape ?? [];
    if (shape.length === (dtype === "int32" ? 2 : 3)) return toLengths(owner, part, rows, steps);
    throw new OptionError(`${owner} takes lengths for inputs [rows, steps, features], not for ${formatShape(shape)}.`);
  });
}

function readTarget(
  owner: string,
  ports: readonly Port[],
  objective: Objective,
  i: number,
  value: TensorLike,
): Tensor | undefined {
  const loss = objective.aims[i]?.loss;
  if (loss === undefined) return undefined;
  const what = nameOf(ports, i, "the target");
  const tensor = readTensor(owner, what, value);
  const shape = ports[i]?.shape ?? [];
  const leading = shape.slice(0, -1);
  // A last axis of one may be left out, and added to labels.
  if (loss.targets === "labels") {
    const isColumn = tensor.shape.length === shape.length && tensor.shape.at(-1) === 1;
    const labels = isColumn ? { ...tensor, shape: tensor.shape.slice(0, -1) } : tensor;
    requireFit(owner, `${what} of ${loss.name} (class numbers)`, leading, labels.shape);
    return labels;
  }
  const isFlat = tensor.shape.length === leading.length && shape.at(-1) === 1;
  const values = isFlat ? { ...tensor, shape: [...tensor.shape, 1] } : tensor;
  requireFit(owner, `${what} of ${loss.name}`, shape, values.shape);
  return values;
}

/** Rows of an output's array for each row of the batch. */
function stepsOf(port: Port | undefined, target: Tensor | undefined): number {
  const axes = (port?.shape.length ?? 2) - 1;
  return (target?.shape ?? []).slice(1, axes).reduce((product, n) => product * n, 1);
}

/** One weight for each row of the output's array. */
function readWeights(
  owner: string,
  objective: Objective,
  output: number,
  target: Tensor,
  steps: number,
  { sampleWeight, classWeight }: DataOptions,
): Float32Array | undefined {
  if (sampleWeight === undefined && classWeight === undefined) return undefined;
  const rows = target.shape[0] ?? 0;
  const weights = new Float32Array(rows * steps).fill(1);
  if (sampleWeight !== undefined) {
    const given = readTensor(owner, "sampleWeight", sampleWeight);
    const isPerStep = given.data.length === rows * steps && given.shape[0] === rows;
    if (!isPerStep && !sameShape(given.shape, [rows])) {
      const per = steps > 1 ? ` or [${rows}, ${steps}]` : "";
      throw new ShapeError(`${owner} expects sampleWeight [${rows}]${per}, got ${formatShape(given.shape)}.`);
    }
    for (let i = 0; i < weights.length; i++) weights[i] = given.data[isPerStep ? i : Math.floor(i / steps)] ?? 0;
    const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
    if (bad >= 0) refuse(owner, "sampleWeight", "finite numbers of at least 0", weights[bad]);
  }
  if (classWeight === undefined) return weights;
  if (objective.aims.length > 1) throw new OptionError(`${owner} takes classWeight for models with one output only.`);
  const byClass = readClassWeight(owner, classWeight);
  const width = objective.aims[output]?.loss.targets === "labels" ? 0 : target.data.length / weights.length;
  for (let i = 0; i < weights.length; i++)
    weights[i] = (weights[i] ?? 0) * (byClass.get(classAt(target, i, width)) ?? 1);
  return weights;
}

function readClassWeight(owner: string, classWeight: unknown): Map<number, number> {
  if (typeof classWeight !== "object" || classWeight === null) {
    refuse(owner, "classWeight", "weights by class number, as in { 0: 1, 1: 5 }", classWeight);
  }
  return new Map(
    Object.entries(classWeight).map(([name, value]) => {
      if (!/^\d+$/.test(name)) refuse(owner, "classWeight", "weights by class number, as in { 0: 1, 1: 5 }", name);
      return [Number(name), finiteNumber(owner, `classWeight[${name}]`, value, { min: 0 })] as const;
    }),
  );
}

/** The class of row i: a label, the largest of several values, or one value rounded. */
function classAt({ data }: Tensor, i: number, width: number): number {
  if (width === 0) return data[i] ?? 0;
  if (width === 1) return Math.round(data[i] ?? 0);
  let best = 0;
  for (let f = 1; f < width; f++) if ((data[i * width + f] ?? 0) > (data[i * width + best] ?? 0)) best = f;
  return best;
}

function listOf(owner: string, what: string, count: number, value: Arrays): readonly TensorLike[] {
  if (value === undefined || value === null) {
    throw new ShapeError(`${owner} needs ${what}, got ${describe(value)}.`);
  }
  if (count === 1) return [value as TensorLike];
  if (Array.isArray(value) && value.length === count) return value as readonly TensorLike[];
  const got = Array.isArray(value) ? `an array of ${value.length}` : describe(value);
  throw new ShapeError(`${owner} expects an array of ${count} ${what}, got ${got}.`);
}

function requireFit(owner: string, what: string, expected: Port["shape"], shape: readonly number[]): void {
  const fits = shape.length === expected.length && shape.every((n, axis) => n > 0 && (expected[axis] ?? n) === n);
  if (fits) return;
  const names = expected.map((n, axis) => n ?? (axis === 0 ? "rows" : "steps"));
  throw new ShapeError(`${owner} expects ${what} of shape ${formatShape(names)}, got ${formatShape(shape)}.`);
}

function requireRows(owner: string, tensors: readonly Tensor[]): void {
  const counts = tensors.map(({ shape }) => shape[0] ?? 0);
  if (counts.every((count) => count === counts[0])) return;
  throw new ShapeError(`${owner} expects arrays with one number of rows, got ${counts.join(", ")}.`);
}

function nameOf(ports: readonly Port[], i: number, alone: string): string {
  return ports.length === 1 ? alone : `${alone} "${ports[i]?.name}"`;
}
