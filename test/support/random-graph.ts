/** Random graphs of layers over one or two sequences that may be masked or end early, and one row of numbers. */
import {
  Activation,
  type ActivationName,
  Add,
  Concatenate,
  Dense,
  Embedding,
  input,
  LayerNormalization,
  LSTM,
  Masking,
  Model,
  Multiply,
  type Random,
  SimpleRNN,
  type SymbolicTensor,
  TimeDistributed,
} from "../../src/index.ts";
import type { TwinArray, TwinFeed } from "./graph-twin.ts";

const ACTIVATIONS: readonly ActivationName[] = [
  ...(["linear", "tanh", "sigmoid", "hardSigmoid", "relu", "relu6", "leakyRelu", "elu", "selu"] as const),
  ...(["softplus", "softsign", "softmax"] as const),
];

/** Values that may be joined: they have the same rows. */
type Pool = SymbolicTensor[];

export interface RandomGraph {
  readonly model: Model;
  readonly feed: TwinFeed;
  /** Random numbers in the shapes of the outputs. */
  readonly targets: (outputs: readonly TwinArray[]) => readonly TwinArray[];
}

/** Up to `most` layers on top of its inputs. */
export function randomGraph(random: Random, most: number): RandomGraph {
  const B = 1 + random.integer(4);
  const sources = Array.from({ length: 1 + random.integer(2) }, () => randomSequence(random, B));
  const row = randomRow(random, B);
  const flat: Pool = [row.value];
  const pools = [...sources.map(({ value }) => [value]), flat];
  const layers = new Layers(random, flat);
  const count = 2 + random.integer(most);
  for (let i = 0; i < count; i++) layers.grow(pick(random, pools));
  const unused = new Set(pools.flat().filter((value) => !isUsed(value, pools.flat())));
  const outputs = [...unused];
  const inputs = [...sources.map(({ symbol }) => symbol), row.symbol];
  const model = new Model({ inputs, outputs, seed: random.integer(1000) });
  return {
    model,
    feed: {
      inputs: [...sources, row].map(({ array }) => array),
      lengths: [...sources, row].map(({ lengths }) => lengths),
    },
    targets: (list) => list.map(({ data, shape }) => ({ data: data.map(() => float(random)), shape })),
  };
}

const isUsed = (value: SymbolicTensor, others: Pool) => others.some(({ node }) => node.inputs.includes(value));
const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)] as T;
/** A multiple of 2^-10, so that both twins start from the same number. */
const float = (random: Random) => Math.round(random.uniform(-1, 1) * 1024) / 1024;
const widthOf = ({ shape }: SymbolicTensor) => shape.at(-1) ?? 1;

interface Source {
  readonly symbol: SymbolicTensor;
  readonly value: SymbolicTensor;
  readonly array: TwinArray;
  readonly lengths?: readonly number[];
}

/** Numbers [B, T, F] or token ids [B, T], with lengths, a mask, both, or neither. */
function randomSequence(random: Random, B: number): Source {
  const [T, F] = [1 + random.integer(5), 1 + random.integer(6)];
  const lengths = random.integer(2) === 0 ? { lengths: Array.from({ length: B }, () => 1 + random.integer(T)) } : {};
  const isMasked = random.integer(2) === 0;
  if (random.integer(2) === 0) {
    const data = Float64Array.from({ length: B * T }, () => random.integer(5));
    const symbol = input({ shape: [null], dtype: "int32" });
    const value = new Embedding({ inputDim: 5, outputDim: F, maskZero: isMasked }).apply(symbol);
    return { symbol, value, array: { data, shape: [B, T] }, ...lengths };
  }
  const data = Float64Array.from({ length: B * T * F }, () => float(random));
  if (isMasked) for (let n = 0; n < B * T; n++) if (random.integer(3) === 0) data.fill(0.5, n * F, (n + 1) * F);
  const symbol = input({ shape: [null, F] });
  const value = isMasked ? new Masking({ maskValue: 0.5 }).apply(symbol) : symbol;
  return { symbol, value: new Dense({ units: F }).apply(value), array: { data, shape: [B, T, F] }, ...lengths };
}

