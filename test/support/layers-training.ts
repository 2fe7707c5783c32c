import { type Core, requireCore, setCore } from "../../src/core/context.ts";
import type { Layer, LSTM } from "../../src/index.ts";
import { Dense, type Tensor } from "../../src/index.ts";
import { f32 } from "./layers.ts";

/** Sets a layer's gradients through its own backward call: for weights [1, n] the row x of a forward call is dweight. */
export function denseVector(length: number): {
  readonly layer: Dense;
  readonly setGradient: (g: ArrayLike<number>) => void;
} {
  const layer = new Dense({ units: 1, inputSize: length, useBias: false });
  const setGradient = (g: ArrayLike<number>) => {
    layer.forward(f32(g, 1, length), { training: true });
    layer.backward([[1]]);
  };
  return { layer, setGradient };
}

/** Forward in training and back with a gradient of ones, whatever the layer. */
export function accumulate(layer: Dense | LSTM, x: Tensor): void {
  if (layer instanceof Dense) {
    const { shape, data } = layer.forward(x, { training: true });
    layer.backward(f32(data.map(() => 1), ...shape)); // biome-ignore format: short
    return;
  }
  const { data, shape } = layer.forward(x, { training: true }).output;
  layer.backward({ output: f32(data.map(() => 1), ...shape) }); // biome-ignore format: short
}

/** Which floats of a layer's parameter block hold no weight: those that weights of ones leave zero. */
export function padsOf(layer: Layer): readonly number[] {
  const { parameters, floats } = requireBlock(layer);
  const before = layer.getWeights();
  const ones = Object.entries(before).map(
    ([name, { data, shape }]) =>
      [
        name,
        f32(
          data.map(() => 1),
          ...shape,
        ),
      ] as const,
  );
  layer.setWeights(Object.fromEntries(ones));
  const block = requireCore().memory.f32(parameters, floats);
  const pads = Array.from(block.keys()).filter((n) => block[n] === 0);
  layer.setWeights(before);
  return pads;
}

/** Bits of the floats `from + 4 index` of the core's memory. */
export function wordsAt(from: number, indices: readonly number[]): readonly number[] {
  const { memory } = requireCore();
  return indices.map((index) => memory.i32(from + 4 * index, 1)[0] ?? Number.NaN);
}

export function requireBlock(layer: Layer): {
  readonly parameters: number;
  readonly gradients: number;
  readonly floats: number;
} {
  if (layer.block === undefined) throw new RangeError(`${layer.label} has no block yet.`);
  return layer.block;
}

/** Which arguments of the optimizer kernels are moments, 0 for one that is not there. */
const MOMENTS = {
  adadelta: [1, 2],
  adam: [1, 2, 3],
  adamax: [1, 2],
  lion: [1],
  rmsprop: [1, 2, 3],
  sgdMomentum: [1],
} as const;

export interface Update {
  readonly kernel: string;
  /** Addresses of the block's moments. */
  readonly moments: readonly number[];
}

/** Calls of the optimizer kernels from now on; `restore` ends it. */
export function spyOnUpdates(): { readonly updates: readonly Update[]; readonly restore: () => void } {
  const core: Core = requireCore();
  const updates: Update[] = [];
  const spies = Object.entries(MOMENTS).map(([kernel, positions]) => {
    const original = core.kernels[kernel as keyof typeof MOMENTS] as (...args: readonly number[]) => void;
    const spy = (...args: readonly number[]) => {
      updates.push({ kernel, moments: positions.map((n) => args[n] ?? 0).filter((address) => address !== 0) });
      original(...args);
    };
    return [kernel, spy] as const;
  });
  setCore({ ...core, kernels: { ...core.kernels, ...Object.fromEntries(spies) } });
  return { updates, restore: () => setCore(core) };
}
