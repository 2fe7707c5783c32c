/** What the parent asks a contestant's process on its stdin and what it answers on file descriptor 3, a line of JSON each. */
import type { Work } from "./works.ts";

export type Request =
  /** Load the data, make the model, run it and compare. The folder has data.safetensors and model.onnx. */
  | { readonly command: "prepare"; readonly work: Work; readonly folder: string; readonly limitMs: number }
  /** Calls until `ms` have passed. */
  | { readonly command: "run"; readonly ms: number }
  | { readonly command: "usage" };

/** Of `prepare`, where the contestant can do the work. */
export interface Prepared {
  /** Largest difference from the expected outputs. */
  readonly difference?: number | undefined;
  /** Of the first steps from the given weights; of others, when the contestant takes no weights. */
  readonly losses?: readonly number[] | undefined;
  readonly ownWeights?: boolean | undefined;
  /** Names, versions and libraries, as text. */
  readonly about?: string | undefined;
  readonly warning?: string | undefined;
  /** One call took longer than the limit, this many milliseconds. */
  readonly tooSlowMs?: number | undefined;
}

/** Of any request, instead of its answer. */
export interface Refusal {
  readonly cannot: string;
}

export interface Ran {
  readonly calls: number;
  readonly ms: number;
  /** Of all threads of the process. */
  readonly cpuMs: number;
}

export interface Usage {
  readonly maxRssBytes: number;
  /** Of WebAssembly memory, where it is known. */
  readonly memoryBytes?: number | undefined;
}

/** Steps of training whose losses are compared. */
export const LOSSES = 4;
export const LEARNING_RATE = 1e-3;
export const EPSILON = 1e-8;