/** [B, F] by way of a Dense, so that something stands before it that has a gradient. */
function randomRow(random: Random, B: number): Source {
  const F = 1 + random.integer(6);
  const symbol = input({ shape: [F] });
  const value = new Dense({ units: 3 }).apply(symbol);
  return { symbol, value, array: { data: Float64Array.from({ length: B * F }, () => float(random)), shape: [B, F] } };
}

class Layers {
  readonly #random: Random;
  readonly #flat: Pool;
  /** By the width of their input: to be used again. */
  readonly #shared: Map<string, LSTM> = new Map();

  constructor(random: Random, flat: Pool) {
    this.#random = random;
    this.#flat = flat;
  }

  /** Adds what one layer gives to the pool of its input, states to the rows without steps. */
  grow(pool: Pool): void {
    const random = this.#random;
    const x = pick(random, pool);
    const kind = random.integer(pool === this.#flat ? 5 : 9);
    if (kind === 0)
      pool.push(
        new Dense({
          units: 1 + random.integer(5),
          activation: pick(random, ACTIVATIONS),
          useBias: random.integer(2) > 0,
        }).apply(x),
      );
    else if (kind === 1) pool.push(new LayerNormalization({ epsilon: 0.1 }).apply(x));
    else if (kind === 2) pool.push(new Activation({ activation: pick(random, ACTIVATIONS) }).apply(x));
    else if (kind === 3)
      pool.push(new Concatenate().apply([x, pick(random, pool), ...(random.integer(2) > 0 ? [x] : [])]));
    else if (kind === 4) pool.push(this.#merge(x, pool));
    else if (kind === 5)
      pool.push(new TimeDistributed({ layer: new Dense({ units: 3, activation: "tanh" }) }).apply(x));
    else this.#recur(x, pool);
  }

  /** Two or three of the same width. */
  #merge(x: SymbolicTensor, pool: Pool): SymbolicTensor {
    const fitting = pool.filter((other) => widthOf(other) === widthOf(x));
    const list = Array.from({ length: 1 + this.#random.integer(2) }, () => pick(this.#random, fitting));
    return this.#random.integer(2) === 0 ? new Add().apply([x, ...list]) : new Multiply().apply([...list, x]);
  }

  #recur(x: SymbolicTensor, pool: Pool): void {
    const random = this.#random;
    const is = () => random.integer(2) === 0;
    const shared = { units: 1 + random.integer(5), returnSequences: is(), returnState: is(), goBackwards: is() };
    if (is()) {
      const rnn = new SimpleRNN({ ...shared, activation: is() ? "tanh" : "sigmoid" });
      const hidden = this.#state(shared.units);
      const result = rnn.apply(x, is() ? {} : { initialState: { hidden } });
      this.#add(result, shared.returnSequences ? pool : this.#flat, [result.hidden]);
      return;
    }
    const key = `${widthOf(x)}`;
    const lstm =
      (is() ? this.#shared.get(key) : undefined) ?? new LSTM({ ...shared, doubleBias: is(), useBias: !is() || is() });
    this.#shared.set(key, lstm);
    const [hidden, cell] = [this.#state(lstm.units), this.#state(lstm.units)];
    const result = lstm.apply(x, is() ? {} : { initialState: { hidden, cell } });
    this.#add(result, lstm.returnSequences ? pool : this.#flat, [result.hidden, result.cell]);
  }

  #add(output: SymbolicTensor, pool: Pool, states: readonly (SymbolicTensor | undefined)[]): void {
    pool.push(output);
    for (const state of states) if (state !== undefined) this.#flat.push(state);
  }

  /** Something of `units` features without steps. */
  #state(units: number): SymbolicTensor {
    const fitting = this.#flat.filter((value) => widthOf(value) === units);
    if (fitting.length > 0 && this.#random.integer(2) === 0) return pick(this.#random, fitting);
    return new Dense({ units }).apply(pick(this.#random, this.#flat));
  }
}
