/** A layer applied to each step of a sequence by itself. */
import type { Core } from "../core/context.ts";
import { ShapeError } from "../errors.ts";
import { refuse } from "../options.ts";
import { formatShape } from "../shape.ts";
import type { Signature } from "./graph.ts";
import { Layer, type LayerOptions } from "./layer.ts";
import { Masking } from "./masking.ts";
import type { Extent, Work } from "./work.ts";

/** Options of `TimeDistributed`. */
export interface TimeDistributedOptions extends LayerOptions {
  /** What is applied to every step. */
  readonly layer: Layer;
}

/**
 * Applies a layer to each step: Dense to [batch, steps, features]; an LSTM to [batch, steps, inner steps, features], as a
 * reader of the characters of each word. Steps are rows of a larger batch, so nothing is copied or looped.
 */
export class TimeDistributed extends Layer {
  readonly layer: Layer;
  override readonly stateCount: number;
  override readonly stateSize: number;
  override readonly isNoisy: boolean;

  /** Throws OptionError. */
  constructor(options: TimeDistributedOptions) {
    super("TimeDistributed", options, ["layer"]);
    if (!(options.layer instanceof Layer)) refuse(this.label, "layer", "a layer", options.layer);
    if ((options.layer as { stateful?: boolean }).stateful) {
      refuse(this.label, "layer", "a layer that is not stateful, since each step starts afresh", options.layer);
    }
    if (options.layer instanceof Masking || !options.layer.takesInputs(1)) {
      refuse(this.label, "layer", "a layer of one input that is not Masking", options.layer);
    }
    this.layer = options.layer;
    this.stateCount = this.layer.stateCount;
    this.stateSize = this.layer.stateSize;
    this.isNoisy = this.layer.isNoisy;
  }

  /** That of the layer inside. */
  override get seed(): number {
    return this.layer.seed;
  }

  override get inner(): readonly Layer[] {
    return [this.layer, ...this.layer.inner];
  }

  override config(): Record<string, unknown> {
    return { name: this.name, layer: { kind: this.layer.kind, config: this.layer.config() } };
  }

  infer(inputs: readonly Signature[]): readonly Signature[] {
    const [input] = inputs;
    if (input === undefined || input.dtype !== "float32" || input.shape.length < 3) {
      throw new ShapeError(`${this.label} expects [batch, steps, ...], got ${formatShape(input?.shape ?? [])}.`);
    }
    const [batch = null, steps = null, ...rest] = input.shape;
    const outputs = this.layer.infer([{ ...input, shape: [batch, ...rest], frame: input.frame }]);
    return outputs.map((output) => {
      const [, ...inner] = output.shape;
      return { ...output, shape: [batch, steps, ...inner], frame: output.frame };
    });
  }

  override isIdentity(training: boolean): boolean {
    return this.layer.isIdentity(training);
  }

  override cacheFloats(core: Core, extent: Extent, training: boolean): number {
    return this.layer.cacheFloats(core, extent, training);
  }

  override segmentRows(core: Core, extent: Extent, bytes: number): number | undefined {
    return this.layer.segmentRows(core, extent, bytes);
  }

  override scratchFloats(core: Core, extent: Extent, training: boolean): number {
    return this.layer.scratchFloats(core, extent, training);
  }

  run(core: Core, work: Work): void {
    this.layer.run(core, work);
  }

  runBackward(core: Core, work: Work): void {
    this.layer.runBackward(core, work);
  }

  override dispose(): void {
    super.dispose();
    this.layer.dispose();
  }
}
