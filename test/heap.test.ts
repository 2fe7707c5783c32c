import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execArgv, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "gatefold-heap-"));
const program = join(folder, "heap-child.mjs");

beforeAll(async () => {
  const entryPoints = [fileURLToPath(new URL("support/heap-child.ts", import.meta.url))];
  await build({ entryPoints, outfile: program, bundle: true, format: "esm", platform: "node", logLevel: "silent" });
});

afterAll(() => rmSync(folder, { recursive: true }));

function measured(...what: readonly string[]): Readonly<Record<string, number>> {
  const flags = execArgv.filter((flag) => flag.startsWith("--experimental-wasm"));
  const answer = execFileSync(execPath, [...flags, "--expose-gc", program, ...what], { encoding: "utf8" });
  return JSON.parse(answer);
}

test("100 cycles of create, train, stream, save, load and dispose leave less than 2 kB each in the heap", () => {
  expect(measured("cycles")["bytes a cycle"]).toBeLessThan(2000);
});

test("a step of a stream allocates nothing: 200,000 of them take less than 2 bytes each and no collection", () => {
  for (const [name, value] of Object.entries(measured("streams", "2"))) {
    if (name.startsWith("bytes")) expect(value, name).toBeLessThan(2);
    else expect(value, name).toBe(0);
  }
});
