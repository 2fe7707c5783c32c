/**
 * Trains on every engine named and compares the weights' bits, with each other and with expected.ts, and those of another
 * training with 1, 2 and 3 threads, whose programs must end by themselves:
 *
 *     tsx test/engines/run.ts [--node PATH]... [--deno PATH]... [--bun PATH]...
 *
 * The running Node always takes part, and what GATEFOLD_NODE, GATEFOLD_DENO and GATEFOLD_BUN name (paths, separated as in
 * PATH) does too. Exits with 1 on a difference and when an engine fails.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { build } from "esbuild";
import { EXPECTED_HASH } from "./expected.ts";

/** Arguments before the file, for each kind of engine. Deno lets workers read their file if it may be read. */
const KINDS = { node: [], deno: ["run", "--allow-read"], bun: ["run"] } as const;
type Kind = keyof typeof KINDS;

const WORKER = fileURLToPath(new URL("../../build/worker.js", import.meta.url));

interface Engine {
  readonly kind: Kind;
  readonly path: string;
}

interface Outcome {
  readonly engine: string;
  readonly threads: number;
  readonly hash: string;
  readonly note: string;
}

function engines(): readonly Engine[] {
  const option = { type: "string", multiple: true } as const;
  const { values } = parseArgs({ options: { node: option, deno: option, bun: option } });
  const named = (Object.keys(KINDS) as Kind[]).flatMap((kind) => {
    const listed = (process.env[`GATEFOLD_${kind.toUpperCase()}`] ?? "").split(delimiter).filter((path) => path !== "");
    return [...listed, ...(values[kind] ?? [])].map((path) => ({ kind, path }));
  });
  return [{ kind: "node", path: process.execPath }, ...named];
}

/** The words that a program printed last. */
async function runOn({ kind, path }: Engine, file: string, ...args: readonly string[]): Promise<readonly string[]> {
  // Forcing a binary, or threads, would ask for another promise than the one that is tested.
  const { GATEFOLD_VARIANT: _, GATEFOLD_THREADS: __, ...env } = process.env;
  const { stdout } = await promisify(execFile)(path, [...KINDS[kind], file, ...args], { env, timeout: 120_000 });
  return stdout.trim().split("\n").at(-1)?.split(" ") ?? [];
}

async function trainOn(engine: Engine, file: string): Promise<Outcome> {
  try {
    const [hash = "", ...name] = await runOn(engine, file);
    return { engine: name.join(" "), threads: 1, hash, note: hash === EXPECTED_HASH ? "as expected" : "DIFFERS" };
  } catch (error) {
    return failed(engine, 1, error);
  }
}

/** `expected` is the hash of the first outcome. */
async function shareOn(engine: Engine, file: string, threads: number, expected?: string): Promise<Outcome> {
  try {
    const [hash = "", started = "", trained, ...name] = await runOn(engine, file, String(threads), WORKER);
    const late = Date.now() - Number(trained);
    const faults = [
      ...(hash === (expected ?? hash) ? [] : ["DIFFERS"]),
      ...(Number(started) === threads ? [] : [`FAILED: ${started} threads`]),
      ...(late < 1000 ? [] : [`FAILED: ended after ${late} ms`]),
    ];
    return { engine: name.join(" "), threads, hash, note: faults.join(", ") || "as expected" };
  } catch (error) {
    return failed(engine, threads, error);
  }
}

function failed({ kind, path }: Engine, threads: number, error: unknown): Outcome {
  const note = `FAILED: ${String(error).split("\n", 2).join(" ")}`;
  return { engine: `${kind} at ${path}`, threads, hash: "", note };
}

async function bundle(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  const entryPoints = [fileURLToPath(new URL(`${name}.ts`, import.meta.url))];
  const options = { bundle: true, format: "esm", target: "es2022", platform: "neutral", logLevel: "warning" } as const;
  await build({ entryPoints, outfile, external: ["node:*"], mainFields: ["module", "main"], ...options });
  return outfile;
}

const folder = await mkdtemp(join(tmpdir(), "gatefold-engines-"));
try {
  const [hash, shared] = [await bundle("train-hash", folder), await bundle("shared", folder)];
  const outcomes: Outcome[] = [];
  for (const engine of engines()) outcomes.push(await trainOn(engine, hash));
  let expected: string | undefined;
  for (const engine of engines()) {
    for (const threads of [1, 2, 3]) {
      const outcome = await shareOn(engine, shared, threads, expected);
      expected ??= outcome.hash;
      outcomes.push(outcome);
    }
  }
  console.table(outcomes);
  const isSame = outcomes.every(({ note }) => note === "as expected");
  console.log(isSame ? "All engines: the same bits." : `Expected ${EXPECTED_HASH} on every engine.`);
  process.exitCode = isSame ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}
