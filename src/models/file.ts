/**
 * The file of a model: safetensors with the weights by name and, in the metadata under "gatefold", this configuration as
 * JSON. With the optimizer also its moments, as `optimizer.<moment>.<weight>`, and the sums of the epoch under way.
 */
import type { Progress } from "../training/trainable.ts";

/** Key in the metadata. */
export const METADATA = "gatefold";
/** Version of the configuration; files of a later one are refused. */
export const VERSION = 1;
/** Tensor of the sums of an unfinished epoch, float64. */
export const SUMS = "training.sums";

/** A layer and the options that make it. */
export interface SavedLayer {
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A tensor of the graph: output `output` of step `step`, or input `-1 - step` for negative numbers. */
export type SavedTensor = readonly [step: number, output: number];

/** What stands in the metadata. */
export interface SavedModel {
  readonly version: number;
  readonly kind: "Sequential" | "Model";
  readonly name: string;
  readonly seed: number;
  /** Of the binary that ran when the file was written. */
  readonly numerics: "strict" | "fast";
  readonly layers: readonly SavedLayer[];
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly (number | null)[];
    readonly dtype: string;
  }[];
  /** In the order in which they run. */
  readonly steps: readonly { readonly layer: number; readonly inputs: readonly SavedTensor[] }[];
  readonly outputs: readonly SavedTensor[];
  /** Whether `predict` gives an array. */
  readonly hasList: boolean;
  readonly compile: SavedCompile | null;
  readonly training: SavedTraining | null;
}

/** A name with options. */
export interface Named {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** What `compile` was given. */
export interface SavedCompile {
  readonly optimizer: Named;
  readonly loss: readonly (Named | null)[];
  readonly lossWeights: readonly number[];
  readonly metrics: readonly (readonly { readonly kind: string }[])[];
  readonly onNonFinite: string;
}

/** What training needs to go on. */
export interface SavedTraining {
  readonly progress: Omit<Progress, "sums"> & { readonly sums: readonly number[] };
  /** Steps and running products of the optimizer, and the names of its moments; null before its first step. */
  readonly optimizer: {
    readonly iterations: number;
    readonly powers: readonly number[];
    readonly moments: readonly string[];
  } | null;
}
