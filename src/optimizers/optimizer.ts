/** What all optimizers share: checks, clipping, and state kept beside the layers it belongs to. */
import { type Core, requireCore } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import { OptionError, StateError } from "../errors.ts";
import { Layer, type ParameterBlock } from "../layers/layer.ts";
import { describe, finiteNumber } from "../options.ts";

/** Whose defaults and formulas hold, see each optimizer. */
export type Preset = "keras" | "pytorch";

/** Options that every optimizer takes; with both limits, the norm is clipped first. */
export interface ClippingOptions {
  /** Scale all gradients by limit / norm when the norm over all layers exceeds this limit. */
  readonly globalClipNorm?: number | undefined;
  /** Limit each element of the gradients to [-clipValue, clipValue]. */
  readonly clipValue?: number | undefined;
}

/** The kernels take float32. */
const RATES = { min: 0, max: 1e30 };
const LIMITS = { min: 1e-30, max: 1e30 };

/** One layer's moments, and beta^t for each beta after t steps: running products, since `**` differs between engines. */
interface State {
  readonly region: Region;
  readonly moments: number;
  powers: readonly number[];
}

/** One optimizer step over the parameters of layers. Subclasses give the update of one block. */
export abstract class Optimizer {
  readonly #kind: string;
  readonly #preset: Preset;
  readonly #globalClipNorm: number | undefined;
  readonly #clipValue: number | undefined;
  /** Weak, so that a forgotten layer can be collected while its optimizer lives. */
  #states: WeakMap<Layer, State> = new WeakMap();
  readonly #regions: Set<Region> = new Set();
  #learningRate: number;

  /** Blocks of moments, each as long as the parameters. */
  protected abstract readonly moments: number;

  /** Decay rates whose powers the bias corrections need. */
  protected abstract readonly betas: readonly number[];

  protected constructor(kind: string, preset: Preset, learningRate: unknown, clipping: ClippingOptions) {
    this.#kind = kind;
    this.#preset = preset;
    this.#learningRate = finiteNumber(kind, "learningRate", learningRate, RATES);
    this.#globalClipNorm = limit(kind, "globalClipNorm", clipping.globalClipNorm);
    this.#clipValue = limit(kind, "clipValue", clipping.clipValue);
  }

  /** Step size; may be changed between steps. Setting throws OptionError unless it is finite and at least 0. */
  get learningRate(): number {
    return this.#learningRate;
  }

  set learningRate(value: number) {
    this.#learningRate = finiteNumber(this.#kind, "learningRate", value, RATES);
  }

  /**
   * One step over the accumulated gradients of the layers, which are zeroed afterwards. Clipping looks at all of them
   * together. Throws OptionError for no or repeated layers and StateError for a layer without gradients or with one
   * that is not finite; no weight has changed then.
   */
  apply(layers: readonly Layer[]): void {
    const core = requireCore();
    const blocks = this.#blocks(layers);
    const factor = this.#clipFactor(core, blocks);
    const states = [...blocks.keys()].map((layer) => this.#stateOf(layer));
    for (const [index, [layer, block]] of [...blocks].entries()) {
      const state = states[index];
      if (state === undefined) continue;
      if (factor < 1) core.kernels.scale(block.gradients, block.floats, factor);
      if (this.#clipValue !== undefined) core.kernels.clipValue(block.gradients, block.floats, this.#clipValue);
      state.powers = state.powers.map((power, i) => power * (this.betas[i] ?? 1));
      this.update(core, block, state.moments, state.powers);
      layer.markUpdated();
      layer.zeroGradients();
    }
  }

  /** Frees the moments of all layers; the next step starts afresh. */
  dispose(): void {
    for (const region of this.#regions) region.dispose();
    this.#regions.clear();
    this.#states = new WeakMap();
  }

  /** The update of one block; `powers` are the betas to the number of this step, counted from 1. */
  protected abstract update(core: Core, block: ParameterBlock, moments: number, powers: readonly number[]): void;

  #blocks(layers: readonly Layer[]): Map<Layer, ParameterBlock> {
    if (!Array.isArray(layers) || layers.length === 0) {
      throw new OptionError(
        `${this.#kind}.apply takes an array of layers like [lstm, dense], got ${describe(layers)}.`,
      );
    }
    const blocks = new Map<Layer, ParameterBlock>();
    for (const layer of layers) {
      if (!(layer instanceof Layer)) throw new OptionError(`${this.#kind}.apply takes layers, got ${describe(layer)}.`);
      layer.requireUsable();
      if (blocks.has(layer)) throw new OptionError(`${this.#kind}.apply was given ${layer.label} twice.`);
      if (layer.block === undefined || !layer.hasGradients) {
        throw new StateError(`${layer.label} has no gradients: call its backward before ${this.#kind}.apply.`);
      }
      blocks.set(layer, layer.block);
    }
    return blocks;
  }

  /** PyTorch: limit / (norm + 1e-6), Keras: limit / norm, both at most 1. Also finds what is not finite. */
  #clipFactor({ kernels }: Core, blocks: ReadonlyMap<Layer, ParameterBlock>): number {
    let sum = 0;
    for (const [layer, { gradients, floats }] of blocks) {
      if (this.#globalClipNorm !== undefined) sum += kernels.sumOfSquares(gradients, floats);
      if (this.#globalClipNorm === undefined ? kernels.allFinite(gradients, floats) : Number.isFinite(sum)) continue;
      throw new StateError(
        `A gradient of ${layer.label} is not finite: scale the data, lower the learning rate, then call zeroGradients().`,
      );
    }
    if (this.#globalClipNorm === undefined) return 1;
    const norm = Math.sqrt(sum) + (this.#preset === "pytorch" ? 1e-6 : 0);
    return norm > this.#globalClipNorm ? this.#globalClipNorm / norm : 1;
  }

  #stateOf(layer: Layer): State {
    const known = this.#states.get(layer);
    if (known !== undefined) return known;
    const region = layer.own();
    const floats = layer.block?.floats ?? 0;
    let moments = 0;
    try {
      if (this.moments > 0) moments = region.ensure(this.moments * floats * 4);
    } catch (error) {
      layer.disown(region);
      throw error;
    }
    const state = { region, moments, powers: this.betas.map(() => 1) };
    this.#states.set(layer, state);
    // Regions of layers that are gone have no bytes any more.
    for (const old of this.#regions) if (old.bytes === 0) this.#regions.delete(old);
    if (this.moments > 0) this.#regions.add(region);
    return state;
  }
}

function limit(kind: string, option: string, value: number | undefined): number | undefined {
  return value === undefined ? undefined : finiteNumber(kind, option, value, LIMITS);
}
