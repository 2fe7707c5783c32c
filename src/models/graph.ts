/** A graph of layers in the order in which it runs: values, steps, and what needs a gradient. */
import { OptionError } from "../errors.ts";
import type { Frame, GraphNode, Shape, SymbolicTensor } from "../layers/graph.ts";
import { Layer } from "../layers/layer.ts";
import { Recurrent } from "../layers/recurrent.ts";
import { WeightedLayer } from "../layers/weighted.ts";
import { formatShape } from "../shape.ts";

/** Rows of one symbolic tensor in a frame. An input may stand in several, once for each way of masking it. */
export interface Value {
  readonly index: number;
  readonly symbol: SymbolicTensor;
  /** Place of its frame in `Graph.frames`. */
  readonly frame: number;
  /** Features; 0 for token ids. */
  readonly width: number;
  /** Which input of the model it is, -1 for results of steps. */
  readonly input: number;
  /** Whether weights stand before it. */
  readonly needsGradient: boolean;
  /** The step whose result it is; undefined for inputs. */
  producer: Step | undefined;
  /** How often steps read it and the model gives it out. */
  uses: number;
}

/** One use of a layer. */
export interface Step {
  readonly index: number;
  readonly layer: Layer;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** Throws OptionError for outputs that need an input which is not given, for inputs that nothing uses, for repeated ones. */
export class Graph {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly Value[];
  readonly values: Value[] = [];
  readonly steps: Step[] = [];
  readonly frames: Frame[] = [];
  /** All layers in the order of their first use; those inside of others follow them. */
  readonly layers: readonly Layer[];
  readonly #bySymbol: Map<SymbolicTensor, Value[]> = new Map();

  constructor(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]) {
    for (const [list, what] of [
      [inputs, "input"],
      [outputs, "output"],
    ] as const) {
      const twice = list.find((symbol, i) => list.indexOf(symbol) !== i);
      if (twice !== undefined)
        throw new OptionError(`The model has the ${what} "${nameOf(twice)}" twice: give it once.`);
    }
    this.inputs = inputs;
    const done = new Set<GraphNode>();
    for (const output of outputs) this.#visit(output.node, done);
    this.outputs = outputs.map((output) => this.#valueOf(output, output.frame));
    for (const value of this.outputs) value.uses += 1;
    for (const input of inputs) {
      if (this.#bySymbol.has(input)) continue;
      throw new OptionError(`The model's outputs do not use its input "${input.node.name}": leave it out.`);
    }
    const used = this.steps.flatMap(({ layer }) => [layer, ...layer.inner]);
    this.layers = [...new Set(used)];
  }

  /** Outputs under the names of their layers, numbered where one has several. */
  get outputPorts(): readonly { readonly name: string; readonly shape: Shape; readonly dtype: "float32" }[] {
    const names = this.outputs.map(({ symbol }) => nameOf(symbol));
    return this.outputs.map(({ symbol }, i) => {
      const [name = "", before] = [names[i], names.slice(0, i).filter((other) => other === names[i]).length];
      return { name: before === 0 ? name : `${name}_${before}`, shape: symbol.shape, dtype: "float32" };
    });
  }

  /** Whether states go on from batch to batch. */
  get isStateful(): boolean {
    return this.layers.some((layer) => layer instanceof Recurrent && layer.stateful);
  }

  /** Whether anything goes through time. */
  get isRecurrent(): boolean {
    return this.layers.some((layer) => layer instanceof Recurrent);
  }

  /** Throws OptionError where a layer reads its sequence from the end. */
  requireForward(owner: string): void {
    const backward = this.layers.find((layer) => layer instanceof Recurrent && layer.goBackwards);
    if (backward === undefined) return;
    throw new OptionError(
      `${owner} goes through pieces from the first to the last, but ${backward.label} goes backwards.`,
    );
  }

  /** Layers with weights, once each. */
  get weighted(): readonly WeightedLayer[] {
    return this.layers.filter((layer) => layer instanceof WeightedLayer);
  }

  /** Adds the steps that lead to a node, each after those it needs; a loop, since a graph may be deeper than the stack. */
  #visit(last: GraphNode, done: Set<GraphNode>): void {
    const waiting = [last];
    const isOpen = new Set<GraphNode>();
    for (let node = waiting.at(-1); node !== undefined; node = waiting.at(-1)) {
      if (done.has(node)) waiting.pop();
      else if (isOpen.has(node)) {
        done.add(node);
        this.#addStep(node);
      } else {
        isOpen.add(node);
        for (let i = node.inputs.length - 1; i >= 0; i--) waiting.push((node.inputs[i] as SymbolicTensor).node);
      }
    }
  }

  #addStep(node: GraphNode): void {
    const { layer } = node;
    if (!(layer instanceof Layer)) return;
    const [first] = node.outputs;
    const inputs = node.inputs.map((symbol, i) => {
      // An input is read by the rows that its reader leaves unmasked.
      const isRead = i === 0 && symbol.node.layer === undefined && first?.frame.mask !== undefined;
      return this.#valueOf(symbol, isRead ? (first?.frame ?? symbol.frame) : symbol.frame);
    });
    const needsGradient = hasWeights(layer) || inputs.some((value) => value.needsGradient);
    const outputs = node.outputs.map((symbol) => this.#add(symbol, symbol.frame, -1, needsGradient));
    const step = { index: this.steps.length, layer, inputs, outputs };
    for (const value of inputs) value.uses += 1;
    for (const value of outputs) value.producer = step;
    this.steps.push(step);
  }

  #valueOf(symbol: SymbolicTensor, frame: Frame): Value {
    const known = this.#bySymbol.get(symbol)?.find((value) => this.frames[value.frame]?.equals(frame));
    if (known !== undefined) return known;
    const input = this.inputs.indexOf(symbol);
    if (input >= 0) return this.#add(symbol, frame, input, false);
    throw new OptionError(
      `The model needs "${symbol.node.name}" ${formatShape(symbol.shape)} among its inputs: its outputs depend on it.`,
    );
  }

  #add(symbol: SymbolicTensor, frame: Frame, input: number, needsGradient: boolean): Value {
    let place = this.frames.findIndex((other) => other.equals(frame));
    if (place < 0) place = this.frames.push(frame) - 1;
    const width = symbol.dtype === "int32" ? 0 : (symbol.shape.at(-1) ?? 0);
    const value: Value = {
      index: this.values.length,
      symbol,
      frame: place,
      width,
      input,
      needsGradient,
      producer: undefined,
      uses: 0,
    };
    this.values.push(value);
    this.#bySymbol.set(symbol, [...(this.#bySymbol.get(symbol) ?? []), value]);
    return value;
  }
}

function nameOf({ node }: SymbolicTensor): string {
  return node.layer?.name ?? node.name;
}

function hasWeights(layer: Layer): boolean {
  return [layer, ...layer.inner].some((one) => one instanceof WeightedLayer);
}
