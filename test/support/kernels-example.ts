/** What an example of a kernel is made of. */
import type { Kernels } from "../../src/core/kernels.ts";
import type { Arena, Layout } from "./kernels-arena.ts";
import { floats } from "./kernels-values.ts";

/** Places operands in the arena; the call comes later. */
export type Example = (kernels: Kernels, arena: Arena) => () => unknown;

/** Addresses of operands of random numbers. */
export class Operands {
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  in(layout: Layout): number {
    return this.#arena.input("input", layout, floats(1, layout.rows * layout.width)).address;
  }

  io(layout: Layout): number {
    return this.#arena.inout("inout", layout, floats(2, layout.rows * layout.width)).address;
  }

  out(layout: Layout): number {
    return this.#arena.output("output", layout).address;
  }

  integers(...values: readonly number[]): number {
    return this.#arena.integers("integers", values).address;
  }
}

export function example(prepare: (kernels: Kernels, operands: Operands) => () => unknown): Example {
  return (kernels, arena) => prepare(kernels, new Operands(arena));
}
