/** Weights, inputs and targets of a work, one safetensors file that every contestant reads. */

import { type WritableTensor, writeSafetensors } from "../../src/io/safetensors.ts";
import { Random } from "../../src/random.ts";
import { tiledTwin } from "../twins/lstm-tiled.ts";
import { swapped } from "./layout.ts";
import type { Work } from "./works.ts";

type Tensors = WritableTensor[];

/** Weights are uniform in -1/sqrt(H) to 1/sqrt(H), by PyTorch's names, gates i f g o, one bias; data stands rows first. */
export function dataOf(work: Work): Uint8Array {
  return writeSafetensors(tensorsOf(work));
}

function tensorsOf(work: Work): Tensors {
  const random = new Random(20_17).fork(work.id);
  const { I, H, T, B } = work;
  const uniform = (name: string, shape: readonly number[], scale: number) => ({
    name,
    shape,
    data: Float32Array.from({ length: product(shape) }, () => scale * (2 * random.uniform() - 1)),
  });
  const ids = (name: string, size: number) => ({
    ...{ name, shape: [B, T], data: Int32Array.from({ length: B * T }, () => Math.floor(size * random.uniform())) },
  });
  const scale = 1 / Math.sqrt(H);
  const lstm = (name: string, inputSize: number): Tensors => [
    uniform(`${name}.weight_ih`, [4 * H, inputSize], scale),
    uniform(`${name}.weight_hh`, [4 * H, H], scale),
    uniform(`${name}.bias`, [4 * H], scale),
  ];
  const dense = (size: number): Tensors => [
    uniform("dense.weight", [size, H], scale),
    uniform("dense.bias", [size], scale),
  ];
  const layers = () => [...lstm("lstm0", I), ...lstm("lstm1", H)];
  switch (work.kind) {
    case "forward":
    case "step": {
      const tensors = [...lstm("lstm0", I), uniform("x", [B, T, I], 1)];
      return [...tensors, expected(work, tensors)];
    }
    case "forecast":
      return [...layers(), ...dense(1), uniform("x", [B, T, I], 1), uniform("y", [B, 1], 1)];
    case "characters": {
      const table = uniform("embedding.weight", [work.V, I], 1);
      return [table, ...layers(), ...dense(work.V), ids("x", work.V), ids("y", work.V)];
    }
  }
}

/** What the layer gives [B, T, H], by the twin in plain TypeScript. */
function expected({ I, H, T, B }: Work, tensors: Tensors): WritableTensor {
  const twin = tiledTwin({ T, B, I, H });
  const of = (name: string) => tensors.find((tensor) => tensor.name === name)?.data ?? new Float32Array();
  twin.weight_ih.set(of("lstm0.weight_ih"));
  twin.weight_hh.set(of("lstm0.weight_hh"));
  twin.bias.set(of("lstm0.bias"));
  twin.x.set(swapped(of("x"), B, T, I));
  twin.forward();
  return { name: "expected", shape: [B, T, H], data: swapped(twin.output, T, B, H) };
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}
