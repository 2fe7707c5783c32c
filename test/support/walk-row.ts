/** Rows of the walk through all options: what an option changes that a user can see. */
import { Random, type Tensor, type TensorLike } from "../../src/index.ts";
import { randomTensor } from "./layers.ts";

/** Some of the options of a call, of any type. */
// biome-ignore lint/suspicious/noExplicitAny: options of every kind pass through here.
export type Part = Record<string, any>;

/** What is seen of a call with these options beside those that it needs. */
export type Observe = (part: Part) => unknown;

export interface Row {
  /** As in walk-options.ts. */
  readonly owner: string;
  readonly option: string;
  /** The default, or for a required option any value. */
  readonly value: unknown;
  /** Another value, with which another thing is seen. */
  readonly other: unknown;
  readonly observe: Observe;
  /** Whose defaults: the second of two documented ones is PyTorch's. */
  readonly preset: "keras" | "pytorch";
}

/** Rows of options of one call that are all seen in the same way: by option its default and another value. */
export function rows(
  owner: string,
  observe: Observe,
  values: Readonly<Record<string, readonly [value: unknown, other: unknown]>>,
  preset: Row["preset"] = "keras",
): readonly Row[] {
  return Object.entries(values).map(([option, [value, other]]) => ({ owner, option, value, other, observe, preset }));
}

/** What `call` gives, or the sentence with which it fails. */
export async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return String(error);
  }
}

/** The same random numbers at every call. */
export function numbers(...shape: number[]): Tensor<Float32Array> {
  return randomTensor(new Random(7), ...shape);
}

/** 0, 1 ... classes - 1, 0 ... */
export function labels(classes: number, ...shape: number[]): Tensor<Float32Array> {
  const length = shape.reduce((product, n) => product * n, 1);
  return { data: Float32Array.from({ length }, (_, n) => n % classes), shape };
}

/** Gradients of ones for a result. */
export function onesLike({ data, shape }: Tensor): TensorLike {
  return { data: new Float32Array(data.length).fill(1), shape };
}
