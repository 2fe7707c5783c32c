import { expect } from "vitest";
import { hasRelaxedSimd, relaxedFuses } from "../../src/core/features.ts";
import {
  type CoreInfo,
  type InitOptions,
  init,
  type Layer,
  type NamedTensors,
  type Random,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { at } from "../reference/elements.ts";

const forced = process.env.GATEFOLD_VARIANT || undefined;

/** Suites of the strict promise are skipped when GATEFOLD_VARIANT forces the binary that does not make it. */
export const mayBeStrict: boolean = forced !== "relaxed";

/** Cases of a property test; fewer where every call also checks assertions. */
export const RANDOM_SHAPES: number = forced === "debug" ? 50 : 200;

/** Loads the core. The first assertion of every suite: the variant that runs is the one asked for. */
export async function loadCore(options: InitOptions = {}): Promise<CoreInfo> {
  const info = await init(options);
  const chosen = options.numerics !== "strict" && hasRelaxedSimd() && relaxedFuses() ? "relaxed" : "simd";
  expect(info.variant).toBe(forced ?? chosen);
  return info;
}

/** Numbers from U[-1, 1) in float32, one in eight of them 0, so that products meet zeros of both signs. */
export function randomTensor(random: Random, ...shape: number[]): Tensor<Float32Array> {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let n = 0; n < data.length; n++) data[n] = random.integer(8) === 0 ? 0 : random.uniform(-1, 1);
  return tensor(data, shape);
}

/** Random numbers for all weights of a layer; smaller ones than those of an input, as trained weights are. */
export function randomWeights(random: Random, layer: Layer): NamedTensors {
  const entries = Object.entries(layer.getWeights()).map(([name, { shape }]) => {
    const { data } = randomTensor(random, ...shape);
    const halves = data.map((value) => value / 2);
    return [name, tensor(halves, [...shape])] as const;
  });
  return Object.fromEntries(entries);
}

export const f32 = (values: ArrayLike<number>, ...shape: number[]): Tensor<Float32Array> =>
  tensor(Float32Array.from(values), shape);
export const f64 = ({ data }: Pick<Tensor, "data">): Float64Array => Float64Array.from(data);

/** The tensor called `name`, which must be there. */
export function named(tensors: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const found = tensors[name];
  if (found === undefined) throw new RangeError(`There is no "${name}", only ${Object.keys(tensors).join(", ")}.`);
  return found;
}

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** Fails unless every element is within absolute + relative * |expected|; NaN never is. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string, by: Tolerance): void {
  expect(actual.length, what).toBe(expected.length);
  for (let n = 0; n < expected.length; n++) {
    const [value, wanted] = [at(actual, n), at(expected, n)];
    if (Math.abs(value - wanted) <= by.absolute + by.relative * Math.abs(wanted)) continue;
    expect.fail(`${what}[${n}]: ${value} for ${wanted}`);
  }
}

/** The float32 bits of a tensor; +0 and -0 differ. */
export function bitsOf({ data }: Tensor): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length);
}

/** Fails with the first element whose bits differ. */
export function expectSameBits(actual: Tensor, expected: Tensor, what: string): void {
  expect(actual.shape, what).toEqual(expected.shape);
  const [bits, wanted] = [bitsOf(actual), bitsOf(expected)];
  for (let n = 0; n < wanted.length; n++) {
    if (bits[n] === wanted[n]) continue;
    expect.fail(`${what}[${n}] of [${expected.shape}]: ${actual.data[n]} for ${expected.data[n]}`);
  }
}

/** `expectSameBits` for each name of `expected`. */
type Named = Readonly<Record<string, Tensor>>;

export function expectSameNamedBits(actual: Named, expected: Named): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, wanted] of Object.entries(expected)) expectSameBits(named(actual, name), wanted, name);
}

/** Copies of all a layer holds under names: what a failed call must not change. */
export function contentsOf(layer: Layer): NamedTensors {
  const rename = (prefix: string, tensors: NamedTensors) =>
    Object.entries(tensors).map(([name, value]) => [`${prefix} ${name}`, value] as const);
  return Object.fromEntries([...rename("weight", layer.getWeights()), ...rename("gradient", layer.getGradients())]);
}
