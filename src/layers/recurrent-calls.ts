/** `forward` and `backward` of a recurrent layer on its own, on arrays. */
import type { Core } from "../core/context.ts";
import { type Addresses, place, withinMemory } from "../core/plan.ts";
import { ShapeError } from "../errors.ts";
import { flag, knownOptions } from "../options.ts";
import { type Tensor, type TensorLike, tensor } from "../shape.ts";
import { packRows, type RowPlan, singleStep, stagingFloats, unpackRows, type Values } from "./edge.ts";
import { Kept } from "./kept.ts";
import { planRagged, type Ragged } from "./ragged.ts";
import type { Recurrent } from "./recurrent.ts";
import type { RecurrentForwardOptions } from "./recurrent-types.ts";
import type { Rows } from "./rows.ts";
import { NO_KEY, type Work } from "./work.ts";

/** Sizes of one call in the kernels' letters; N counts the rows of all steps. */
interface Call {
  readonly T: number;
  readonly B: number;
  readonly N: number;
  readonly I: number;
  readonly ragged: Ragged | undefined;
}

type Slot = "x" | "output" | "states" | "cache" | "order" | "place" | "active" | "staging";
type Tensors = Record<string, Tensor<Float32Array>>;

/** The calls of one layer. */
export class RecurrentCalls {
  readonly #layer: Recurrent;
  readonly #kept: Kept<{ readonly call: Call; readonly work: Work }>;

  constructor(layer: Recurrent) {
    this.#layer = layer;
    this.#kept = new Kept(layer);
  }

  forward(x: TensorLike, options: RecurrentForwardOptions<object>): Tensors {
    const layer = this.#layer;
    knownOptions(`${layer.label}.forward`, options, ["training", "initialState", "lengths"]);
    const core = layer.requireUsable();
    const { initialState, lengths } = options;
    const training = flag(`${layer.label}.forward`, "training", options.training ?? false);
    const input = layer.readTensor("its input", x);
    const call = this.#plan(input, lengths);
    const initial = this.#initialStates(call, initialState);
    layer.prepare(call.I, () => void this.#place(core, call, training));
    const { segmentRows, ...at } = this.#place(core, call, training);
    const rows = this.#writeRows(core, call, at);
    packRows(core, at.x, input.data, at.staging, rows, call.I);
    const states = this.#stateAddresses(core, call, at.states);
    for (const [i, to] of states.entries()) {
      packRows(core, to, initial[i], at.staging, singleStep(call.B), layer.units);
    }
    const key = training && layer.isNoisy ? layer.nextKey() : NO_KEY;
    const parts = { widths: [call.I], inputs: [at.x], outputs: [at.output], states, cache: at.cache };
    const work: Work = { rows, segmentRows, ...parts, scratch: 0, training, key, dOutputs: [], dInputs: [] };
    layer.run(core, work);
    if (training) this.#kept.keep({ call, work });
    return this.#result(core, call, work, at.staging);
  }

  backward(given: object): Tensors {
    const gradients = given as Readonly<Record<string, TensorLike | undefined>>;
    const layer = this.#layer;
    knownOptions(`${layer.label}.backward`, gradients, ["output", ...layer.stateNames]);
    const core = layer.requireUsable();
    const { kernels } = core;
    const { call, work } = this.#kept.require();
    const { T, B, N, I } = call;
    const H = layer.units;
    const values = this.#outputGradients(call, gradients);
    const state = B * kernels.rowStride(H);
    const to = place(core.scratch, {
      dx: N * kernels.rowStride(I),
      dOutput: (layer.returnSequences ? N : B) * kernels.rowStride(H),
      dFinal: layer.stateNames.length * state,
      dInitial: layer.stateNames.length * state,
      scratch: layer.scratchFloats(core, work, true),
      staging: Math.max(stagingFloats(call, I), stagingFloats(call, H)),
    });
    const plan = (name: string) => (name === "output" && layer.returnSequences ? work.rows : singleStep(B));
    const names = ["output", ...layer.stateNames];
    const dOutputs = [to.dOutput, ...this.#stateAddresses(core, call, to.dFinal)].map((address, i) => {
      const rows = values[i];
      if (rows === undefined) return 0;
      packRows(core, address, rows, to.staging, plan(names[i] ?? ""), H);
      return address;
    });
    const dInitial = this.#stateAddresses(core, call, to.dInitial);
    this.#kept.clear();
    layer.runBackward(core, { ...work, scratch: to.scratch, dOutputs, dInputs: [to.dx, ...dInitial] });
    const result: Tensors = { input: tensor(unpackRows(core, to.dx, to.staging, work.rows, I), [B, T, I]) };
    for (const [i, name] of layer.stateNames.entries()) {
      result[name] = tensor(unpackRows(core, dInitial[i] ?? 0, to.staging, singleStep(B), H), [B, H]);
    }
    return result;
  }

