/** Kernel calls that are made again and again with the same arguments: a step of a stream allocates nothing. */
import type { Core } from "../core/context.ts";
import type { Kernels } from "../core/kernels.ts";

type Kernel = (...args: readonly number[]) => unknown;

/**
 * What `run` does with kernels, as a function that does it again, on one thread. It runs once for that; sizes that kernels
 * answer are not asked for again.
 */
export function replayOf(core: Core, run: (core: Core) => void): () => void {
  const calls: { readonly kernel: Kernel; readonly args: readonly number[] }[] = [];
  const record =
    (kernel: Kernel): Kernel =>
    (...args) => {
      const answer = kernel(...args);
      if (answer === undefined) calls.push({ kernel, args });
      return answer;
    };
  const entries = Object.entries(core.kernels as unknown as Record<string, Kernel>);
  const kernels = Object.fromEntries(entries.map(([name, kernel]) => [name, record(kernel)])) as unknown as Kernels;
  run({ ...core, pool: undefined, kernels });
  return () => {
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i];
      call?.kernel(...call.args);
    }
  };
}

/** The function that `make` makes, made anew when what `blockOf` answers is another: weights move when a model adopts them. */
export function following(blockOf: () => unknown, make: () => () => void): () => void {
  let block = blockOf();
  let step = make();
  return () => {
    const now = blockOf();
    if (now !== block) {
      block = now;
      step = make();
    }
    step();
  };
}
