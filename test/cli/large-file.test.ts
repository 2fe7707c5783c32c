import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const SIZE = process.env.GATEFOLD_LONG === "1" ? 200e6 : 8e6;
/** Bytes of a line, of which the two columns that are kept are a sixth. */
const LINE = 100;
/** What Node, the core and pieces of a file take, whatever its size. */
const FIXED = 200e6;

/** Rows a second apart, of which the last may be broken. */
async function writeLarge(path: string, last: string): Promise<number> {
  const file = createWriteStream(path);
  file.write("time,load,note\n");
  const rows = Math.floor(SIZE / LINE);
  const note = "x".repeat(LINE - 30);
  for (let from = 0; from < rows; from += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, rows - from) }, (_, i) => {
      const row = from + i;
      const time = new Date(Date.UTC(2020, 0, 1) + row * 1000).toISOString().slice(0, 19);
      return `${time},${(row % 97) + ((row * 31) % 13) / 10},${note}\n`;
    });
    if (!file.write(lines.join(""))) await once(file, "drain");
  }
  file.end(last);
  await once(file, "close");
  return rows;
}

/** The command in a process of its own, and the most memory it held (0 where /proc does not tell). */
async function runChild(
  ...args: readonly string[]
): Promise<{ code: number; errors: string; out: string; peak: number }> {
  const child = spawn(process.execPath, [join(root, "build/cli.js"), ...args]);
  let [errors, out, peak] = ["", "", 0];
  child.stderr.on("data", (text: Buffer) => (errors += text));
  child.stdout.on("data", (text: Buffer) => (out += text));
  const status = `/proc/${child.pid}/status`;
  const timer = setInterval(() => {
    const text = existsSync(status) ? readFileSync(status, "utf8") : "";
    peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0));
  }, 20);
  const [code] = (await once(child, "close")) as [number];
  clearInterval(timer);
  return { code, errors, out, peak };
}

describe(`a file of ${SIZE / 1e6} MB`, () => {
  const columns = ["--target", "load", "--time", "time"];

  test("is never held as a whole: an error in its last line is found, the memory is that of two columns", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "load.csv");
    const rows = await writeLarge(path, "2020-12-31T00:00:00,high,x\n");
    expect(statSync(path).size).toBeGreaterThan(0.9 * SIZE);
    const out = join(folder, "out");
    const { code, errors, peak } = await runChild("forecast", path, ...columns, "--out", out);
    expect(errors).toContain(`"high" in column "load" at line ${rows + 2}`);
    expect(code).toBe(2);
    expect(existsSync(out)).toBe(false);
    // Columns grow by doubling: at most three times their size for a moment.
    expect(peak).toBeLessThan(FIXED + 3 * 16 * rows);
  }, 300_000);

  test("is forecast from its last rows", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "load.csv");
    await writeLarge(path, "");
    const small = ["--last", "2000", "--window", "6", "--horizon", "2", "--units", "4", "--epochs", "1", "--no-arima"];
    const { code, errors, out } = await runChild("forecast", path, ...columns, ...small, "--out", join(folder, "out"));
    expect([code, errors]).toEqual([0, ""]);
    expect(out).toContain("Used the last 2000 of");
  }, 300_000);
});