  #plan(input: Tensor, lengths: RecurrentForwardOptions<object>["lengths"]): Call {
    const layer = this.#layer;
    const [B = 0, T = 0, I = 0] = input.shape;
    if (input.shape.length !== 3 || B < 1 || T < 1 || I < 1 || (layer.inputSize ?? I) !== I) {
      throw new ShapeError(layer.expectation(input.shape));
    }
    const ragged = lengths === undefined ? undefined : planRagged(layer.label, lengths, B, T);
    return { T, B, I, N: ragged?.rows ?? T * B, ragged };
  }

  /** Undefined stands for zeros. */
  #initialStates({ B }: Call, state: object | undefined): readonly (Values | undefined)[] {
    const layer = this.#layer;
    if (state === undefined) return [];
    // The result of an earlier call is taken as it is.
    knownOptions(`${layer.label}.forward's initialState`, state, [...layer.stateNames, "output"]);
    const given = state as Readonly<Record<string, TensorLike>>;
    const shape = [B, layer.units];
    return layer.stateNames.map(
      (name) => layer.requireShape(`initialState.${name}`, given[name] as TensorLike, shape).data,
    );
  }

  /**
   * In training in a region of the layer's own, where backward finds it, in segments where there is no room else; the
   * staging area is everybody's.
   */
  #place(core: Core, call: Call, training: boolean): Addresses<Slot> & Pick<Work, "segmentRows"> {
    const { scratch } = core;
    const shared = { staging: Math.max(stagingFloats(call, call.I), stagingFloats(call, this.#layer.units)) };
    if (!training) return place(scratch, { ...this.#sizes(core, call, training), ...shared });
    const staging = place(scratch, shared);
    return withinMemory(this.#kept.region, Infinity, (bytes) => {
      const segmentRows = this.#layer.segmentRows(core, { rows: rowsOf(call), widths: [call.I] }, bytes);
      return { ...this.#kept.place(this.#sizes(core, call, training, segmentRows)), ...staging, segmentRows };
    });
  }

  #sizes(core: Core, call: Call, training: boolean, segmentRows?: number): Record<Exclude<Slot, "staging">, number> {
    const layer = this.#layer;
    const { kernels } = core;
    const { N, B, I, ragged } = call;
    const H = layer.units;
    const extent = { rows: rowsOf(call), widths: [I], segmentRows };
    return {
      x: N * kernels.rowStride(I),
      output: (layer.returnSequences ? N : B) * kernels.rowStride(H),
      states: layer.stateNames.length * B * kernels.rowStride(H),
      cache: layer.cacheFloats(core, extent, training),
      order: ragged?.order.length ?? 0,
      place: ragged?.place.length ?? 0,
      active: ragged?.active.length ?? 0,
    };
  }

  #writeRows({ memory }: Core, call: Call, at: Addresses<"order" | "place" | "active">): Rows {
    const { ragged } = call;
    if (ragged === undefined) return rowsOf(call);
    memory.i32(at.order, call.B).set(ragged.order);
    memory.i32(at.place, call.B).set(ragged.place);
    memory.i32(at.active, call.T).set(ragged.active);
    return { ...rowsOf(call), order: at.order, place: at.place, active: at.active };
  }

  #stateAddresses({ kernels }: Core, { B }: Call, base: number): readonly number[] {
    const bytes = 4 * B * kernels.rowStride(this.#layer.units);
    return this.#layer.stateNames.map((_, i) => base + i * bytes);
  }

  #result(core: Core, { T, B }: Call, { rows, outputs: [output = 0], states }: Work, staging: number): Tensors {
    const { units: H, returnSequences, stateNames } = this.#layer;
    const plan: RowPlan = returnSequences ? rows : singleStep(B);
    const shape = returnSequences ? [B, T, H] : [B, H];
    const result: Tensors = { output: tensor(unpackRows(core, output, staging, plan, H), shape) };
    for (const [i, name] of stateNames.entries()) {
      result[name] = tensor(unpackRows(core, states[i] ?? 0, staging, singleStep(B), H), [B, H]);
    }
    return result;
  }

  /** Of the output and of each final state; undefined counts as zeros. */
  #outputGradients({ B, T }: Call, gradients: Readonly<Record<string, TensorLike | undefined>>) {
    const { units: H, returnSequences, stateNames } = this.#layer;
    const read = (what: string, shape: readonly number[]): Values | undefined => {
      const value = gradients[what];
      return value === undefined ? undefined : this.#layer.requireShape(`the gradient of ${what}`, value, shape).data;
    };
    return [read("output", returnSequences ? [B, T, H] : [B, H]), ...stateNames.map((name) => read(name, [B, H]))];
  }
}

function rowsOf({ T, B, N, ragged }: Call): Rows {
  return { T, B, N, longest: ragged?.longest ?? T, active: 0, order: 0, place: 0, source: 0, ragged };
}
