/** What recurrent layers share before they run: options, shapes in a graph, weights. */
import type { Core } from "../core/context.ts";
import { ShapeError } from "../errors.ts";
import { finiteNumber, flag, knownOptions, oneOf, size } from "../options.ts";
import { formatShape, type Tensor, tensor } from "../shape.ts";
import { ACTIVATIONS, type Activation } from "./activations.ts";
import { requireSymbolic, type Signature, type SymbolicTensor } from "./graph.ts";
import type { NamedTensors } from "./layer.ts";
import type { RecurrentOptions } from "./recurrent-types.ts";
import {
  type CellSizes,
  cellWeightShapes,
  initialCellWeights,
  readCellWeights,
  type StagedWeights,
  writeCellWeights,
} from "./recurrent-weights.ts";
import { WeightedLayer } from "./weighted.ts";

const OPTIONS = [
  "units",
  "inputSize",
  "returnSequences",
  "returnState",
  "stateful",
  "goBackwards",
  "activation",
  "dropout",
  "recurrentDropout",
  "useBias",
  "doubleBias",
  "seed",
];

/** Options, shapes and weights of a layer with a cell that goes through time. */
export abstract class CellLayer extends WeightedLayer {
  readonly units: number;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly stateful: boolean;
  readonly goBackwards: boolean;
  readonly activation: Activation;
  readonly dropout: number;
  readonly recurrentDropout: number;
  override readonly stateSize: number;
  override readonly isNoisy: boolean;
  protected readonly inputWeight: string = "weight_ih";
  /** How many bias vectors are trained. @internal */
  readonly biases: 0 | 1 | 2;

  protected constructor(kind: string, options: RecurrentOptions, more: readonly string[] = []) {
    super(kind, options, [...OPTIONS, ...more]);
    this.units = size(this.label, "units", options.units);
    this.stateSize = this.units;
    const is = (option: keyof RecurrentOptions, value: unknown) => flag(this.label, option, value);
    this.returnSequences = is("returnSequences", options.returnSequences ?? false);
    this.returnState = is("returnState", options.returnState ?? false);
    this.stateful = is("stateful", options.stateful ?? false);
    this.goBackwards = is("goBackwards", options.goBackwards ?? false);
    this.activation = this.activationOf("activation", options.activation ?? "tanh");
    this.dropout = finiteNumber(this.label, "dropout", options.dropout ?? 0, { min: 0, below: 1 });
    this.recurrentDropout = finiteNumber(this.label, "recurrentDropout", options.recurrentDropout ?? 0, {
      min: 0,
      below: 1,
    });
    this.isNoisy = this.dropout > 0 || this.recurrentDropout > 0;
    const isDouble = is("doubleBias", options.doubleBias ?? false);
    this.biases = is("useBias", options.useBias ?? true) ? (isDouble ? 2 : 1) : 0;
  }

  /** Names of the states: hidden, and cell where there is one. @internal */
  abstract readonly stateNames: readonly string[];

  /** Biases at the start, [gates * units]. */
  protected abstract initialBias(): Float32Array;
  /** Gates of the cell, each with its part of the weights. @internal */
  abstract readonly gates: number;
  protected abstract packWeights(core: Core, to: number, at: StagedWeights, sizes: CellSizes): void;
  protected abstract unpackWeights(core: Core, at: StagedWeights, from: number, sizes: CellSizes): void;

  protected activationOf(option: string, value: unknown): Activation {
    return oneOf(this.label, option, value, Object.keys(ACTIVATIONS) as Activation[]);
  }

  /** The initial states are all there, or none. */
  override takesInputs(count: number): boolean {
    return count === 1 || count === 1 + this.stateNames.length;
  }

  infer([input, ...initial]: readonly Signature[]): readonly Signature[] {
    if (input === undefined) return [];
    const { shape } = input;
    const features = shape.at(-1);
    const refuse = (): never => {
      throw new ShapeError(this.expectation(shape));
    };
    if (shape.length !== 3 || input.dtype !== "float32" || typeof features !== "number") return refuse();
    this.expectInputSize(features, refuse);
    const state: Signature = { shape: [null, this.units], dtype: "float32", frame: input.frame.outer };
    for (const given of initial) {
      if (given.dtype === "float32" && given.shape.length === 2 && given.shape[1] === this.units) continue;
      throw new ShapeError(
        `${this.label} expects an initial state ${formatShape(state.shape)}, got ${formatShape(given.shape)}.`,
      );
    }
    const output = this.returnSequences
      ? { ...state, shape: [null, shape[1] ?? null, this.units], frame: input.frame }
      : state;
    return this.returnState ? [output, ...this.stateNames.map(() => state)] : [output];
  }

  /** The message for an input of another shape. @internal */
  expectation(shape: readonly (number | null)[]): string {
    const expected = formatShape(["batch", "steps", this.inputSize ?? "features"]);
    const hint = shape.length === 2 ? ": a recurrent layer before it needs returnSequences: true" : "";
    return `${this.label} expects ${expected}, got ${formatShape(shape)}${hint}.`;
  }

  /** The symbolic output, with the final states as properties where `returnState` asks for them. */
  protected applyWith(
    x: SymbolicTensor,
    options: { readonly initialState?: object | undefined },
  ): SymbolicTensor & Readonly<Record<string, SymbolicTensor>> {
    knownOptions(`${this.label}.apply`, options, ["initialState"]);
    const given = options.initialState as Readonly<Record<string, unknown>> | undefined;
    if (given !== undefined) knownOptions(`${this.label}.apply's initialState`, given, this.stateNames);
    const names = given === undefined ? [] : this.stateNames;
    const initial = names.map((name) => requireSymbolic(`${this.label}.apply's initialState`, given?.[name]));
    const [output, ...states] = this.connect([requireSymbolic(this.label, x), ...initial]);
    const named = Object.fromEntries(states.map((state, i) => [this.stateNames[i] ?? "", state]));
    return Object.assign(output as SymbolicTensor, named) as SymbolicTensor & Record<string, SymbolicTensor>;
  }

  /** With one trained bias, bias_ih and bias_hh both carry its gradient. */
  override getGradients(): NamedTensors {
    const gradients = super.getGradients();
    if (this.biases !== 1 || gradients.bias_ih === undefined) return gradients;
    return { ...gradients, bias_hh: tensor(gradients.bias_ih.data.slice(), gradients.bias_ih.shape) };
  }

  weightShapes(I: number): Record<string, readonly number[]> {
    return cellWeightShapes(this.#sizes(I));
  }

  override parameterCount(I: number): number {
    const { bias_hh: [second = 0] = [], ...shapes } = this.weightShapes(I);
    const counted = this.biases === 2 ? second : 0;
    return Object.values(shapes).reduce((sum, [rows = 0, columns = 1]) => sum + rows * columns, counted);
  }

  protected initialWeights(core: Core, I: number): NamedTensors {
    return initialCellWeights(core, this.#sizes(I), this.seed, this.initialBias());
  }

  protected writeWeights(core: Core, to: number, weights: Readonly<Record<string, Tensor>>, I: number): void {
    const sizes = this.#sizes(I);
    writeCellWeights(core, weights, sizes, (at) => this.packWeights(core, to, at, sizes));
  }

  protected readWeights(core: Core, from: number, I: number): NamedTensors {
    const sizes = this.#sizes(I);
    return readCellWeights(core, sizes, (at) => this.unpackWeights(core, at, from, sizes));
  }

  #sizes(I: number): CellSizes {
    return { gates: this.gates, I, H: this.units, biases: this.biases };
  }
}
