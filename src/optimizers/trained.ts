/** What an optimizer sees of what it trains, and what a saved model keeps of an optimizer. */
import type { Core } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import type { ParameterBlock } from "../layers/layer.ts";

/** Parameters that an optimizer updates as one block: a layer alone, or all layers of a model together. */
export interface Trained {
  readonly label: string;
  readonly block: ParameterBlock | undefined;
  readonly hasGradients: boolean;
  requireUsable(): Core;
  own(): Region;
  disown(region: Region): void;
  markUpdated(): void;
  zeroGradients(): void;
  /** Whose gradient is not finite, for the message; by default the label. */
  blame?(): string;
}

/** What to do about gradients that are not finite: `skip` zeroes them and changes nothing else, `ignore` does not look. */
export interface StepOptions {
  readonly onNonFinite?: "throw" | "skip" | "ignore";
}

/** What a saved model keeps of an optimizer beside the moments. */
export interface SavedState {
  /** Steps of the optimizer. */
  readonly iterations: number;
  /** Steps of the block, then running products such as beta^t. */
  readonly powers: readonly number[];
}

/** A block's moments by name and where they stand, each as long as the parameters. */
export interface Moment {
  readonly name: string;
  readonly address: number;
}
