/**
 * The file of a model: safetensors with the weights by name and, in the metadata under "gatefold", this configuration as
 * JSON. docs/model-file.md tells others of it; a change that older versions would misread raises VERSION.
 */
import type { Plain } from "../io/config.ts";
import type { Progress } from "../training/trainable.ts";

/** Key in the metadata. */
export const METADATA = "gatefold";
/** Version of the configuration; files of a later one are refused. */
export const VERSION = 1;

/** Names of the tensors that `optimizer: true` adds. */
export const TENSORS = {
  /** Sums of the epoch under way, float64. */
  sums: "training.sums",
  gradient: (weight: string): string => `gradient.${weight}`,
  moment: (moment: string, weight: string): string => `optimizer.${moment}.${weight}`,
  /** What a stateful layer holds, [rows, units]. */
  state: (step: number, state: string): string => `state.${step}.${state}`,
} as const;

/** What a file may hold at most: enough for any model, and few enough for any reader. */
export const MOST = {
  /** Layers; also steps of the graph. */
  layers: 10_000,
  /** Inputs of all steps together. */
  connections: 100_000,
  /** Inputs of the model; also outputs. */
  ports: 1000,
  metrics: 1000,
  /** Thresholds of all AUCs together. */
  thresholds: 4_194_304,
  /** Characters of a name. */
  name: 1000,
  /** Features, and steps of an input. */
  size: 67_108_864,
  /** Steps, epochs and batches that were counted: additions to it stay exact. */
  count: 4_503_599_627_370_496,
} as const;

/** Options of a constructor. */
export type Options = { readonly [option: string]: Plain };

/** A layer and the options that make it; where those hold a layer, its number among the layers, a smaller one. */
export interface SavedLayer {
  readonly kind: string;
  readonly config: Options & { readonly name: string };
}

/** A tensor of the graph: output `output` of step `step`, or [-1 - i, 0] for input i. */
export type SavedTensor = readonly [step: number, output: number];

/** An input: shape without the batch, null where a batch decides. */
export interface SavedInput {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: "float32" | "int32";
}

/** What stands in the metadata. */
export interface SavedModel {
  readonly version: number;
  readonly kind: "Sequential" | "Model";
  readonly name: string;
  readonly seed: number;
  /** Of the binary that ran when the file was written. */
  readonly numerics: "strict" | "fast";
  readonly layers: readonly SavedLayer[];
  readonly inputs: readonly SavedInput[];
  /** In the order in which they run. */
  readonly steps: readonly { readonly layer: number; readonly inputs: readonly SavedTensor[] }[];
  readonly outputs: readonly SavedTensor[];
  /** Whether `predict` gives an array. */
  readonly hasList: boolean;
  /** Null before `compile`, and where a function takes part. */
  readonly compile: SavedCompile | null;
  readonly training: SavedTraining | null;
}

/** A name with options. */
export type Named = Options & { readonly name: string };

/** What `compile` was given. */
export interface SavedCompile {
  readonly optimizer: Named;
  readonly loss: readonly (Named | null)[];
  readonly lossWeights: readonly number[];
  readonly metrics: readonly (readonly (Options & { readonly kind: string })[])[];
  readonly onNonFinite: "throw" | "skip" | "ignore";
}

/** What training needs to go on. */
export interface SavedTraining {
  /** `sums`: their lengths. */
  readonly progress: Omit<Progress, "sums"> & { readonly sums: readonly number[] };
  /** Rows of the batches that stateful layers go on from; 0: none. */
  readonly rows: number;
  /** Steps and running products of the optimizer, and the names of its moments; null before its first step. */
  readonly optimizer: SavedOptimizer | null;
}

export interface SavedOptimizer {
  readonly iterations: number;
  readonly powers: readonly number[];
  readonly moments: readonly string[];
}
