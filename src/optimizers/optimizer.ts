/** What all optimizers share: checks, clipping, decay, averages, and state kept beside the parameters it belongs to. */
import { type Core, requireCore } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import { overFloats } from "../core/split.ts";
import { OptionError, StateError } from "../errors.ts";
import { Layer, type ParameterBlock } from "../layers/layer.ts";
import { describe } from "../options.ts";
import {
  configOf,
  type Defaults,
  type OptimizerOptions,
  type Preset,
  readRate,
  readSettings,
  type Settings,
} from "./options.ts";
import type { Moment, SavedState, StepOptions, Trained } from "./trained.ts";

/** One step over one block. */
export interface Update extends ParameterBlock {
  readonly core: Core;
  /** Where the moments stand, in the order of `moments`. */
  readonly moments: readonly number[];
  readonly rate: number;
  /** Number of this step, counted from 1. */
  readonly step: number;
  /** What `advance` gave for this step. */
  readonly powers: readonly number[];
}

interface State {
  readonly region: Region;
  readonly moments: readonly Moment[];
  steps: number;
  powers: readonly number[];
}

/** One optimizer step over the parameters of layers. Subclasses give the update of one block. */
export abstract class Optimizer {
  /** The optimizer's name in saved models and for `compile`. */
  abstract readonly name: string;
  /** The class, as in `Adam`. @internal */
  readonly kind: string;
  /** Weak, so that a forgotten layer can be collected while its optimizer lives. */
  #states: WeakMap<Trained, State> = new WeakMap();
  readonly #regions: Set<Region> = new Set();
  #settings: Settings;
  #iterations = 0;

  /** Names of the blocks of numbers that a step remembers. */
  protected abstract readonly moments: readonly string[];

  protected constructor(
    kind: string,
    options: OptimizerOptions,
    own: readonly string[],
    defaults: Readonly<Record<Preset, Defaults>>,
  ) {
    this.kind = kind;
    this.#settings = readSettings(kind, options, own, defaults);
  }

