import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toFloat32 } from "../../src/io/decode.ts";
import { writeFileAtomically } from "../../src/io/files.ts";
import { readSafetensors } from "../../src/io/safetensors.ts";
import { Random } from "../../src/random.ts";

const here = dirname(fileURLToPath(import.meta.url));
const KILLS = process.env.GATEFOLD_LONG === "1" ? 200 : 20;

const folder = mkdtempSync(join(tmpdir(), "gatefold-crash-"));
const checkpoints = join(folder, "checkpoints");
const program = join(folder, "crash-writer.mjs");
const path = join(checkpoints, "state.safetensors");

beforeAll(async () => {
  const entryPoints = [join(here, "crash-writer.ts")];
  await build({ entryPoints, outfile: program, bundle: true, format: "esm", platform: "node", logLevel: "silent" });
  mkdirSync(checkpoints);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Starts the writer at checkpoint `first` and kills it `delay` ms after its start or its first acknowledgement. */
async function killed(first: number, delay: number, isFromStart: boolean): Promise<readonly number[]> {
  const child = spawn(process.execPath, [program, path, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  const killLater = () => setTimeout(() => child.kill("SIGKILL"), delay);
  if (isFromStart) killLater();
  child.stdout.on("data", (chunk) => {
    if (output === "" && !isFromStart) killLater();
    output += chunk;
  });
  const signal = await new Promise((resolve) => child.once("close", (_, name) => resolve(name)));
  expect(signal).toBe("SIGKILL");
  return output.split("\n").slice(0, -1).map(Number);
}

/** The number of the checkpoint on the disk; fails unless it is whole. */
function countOnDisk(): number {
  const { tensors, metadata } = readSafetensors(readFileSync(path));
  const count = Number(metadata.get("count"));
  const state = tensors.get("state");
  const values = state === undefined ? new Float32Array() : toFloat32(state);
  expect(values.length).toBe(50_000 + (count % 7) * 20_000);
  expect(values.every((value) => value === count)).toBe(true);
  return count;
}

test(`kill -9 at ${KILLS} random moments: no torn checkpoint, none lost that was acknowledged`, async () => {
  const random = new Random(1);
  let last = -1;
  let acknowledged = 0;
  for (let i = 0; i < KILLS; i++) {
    const isFromStart = i % 5 === 4;
    const counts = await killed(last + 1, random.uniform(0, isFromStart ? 120 : 40), isFromStart);
    acknowledged += counts.length;
    last = Math.max(last, counts.at(-1) ?? -1);
    if (last < 0) continue;
    const found = countOnDisk();
    expect(found).toBeGreaterThanOrEqual(last);
    // At most the one that was being written.
    expect(found).toBeLessThanOrEqual(last + 1);
    last = found;
  }
  expect(acknowledged).toBeGreaterThan(KILLS);
  await writeFileAtomically(path, new Uint8Array(1));
  expect(readdirSync(checkpoints)).toEqual(["state.safetensors"]);
}, 600_000);
