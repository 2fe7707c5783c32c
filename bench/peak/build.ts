import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { asc } from "../../scripts/asc.ts";

export type Variant = "simd" | "relaxed";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const sources = [
  join(here, "asconfig.json"),
  join(here, "assembly/chains.ts"),
  join(root, "assembly/simd/f32x4.ts"),
  join(root, "package.json"),
];

/** The binary of bench/peak/assembly for one variant, compiled when a source is newer than build/bench/. */
export async function peakBinary(variant: Variant): Promise<Uint8Array<ArrayBuffer>> {
  const file = join(root, "build/bench", `peak.${variant}.wasm`);
  if (await stale(file)) {
    const config = join(here, "asconfig.json");
    await asc("--config", config, "--target", variant);
  }
  return new Uint8Array(await readFile(file));
}

async function stale(file: string): Promise<boolean> {
  const built = await modified(file);
  const changed = await Promise.all(sources.map(modified));
  return changed.some((time) => time > built);
}

async function modified(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.mtimeMs,
    () => Number.NEGATIVE_INFINITY,
  );
}