  /**
   * Step size of the next step; may be changed between steps. Setting throws OptionError unless it is finite and at least
   * 0, and when a schedule governs it.
   */
  get learningRate(): number {
    const { learningRate } = this.#settings;
    return typeof learningRate === "number" ? learningRate : readRate(this.kind, learningRate.at(this.#iterations));
  }

  set learningRate(value: number) {
    const { learningRate } = this.#settings;
    if (typeof learningRate !== "number") {
      throw new OptionError(
        `${this.kind} takes learningRate from its ${learningRate.name}: make one with a number to set it to ${describe(value)}.`,
      );
    }
    this.#settings = { ...this.#settings, learningRate: readRate(this.kind, value) };
  }

  /** Steps taken so far, however many layers each had. */
  get iterations(): number {
    return this.#iterations;
  }

  /** Options that make an equal optimizer, as JSON can hold them; what it remembers is not among them. */
  config(): Record<string, unknown> {
    return configOf(this.#settings);
  }

  /** Whether `config` says all to who knows its names: not with a schedule of the user's own. @internal */
  get isNamed(): boolean {
    const { learningRate } = this.#settings;
    return typeof learningRate === "number" || learningRate.isNamed;
  }

  /** Whose defaults and formulas hold. */
  protected get preset(): Preset {
    return this.#settings.preset;
  }

  /** Clips the global norm, unless the options said anything about clipping. @internal */
  setDefaultClipNorm(limit: number): void {
    const { globalClipNorm, clipValue } = this.#settings;
    if (globalClipNorm === undefined && clipValue === undefined) {
      this.#settings = { ...this.#settings, globalClipNorm: limit };
    }
  }

  /**
   * One step over the accumulated gradients of the layers, which are zeroed afterwards. Clipping looks at all of them
   * together. Throws OptionError for no or repeated layers and StateError for a layer without gradients or with one
   * that is not finite; no weight has changed then.
   */
  apply(layers: readonly Layer[]): void {
    if (!Array.isArray(layers) || layers.length === 0) {
      throw new OptionError(`${this.kind}.apply takes an array of layers like [lstm, dense], got ${describe(layers)}.`);
    }
    for (const layer of layers) {
      if (!(layer instanceof Layer)) throw new OptionError(`${this.kind}.apply takes layers, got ${describe(layer)}.`);
    }
    this.step(layers);
  }

  /** `apply` for anything with one block; returns whether the step was taken. @internal */
  step(trained: readonly Trained[], { onNonFinite = "throw" }: StepOptions = {}): boolean {
    const core = requireCore();
    const blocks = this.#blocks(trained);
    const rate = this.learningRate;
    const factor = this.#clipFactor(core, blocks, onNonFinite);
    if (factor === undefined) {
      for (const owner of blocks.keys()) owner.zeroGradients();
      return false;
    }
    const states = [...blocks].map(([owner, block]) => this.#requireState(owner, block));
    this.#iterations += 1;
    for (const [index, [owner, block]] of [...blocks].entries()) {
      const state = states[index];
      if (state !== undefined) this.#update(core, block, state, rate, factor);
      owner.markUpdated();
      owner.zeroGradients();
    }
    return true;
  }

  /** Makes room for the state of a block, which its first step would do else. Throws OutOfMemoryError. @internal */
  prepare(trained: Trained): void {
    if (trained.block !== undefined) this.#requireState(trained, trained.block);
  }

  /** Writes the averages of the weights into the weights, for an optimizer with `useEma`; to be called after training. */
  finalize(trained: Trained): void {
    const { memory } = trained.requireUsable();
    const [state, block] = [this.#states.get(trained), trained.block];
    if (this.#settings.average === undefined || state === undefined || block === undefined) return;
    const average = state.moments.at(-1)?.address ?? 0;
    memory.f32(block.parameters, block.floats).set(memory.f32(average, block.floats));
    trained.markUpdated();
  }

  /** What a saved model keeps, and where the moments stand; undefined before the first step. @internal */
  stateOf(trained: Trained): (SavedState & { readonly moments: readonly Moment[] }) | undefined {
    const state = this.#states.get(trained);
    if (state === undefined || state.steps === 0) return undefined;
    return { iterations: this.#iterations, powers: [state.steps, ...state.powers], moments: state.moments };
  }

  /** Running products of a block, beside its number of steps. @internal */
  get powerCount(): number {
    return this.advance([], 1).length;
  }

  /** Goes on from a saved state that was checked: where the moments stand, for the caller to fill. @internal */
  resume(
    trained: Trained,
    block: ParameterBlock,
    { iterations, powers: [steps = 0, ...powers] }: SavedState,
  ): readonly Moment[] {
    const state = this.#requireState(trained, block);
    [state.steps, state.powers, this.#iterations] = [steps, powers, iterations];
    return state.moments;
  }

  /** Frees the moments of one block; its next step starts afresh. @internal */
  forget(trained: Trained): void {
    const state = this.#states.get(trained);
    if (state === undefined) return;
    this.#states.delete(trained);
    this.#regions.delete(state.region);
    trained.disown(state.region);
  }

  /** Frees the moments of all layers; the next step starts afresh. */
  dispose(): void {
    for (const region of this.#regions) region.dispose();
    this.#regions.clear();
    this.#states = new WeakMap();
  }

  /** The update of one block. */
  protected abstract update(update: Update): void;

  /** Running products for step `step` from those of the step before; from [] for the first. */
  protected advance(_powers: readonly number[], _step: number): readonly number[] {
    return [];
  }

  /** Whether weight decay takes from the weights and not, as PyTorch's L2 does, from the gradients. */
  protected get isDecayDecoupled(): boolean {
    return this.preset === "keras";
  }

  #update(core: Core, block: ParameterBlock, state: State, rate: number, factor: number): void {
    const { memory } = core;
    const { parameters, gradients, floats } = block;
    const { weightDecay, clipValue, average } = this.#settings;
    if (factor < 1) overFloats(core, "scale", [gradients], floats, [factor]);
    if (clipValue !== undefined) overFloats(core, "clipValue", [gradients], floats, [clipValue]);
    if (weightDecay > 0) {
      // Not scaled by 1 - decay, whose rounding to float32 would be a bias.
      if (this.isDecayDecoupled) overFloats(core, "blend", [parameters, parameters], floats, [1, -rate * weightDecay]);
      else overFloats(core, "blend", [gradients, parameters], floats, [1, weightDecay]);
    }
    state.steps += 1;
    state.powers = this.advance(state.powers, state.steps);
    const moments = state.moments.slice(0, this.moments.length).map(({ address }) => address);
    this.update({ core, ...block, moments, rate, step: state.steps, powers: state.powers });
    if (average === undefined) return;
    const averages = state.moments.at(-1)?.address ?? 0;
    // The first average is the weights themselves.
    const momentum = state.steps === 1 ? 0 : average.momentum;
    overFloats(core, "blend", [averages, parameters], floats, [momentum, 1 - momentum]);
    if (average.overwriteFrequency !== null && this.#iterations % average.overwriteFrequency === 0) {
      memory.f32(parameters, floats).set(memory.f32(averages, floats));
    }
  }

  #blocks(trained: readonly Trained[]): Map<Trained, ParameterBlock> {
    const blocks = new Map<Trained, ParameterBlock>();
    for (const owner of trained) {
      owner.requireUsable();
      if (blocks.has(owner)) throw new OptionError(`${this.kind}.apply was given ${owner.label} twice.`);
      if (owner.block === undefined || !owner.hasGradients) {
        throw new StateError(`${owner.label} has no gradients: call its backward before ${this.kind}.apply.`);
      }
      blocks.set(owner, owner.block);
    }
    return blocks;
  }

  /**
   * What the gradients are multiplied by, undefined to skip the step. PyTorch: limit / (norm + 1e-6), Keras: limit / norm,
   * both at most 1. The sum of squares also finds what is not finite.
   */
  #clipFactor(
    { kernels }: Core,
    blocks: ReadonlyMap<Trained, ParameterBlock>,
    onNonFinite: "throw" | "skip" | "ignore",
  ): number | undefined {
    const limit = this.#settings.globalClipNorm ?? Infinity;
    let sum = 0;
    for (const [owner, { gradients, floats }] of blocks) {
      if (limit < Infinity) sum += kernels.sumOfSquares(gradients, floats);
      if (onNonFinite === "ignore") continue;
      if (limit === Infinity ? kernels.allFinite(gradients, floats) : Number.isFinite(sum)) continue;
      if (onNonFinite === "skip") return undefined;
      throw new StateError(
        `A gradient of ${owner.blame?.() ?? owner.label} is not finite: scale the data, lower the learning rate, then call zeroGradients().`,
      );
    }
    const norm = Math.sqrt(sum) + (this.preset === "pytorch" ? 1e-6 : 0);
    return norm > limit ? limit / norm : 1;
  }

  #requireState(owner: Trained, { floats }: ParameterBlock): State {
    const known = this.#states.get(owner);
    if (known !== undefined) return known;
    const names = [...this.moments, ...(this.#settings.average === undefined ? [] : ["average"])];
    const region = owner.own();
    let start = 0;
    try {
      if (names.length > 0) start = region.ensure(names.length * floats * 4);
    } catch (error) {
      owner.disown(region);
      throw error;
    }
    const moments = names.map((name, n) => ({ name, address: start + n * floats * 4 }));
    const state = { region, moments, steps: 0, powers: [] };
    this.#states.set(owner, state);
    // Regions of layers that are gone have no bytes any more.
    for (const old of this.#regions) if (old.bytes === 0) this.#regions.delete(old);
    if (names.length > 0) this.#regions.add(region);
    return state;
  }
}
