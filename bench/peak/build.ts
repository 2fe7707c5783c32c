import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export type Variant = "simd" | "relaxed";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const asc = join(dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")), "bin/asc.js");
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
    await promisify(execFile)(process.execPath, [asc, "--config", config, "--target", variant], { cwd: root });
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
