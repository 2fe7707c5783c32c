/** Models with branches, several inputs and several outputs. */
import { SymbolicTensor } from "../layers/graph.ts";
import { describe, knownOptions, refuse } from "../options.ts";
import type { Tensor } from "../shape.ts";
import { BaseModel } from "./base-model.ts";
import { Graph } from "./graph.ts";
import { nameLayers } from "./names.ts";
import type { ModelOptions } from "./network.ts";

/** One symbolic tensor, or several. */
export type Symbols = SymbolicTensor | readonly SymbolicTensor[];

/** Options of `Model`. */
export interface GraphOptions<Outputs extends Symbols> extends ModelOptions {
  /** What `input` made; with several, x is an array of arrays. */
  readonly inputs: Symbols;
  /** What layers made of them. */
  readonly outputs: Outputs;
}

/** One tensor, or one for each output. */
export type PredictionOf<Outputs extends Symbols> = Outputs extends readonly SymbolicTensor[]
  ? readonly Tensor<Float32Array>[]
  : Tensor<Float32Array>;

/**
 * A graph of layers. A second model over layers of a first one shares their weights; the one that is compiled trains them.
 *
 * ```ts
 * const tokens = input({ shape: [null], dtype: "int32" });
 * const states = new LSTM({ units: 64, returnSequences: true }).apply(new Embedding({ inputDim: 65, outputDim: 32 }).apply(tokens));
 * const tagger = new Model({ inputs: tokens, outputs: new Dense({ units: 5 }).apply(states) });
 * ```
 */
export class Model<Outputs extends Symbols = Symbols> extends BaseModel<PredictionOf<Outputs>> {
  readonly graph: Graph;
  readonly hasList: boolean;

  /** Throws OptionError for inputs that are missing or not used and for two layers of one name, ShapeError. */
  constructor(options: GraphOptions<Outputs>) {
    knownOptions("Model", options, ["inputs", "outputs", "name", "seed"]);
    super("Model", options);
    this.hasList = Array.isArray(options.outputs);
    const inputs = symbolsOf(this.label, "inputs", options.inputs);
    this.graph = new Graph(inputs, symbolsOf(this.label, "outputs", options.outputs));
    nameLayers(this.label, this.graph.layers, this.seed);
  }

  get isBuilt(): boolean {
    return true;
  }

  protected meet(): void {}

  protected predictionOf(outputs: readonly Tensor<Float32Array>[]): PredictionOf<Outputs> {
    return (this.hasList ? outputs : outputs[0]) as PredictionOf<Outputs>;
  }
}

function symbolsOf(owner: string, option: string, value: Symbols): readonly SymbolicTensor[] {
  const list: readonly SymbolicTensor[] = value instanceof SymbolicTensor ? [value] : value;
  if (!Array.isArray(list) || list.length === 0 || !list.every((one) => one instanceof SymbolicTensor)) {
    refuse(owner, option, "what input() and apply() give, alone or in an array", value);
  }
  if (option === "inputs" && list.some(({ node }) => node.layer !== undefined)) {
    refuse(
      owner,
      option,
      "made by input()",
      describe(list.find(({ node }) => node.layer !== undefined)?.node.layer?.label),
    );
  }
  return list;
}
