/**
 * Turbo: the core compiled with V8's experimental re-vectorisation, which joins pairs of 128-bit operations into 256-bit
 * ones. Loaded only when asked for. docs/decisions/0007-turbo.md has the reasons.
 */
import { engine, v8Major } from "./engine.ts";
import { builtin } from "./thread.ts";
import { findFault } from "./turbo-trial.ts";

/** V8 13, in Node 24, is the first whose re-vectorisation was tried here. */
const OLDEST_V8 = 13;
const REVECTORISE = "experimental-wasm-revectorize";
/** Flags by name, as they are and as they are while the core is compiled: all of it at once, by the optimising compiler. */
const EAGER = [
  ["liftoff", "no-liftoff"],
  ["wasm-lazy-compilation", "no-wasm-lazy-compilation"],
] as const;

/**
 * The binary as 256-bit code; undefined, after a warning that says why, where there is none, where its results are not those
 * of the usual code, or where it is not faster. Flags are set only while it compiles, so that no other module is concerned.
 */
export function compileTurbo(bytes: Uint8Array): WebAssembly.Module | undefined {
  try {
    const reason = findObstacle();
    if (reason !== undefined) return giveUp(reason);
    const usual = compile(bytes, "usual");
    const turbo = compile(bytes, "turbo");
    const fault = findFault(turbo, usual);
    return fault === undefined ? turbo : giveUp(fault);
  } catch (error) {
    return giveUp(error instanceof Error ? error.message : String(error));
  }
}

/** Why it need not be tried. */
function findObstacle(): string | undefined {
  if (!engine().startsWith("node ") || v8Major() < OLDEST_V8) {
    return `it needs Node 24 or newer, and this is ${engine()}`;
  }
  const { process } = globalThis as { process?: { readonly arch?: string } };
  return process?.arch === "x64" ? undefined : `V8 has 256-bit code for x64 only, and this is ${process?.arch}`;
}

/** V8 gives equal bytes the code that it has, so each kind has a custom section of its own: their name. */
function compile(bytes: Uint8Array, kind: "usual" | "turbo"): WebAssembly.Module {
  const name = new TextEncoder().encode(kind);
  const section = [0, name.length + 1, name.length, ...name];
  const named = new Uint8Array([...bytes, ...section]);
  const revectorise = kind === "turbo" ? [[`no-${REVECTORISE}`, REVECTORISE] as const] : [];
  const flags = [...EAGER, ...revectorise].filter(([, set]) => !isGiven(set));
  const v8 = builtin("node:v8");
  for (const [, set] of flags) v8?.setFlagsFromString(`--${set}`);
  try {
    return new WebAssembly.Module(named);
  } finally {
    for (const [usual] of flags) v8?.setFlagsFromString(`--${usual}`);
  }
}

/** Whether the user has set a flag of V8's, which then stays. */
function isGiven(flag: string): boolean {
  const { process } = globalThis as { process?: { readonly execArgv?: readonly string[] } };
  return process?.execArgv?.some((argument) => argument.replaceAll("_", "-") === `--${flag}`) ?? false;
}

function giveUp(reason: string): undefined {
  console.warn(`gatefold runs without turbo: ${reason}.`);
  return undefined;
}
