/** Files of models with their configuration edited by hand. */

import { expect } from "vitest";
import { toFloat32, toFloat64 } from "../../src/io/decode.ts";
import { readSafetensors, type WritableTensor, writeSafetensors } from "../../src/io/safetensors.ts";

/** JSON as a test edits it. */
// biome-ignore lint/suspicious/noExplicitAny: whatever a file may hold
export type Config = any;

export interface Edits {
  /** Changes the configuration in place, or gives another one. */
  readonly config?: (config: Config) => unknown;
  /** The configuration as text, after `config`. */
  readonly text?: (text: string) => string;
  /** Other tensors in place of those of the file. */
  readonly tensors?: (tensors: WritableTensor[]) => readonly WritableTensor[];
}

export function edited(file: Uint8Array, { config, text = (json) => json, tensors = (all) => all }: Edits): Uint8Array {
  const { tensors: stored, metadata } = readSafetensors(file);
  const saved = JSON.parse(metadata.get("gatefold") ?? "null") as Config;
  const json = text(JSON.stringify(config?.(saved) ?? saved));
  const all = [...stored.values()].map(
    (tensor): WritableTensor => ({
      name: tensor.name,
      shape: tensor.shape,
      data: tensor.dtype === "F64" ? toFloat64(tensor) : toFloat32(tensor),
    }),
  );
  return writeSafetensors(tensors(all), { ...Object.fromEntries(metadata), gatefold: json });
}

/** The edit that puts `value` at a path like "layers.0.config.units". */
export function set(path: string, value: unknown): (config: Config) => void {
  return (config) => {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const parent = keys.reduce((part, key) => part[key], config);
    parent[last] = value;
  };
}

/** Fails unless two files are the same; vitest's own comparison takes seconds for a megabyte. */
export function expectSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) === 0) return;
  expect(configIn(actual)).toEqual(configIn(expected));
  const at = expected.findIndex((byte, i) => actual[i] !== byte);
  expect.fail(`the files of ${actual.length} and ${expected.length} bytes differ from byte ${at} on`);
}

/** The configuration of a file. */
export function configIn(file: Uint8Array): Config {
  return JSON.parse(readSafetensors(file).metadata.get("gatefold") ?? "null") as Config;
}
