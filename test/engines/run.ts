/**
 * Trains on every engine named and compares the weights' bits, with each other and with expected.ts:
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

/** Arguments before the file, for each kind of engine. */
const KINDS = { node: [], deno: ["run"], bun: ["run"] } as const;
type Kind = keyof typeof KINDS;

interface Engine {
  readonly kind: Kind;
  readonly path: string;
}

interface Outcome {
  readonly engine: string;
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

async function runOn({ kind, path }: Engine, file: string): Promise<Outcome> {
  // Forcing a binary would ask for another promise than the one that is tested.
  const { GATEFOLD_VARIANT: _, ...env } = process.env;
  try {
    const { stdout } = await promisify(execFile)(path, [...KINDS[kind], file], { env, timeout: 120_000 });
    const [, hash = "", engine = ""] = /^([0-9a-f]{16}) (.+)$/m.exec(stdout) ?? [];
    return { engine: engine || path, hash, note: hash === EXPECTED_HASH ? "as expected" : "DIFFERS" };
  } catch (error) {
    return { engine: `${kind} at ${path}`, hash: "", note: `FAILED: ${String(error).split("\n", 2).join(" ")}` };
  }
}

const folder = await mkdtemp(join(tmpdir(), "gatefold-engines-"));
try {
  const outfile = join(folder, "train-hash.mjs");
  const entry = fileURLToPath(new URL("train-hash.ts", import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", target: "es2022", logLevel: "warning" });
  const outcomes: Outcome[] = [];
  for (const engine of engines()) outcomes.push(await runOn(engine, outfile));
  console.table(outcomes);
  const isSame = outcomes.every(({ hash }) => hash === EXPECTED_HASH);
  console.log(isSame ? "All engines: the same bits." : `Expected ${EXPECTED_HASH} on every engine.`);
  process.exitCode = isSame ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}
