import { expect, test } from "vitest";
import { FormatError } from "../../src/errors.ts";
import { toFloat32, toFloat64, toInt32, toUint32 } from "../../src/io/decode.ts";
import { readSafetensors, writeSafetensors } from "../../src/io/safetensors.ts";
import { BITS } from "../../src/io/stored.ts";
import { Random } from "../../src/random.ts";
import { mutations, requirePrototypesUntouched } from "../support/mutate.ts";

const FILE = writeSafetensors(
  [
    { name: "lstm.weight_ih", shape: [4, 3], data: Float32Array.from({ length: 12 }, (_, i) => i / 8) },
    { name: "lstm.bias", shape: [4], data: new Float32Array(4) },
    { name: "rate", shape: [], data: Float64Array.of(1e-3) },
    { name: "random", shape: [4], data: Uint32Array.of(1, 2, 3, 4) },
    { name: "steps", shape: [2, 0], data: new Int32Array(0) },
  ],
  { format: "gatefold", config: JSON.stringify({ layers: [{ className: "LSTM", config: { units: 4 } }], seed: 7 }) },
);

/** Reads all there is; throws nothing but FormatError. Whether the file was accepted. */
function readAll(bytes: Uint8Array): boolean {
  const orElse = (call: () => unknown) => {
    try {
      call();
      return true;
    } catch (error) {
      if (error instanceof FormatError) return false;
      throw error;
    }
  };
  return orElse(() => {
    const { tensors } = readSafetensors(bytes);
    for (const [name, tensor] of tensors) {
      const { dtype, shape } = tensor;
      expect(tensor.name).toBe(name);
      expect(shape.reduce((count, size) => count * size, BITS[dtype])).toBe(tensor.bytes.length * 8);
      for (const decode of [toFloat32, toFloat64, toInt32, toUint32]) orElse(() => decode(tensor));
    }
  });
}

test("2,000 damaged files end in a result or a FormatError, and change no prototype", () => {
  let accepted = 0;
  for (const { what, bytes } of mutations(FILE, new Random(20), 2000)) {
    try {
      if (readAll(bytes)) accepted++;
    } catch (cause) {
      throw new Error(`${what}: ${Buffer.from(bytes).toString("base64").slice(0, 2000)}`, { cause });
    }
    requirePrototypesUntouched();
  }
  // Both ends are well visited.
  expect(accepted).toBeGreaterThan(100);
  expect(accepted).toBeLessThan(1500);
});

test("mutations are the same for the same seed, and reach every refusal of tensors and offsets", () => {
  const messages = (seed: number) =>
    [...mutations(FILE, new Random(seed), 2000)].map(({ bytes }) => {
      try {
        readSafetensors(bytes);
        return "accepted";
      } catch (error) {
        return (error as Error).message;
      }
    });
  const found = messages(3);
  expect(messages(3)).toEqual(found);
  const all = found.join("\n");
  for (const part of ["cut off", "no safetensors", "UTF-8", "nested", "needs", "twice", "has no", "unknown dtype"]) {
    expect(all).toContain(part);
  }
  for (const part of ["data_offsets", "integers from 0", "hole", "overlaps", "does not fit", "before it begins"]) {
    expect(all).toContain(part);
  }
});
