import type { Callback, Logs } from "./callback.ts";

/**
 * What `fit` returns: the logs of its epochs. The i-th number of each list is of the epoch `epoch[i]`, NaN where that
 * epoch had no such log, as when validation is left out. In JSON, where NaN and infinities do not exist, they are null.
 *
 * ```ts
 * const { history } = await model.fit(x, y, { epochs: 20 });
 * history.loss; // 20 numbers
 * ```
 */
export class History implements Callback {
  /** Counted from 0; of a resumed training from its initialEpoch. */
  readonly epoch: number[] = [];
  readonly history: Record<string, number[]> = {};

  onEpochEnd(epoch: number, logs: Logs): void {
    const { history } = this;
    for (const name of Object.keys(logs)) {
      if (!Object.hasOwn(history, name)) history[name] = this.epoch.map(() => Number.NaN);
    }
    this.epoch.push(epoch);
    for (const [name, values] of Object.entries(history)) values.push(logs[name] ?? Number.NaN);
  }
}
