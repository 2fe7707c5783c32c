/** Optimizers from saved states: for models that are loaded. */
import { FormatError, StateError } from "../errors.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Moment, SavedState, Trained } from "./trained.ts";

/**
 * Goes on from a saved state: makes room for the moments and returns where they stand, for the caller to fill. Throws
 * FormatError for numbers that are not such a state; nothing has changed then.
 */
export function restoreState(optimizer: Optimizer, trained: Trained, saved: SavedState): readonly Moment[] {
  const [steps = 0, ...powers] = saved.powers;
  const counts = [saved.iterations, steps].every((count) => Number.isSafeInteger(count) && count > 0);
  if (!counts || powers.length !== optimizer.powerCount || !powers.every(Number.isFinite)) {
    throw new FormatError(
      `The saved state of ${optimizer.kind} has 1 + ${optimizer.powerCount} finite numbers, after at least one step.`,
    );
  }
  trained.requireUsable();
  const { block } = trained;
  if (block === undefined) throw new StateError(`${trained.label} has no weights yet to restore a state for.`);
  return optimizer.resume(trained, block, saved);
}
