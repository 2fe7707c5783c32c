/** Models under test: gradients before an update, losses with known gradients, inputs whose gradients can be read. */
import { expect } from "vitest";
import {
  Embedding,
  input,
  type LossFunction,
  type Model,
  type NamedTensors,
  Random,
  type Sequential,
  type SymbolicTensor,
} from "../../src/index.ts";
import { type Arrays, type DataOptions, readData } from "../../src/training/read.ts";
import { at } from "../reference/elements.ts";
import { type TwinArray, type TwinFeed, type TwinWeights, twinOutputs, twinWeights } from "./graph-twin.ts";
import { expectClose, f32, type Tolerance } from "./layers.ts";

/** Float32 through a few layers against float64. */
export const CLOSE: Tolerance = { absolute: 2e-6, relative: 2e-5 };

/** The sum of prediction * target: its gradient is the target, as in the goldens' losses. */
export const weightedSum: LossFunction = (prediction, target) => {
  const value = prediction.data.reduce((sum, y, n) => sum + y * at(target.data, n), 0);
  return { value, gradient: target };
};

/** Loss and gradients of one batch, which no update follows. */
export function backpropagate(
  model: Model | Sequential,
  x: Arrays,
  y: Arrays,
  options: DataOptions = {},
): { readonly loss: number; readonly gradients: NamedTensors } {
  const { objective } = model.compiled;
  const data = readData("test", model, objective, x, y, options);
  model.ready();
  model.zeroGradients();
  const run = { training: true, carry: false, scale: 1 };
  const { loss } = model.runBatch(data.batch(0, data.rows), objective, run);
  objective.reset();
  const gradients = model.getGradients();
  model.zeroGradients();
  return { loss, gradients };
}

/** An input whose gradient is that of a table: token ids look up its rows, [B, T] of them or [B]. */
export function tableInput(
  name: string,
  values: ArrayLike<number>,
  shape: readonly number[],
): {
  readonly input: SymbolicTensor;
  readonly value: SymbolicTensor;
  readonly ids: { data: Int32Array; shape: number[] };
  readonly table: Embedding;
} {
  const F = shape.at(-1) ?? 1;
  const rows = values.length / F;
  const table = new Embedding({ inputDim: rows, outputDim: F, name });
  table.setWeights({ weight: f32(values, rows, F) });
  const leading = shape.slice(0, -1);
  const symbol = input({ shape: leading.slice(1), dtype: "int32", name: `${name}_ids` });
  return {
    input: symbol,
    value: table.apply(symbol),
    ids: { data: Int32Array.from({ length: rows }, (_, n) => n), shape: leading },
    table,
  };
}

/** Random weights for a whole model. */
export function drawWeights(random: Random, model: Model | Sequential, size = 0.6): void {
  const drawn = Object.entries(model.getWeights()).map(([name, { data, shape }]) => {
    return [
      name,
      f32(
        data.map(() => random.uniform(-size, size)),
        ...shape,
      ),
    ] as const;
  });
  model.setWeights(Object.fromEntries(drawn));
}

/** Elements of an output at the steps of data, with `elsewhere` at the others. */
export function unmasked({ data, shape, mask }: TwinArray, values: ArrayLike<number>, elsewhere = 0): Float64Array {
  const F = shape.at(-1) ?? 1;
  return Float64Array.from(data, (_, n) =>
    mask === undefined || mask[Math.floor(n / F)] === 1 ? at(values, n) : elsewhere,
  );
}

/** Fails unless predictions, and the gradients of sum(outputs * targets), are those of the float64 twin. */
export function expectTwin(
  model: Model | Sequential,
  feed: TwinFeed,
  targets: readonly TwinArray[],
  what: string,
): void {
  const toArrays = (list: readonly TwinArray[]): Arrays => {
    const tensors = list.map(({ data, shape }) => f32(data, ...shape));
    return tensors.length === 1 ? (tensors[0] as Arrays) : tensors;
  };
  const x = toArrays(feed.inputs);
  const lengths = feed.lengths === undefined ? {} : { lengths: feed.lengths };
  const predicted = model.predict(x, lengths) as unknown;
  const list = (Array.isArray(predicted) ? predicted : [predicted]) as readonly {
    data: Float32Array;
    shape: readonly number[];
  }[];
  const weights = twinWeights(model);
  const outputs = twinOutputs(model, weights, feed);
  for (const [i, output] of outputs.entries()) {
    expect(list[i]?.shape, `${what}: shape of output ${i}`).toEqual(output.shape);
    const actual = unmasked(output, list[i]?.data ?? []);
    expectClose(actual, unmasked(output, output.data), `${what}: output ${i}`, CLOSE);
  }
  const { loss, gradients } = backpropagate(model, x, toArrays(targets), lengths);
  const lossOf = (by: TwinWeights) => {
    const values = twinOutputs(model, by, feed);
    return values.reduce((sum, output, i) => {
      const target = targets[i] as TwinArray;
      return sum + unmasked(output, output.data).reduce((partial, y, n) => partial + y * at(target.data, n), 0);
    }, 0);
  };
  expectClose([loss], [lossOf(weights)], `${what}: loss`, { absolute: 2e-5, relative: 2e-5 });
  for (const [name, values] of Object.entries(weights)) {
    const gradient = gradients[name]?.data ?? [];
    for (const seed of [1, 2]) {
      const random = new Random(seed);
      const direction = values.map(() => random.uniform(-1, 1));
      const slopes = direction.map((d, n) => d * at(gradient, n));
      const size = slopes.reduce((sum, slope) => sum + Math.abs(slope), 0);
      const expected = slopeAlong(() => lossOf(weights), values, direction);
      expectClose([slopes.reduce((sum, slope) => sum + slope, 0)], [expected], `${what}: slope of ${name}`, {
        absolute: 4e-6 * (1 + size),
        relative: 0,
      });
    }
  }
}

/** Central difference of `value` as `variable` moves along `direction`; restored afterwards. */
function slopeAlong(value: () => number, variable: Float64Array, direction: Float64Array): number {
  const original = variable.slice();
  const width = 1e-5;
  variable.set(original.map((w, n) => w + width * at(direction, n)));
  const above = value();
  variable.set(original.map((w, n) => w - width * at(direction, n)));
  const below = value();
  variable.set(original);
  return (above - below) / (2 * width);
}
