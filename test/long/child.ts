/** Programs as child processes, on any Node, with the processor time they took. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** What a child left behind. */
export interface Ended {
  readonly output: string;
  /** Or the signal that ended it. */
  readonly code: number | string;
  /** Processor time of all its threads; of its children none. */
  readonly seconds: number;
}

/** Runs a TypeScript program; what it prints goes on to stderr, where it can be watched. */
export function runProgram(node: string, program: readonly string[], flags: readonly string[] = []): Promise<Ended> {
  return run(node, ["--import", "tsx", "--import", "./test/long/cpu-time.ts", ...flags, ...program], process.env);
}

/** Runs a suite at full length; `seconds` are those of the clock. */
export async function runSuite(
  node: string,
  file: string,
): Promise<{ readonly passed: number; readonly failed: number; readonly seconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), "gatefold-long-"));
  const report = join(folder, "report.json");
  const started = performance.now();
  const flags = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    await run(node, ["node_modules/vitest/vitest.mjs", "run", ...flags, file], { ...process.env, GATEFOLD_LONG: "1" });
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests, seconds: (performance.now() - started) / 1000 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(node: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(node, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit", "ipc"] });
  let output = "";
  let seconds = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk;
    process.stderr.write(chunk);
  });
  child.on("message", (message) => {
    const { user, system } = message as NodeJS.CpuUsage;
    seconds = (user + system) / 1e6;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ output, code: code ?? signal ?? 1, seconds }));
  });
}
