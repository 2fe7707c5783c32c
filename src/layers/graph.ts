/** Symbolic tensors: the nodes and edges of a model before any number moves. */
import { ShapeError } from "../errors.ts";
import { knownOptions, oneOf, positiveInteger, refuse } from "../options.ts";

/** Batch first; null stands for a size that a batch decides. */
export type Shape = readonly (number | null)[];

/** Elements of a symbolic tensor: numbers, or token ids that an Embedding looks up. */
export type DType = "float32" | "int32";

/** Which steps of an input are no data: all features equal `value`, or the token id 0. */
export type MaskRule = { readonly kind: "value"; readonly value: number } | { readonly kind: "zeroId" };

/** Which rows a value has: those of the batch (depth 0), of all steps of an input (1), of all steps of all steps (2). */
export class Frame {
  readonly input: SymbolicTensor | undefined;
  readonly depth: number;
  readonly mask: MaskRule | undefined;

  constructor(input?: SymbolicTensor, depth: number = 0, mask?: MaskRule) {
    this.input = input;
    this.depth = depth;
    this.mask = mask;
  }

  /** The rows of a state after the last step. */
  get outer(): Frame {
    return this.depth > 1 ? new Frame(this.input, this.depth - 1) : BATCH;
  }

  /** Whether two values stand in the same rows for any batch. */
  equals({ input, depth, mask }: Frame): boolean {
    if (depth === 0 || this.depth === 0) return depth === this.depth;
    const [a, b] = [this.mask, mask];
    const isSameMask = a?.kind === b?.kind && (a?.kind !== "value" || b?.kind !== "value" || a.value === b.value);
    return input === this.input && depth === this.depth && isSameMask;
  }
}

/** One row for each row of the batch. */
export const BATCH: Frame = new Frame();

/** What a layer needs to know of its input. */
export interface Signature {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly frame: Frame;
}

/** What a graph knows of its layers; they are all of class Layer. */
export interface Applied {
  readonly name: string;
  readonly label: string;
}

/** One use of a layer; an input of a model has no layer. */
export interface GraphNode {
  readonly layer: Applied | undefined;
  readonly name: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

/** The promise of a tensor, made by `input` and by `layer.apply`. */
export class SymbolicTensor implements Signature {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly frame: Frame;
  /** @internal */
  readonly node: GraphNode;

  /** @internal */
  constructor(signature: Omit<Signature, "frame"> & { readonly frame?: Frame }, node: GraphNode) {
    this.shape = signature.shape;
    this.dtype = signature.dtype;
    this.node = node;
    this.frame = signature.frame ?? (isSequence(signature) ? new Frame(this, depthOf(signature)) : BATCH);
  }
}

/** Options of `input`. */
export interface InputOptions {
  /** Without the batch: [null, 8] for sequences of any length with 8 features, [8] for rows, [null] for token ids. */
  readonly shape: readonly (number | null)[];
  /** "float32" (default) for numbers, "int32" for token ids. */
  readonly dtype?: DType | undefined;
  /** Name in error messages and summaries; by default "input". */
  readonly name?: string | undefined;
}

/**
 * An input of a `Model`. Throws OptionError for a shape that is no array of positive integers and nulls, or whose number
 * of features is open.
 *
 * ```ts
 * const tokens = input({ shape: [null], dtype: "int32" });
 * ```
 */
export function input(options: InputOptions): SymbolicTensor {
  knownOptions("input()", options, ["shape", "dtype", "name"]);
  const dtype = oneOf("input()", "dtype", options.dtype ?? "float32", ["float32", "int32"]);
  const { shape, name = "input" } = options;
  if (typeof name !== "string" || name === "") refuse("input()", "name", "a non-empty string", name);
  return symbolOf("input()", shape, dtype, name);
}

/** @internal */
export function symbolOf(owner: string, shape: readonly (number | null)[], dtype: DType, name: string): SymbolicTensor {
  const [least, most] = dtype === "int32" ? [0, 1] : [1, 3];
  if (!Array.isArray(shape) || shape.length < least || shape.length > most) {
    refuse(owner, "shape", dtype === "int32" ? "[] or [steps] for token ids" : "1 to 3 sizes without the batch", shape);
  }
  for (const size of shape) if (size !== null) positiveInteger(owner, "each size of shape", size);
  if (dtype === "float32" && shape.at(-1) === null)
    refuse(owner, "the last size of shape", "a number of features", null);
  const outputs: SymbolicTensor[] = [];
  const node: GraphNode = { layer: undefined, name, inputs: [], outputs };
  const symbol = new SymbolicTensor({ shape: [null, ...shape], dtype }, node);
  outputs.push(symbol);
  return symbol;
}

/** Number of step axes. */
function depthOf({ shape, dtype }: Omit<Signature, "frame">): number {
  return shape.length - (dtype === "int32" ? 1 : 2);
}

function isSequence(signature: Omit<Signature, "frame">): boolean {
  return depthOf(signature) > 0;
}

/** Throws ShapeError unless `value` is symbolic. @internal */
export function requireSymbolic(owner: string, value: unknown): SymbolicTensor {
  if (value instanceof SymbolicTensor) return value;
  throw new ShapeError(`${owner}.apply takes what input() or another layer's apply gave: for numbers use forward.`);
}
