/** Who takes part. The first is what the others are compared with. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Fresh processes, of which the fastest counts. @default 1 */
  readonly processes?: number | undefined;
  /** Why it is not here. */
  readonly missing?: string | undefined;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Options of `init` for each configuration of gatefold, and flags for Node. */
const GATEFOLD: readonly { name: string; init: object; flags?: readonly string[]; env?: Record<string, string> }[] = [
  { name: "gatefold", init: {} },
  { name: "gatefold-simd", init: { numerics: "strict" } },
];

const javascript = (name: string, file: string, arg = "", flags: readonly string[] = []): Contestant => ({
  ...{ name, command: process.execPath, args: [...flags, here(`build/${file}.js`), arg] },
});

const PEERS: readonly Contestant[] = [
  javascript("tfjs-wasm", "tfjs", "wasm"),
  javascript("tfjs-cpu", "tfjs", "cpu"),
  javascript("brain.js", "brain"),
  javascript("onnxruntime-web", "ort", "web"),
  javascript("onnxruntime-node", "ort", "node"),
];

const TWINS: readonly Contestant[] = [
  javascript("plain-typescript", "twins", "plain"),
  javascript("tiled-typescript", "twins", "tiled"),
];

/** The first Python that has torch. */
function python(): Contestant {
  const contestant = { name: "pytorch", args: [here("contestants/pytorch.py")], processes: 3 };
  for (const command of ["python3", "/usr/bin/python3"]) {
    try {
      execFileSync(command, ["-c", "import torch"], { stdio: "ignore" });
      return { ...contestant, command };
    } catch {}
  }
  return { ...contestant, command: "python3", missing: "no python3 with torch" };
}

/** @param strictOn Another Node, to run the strict numerics on as well. */
export function contestants(strictOn?: string): readonly Contestant[] {
  const gatefold = GATEFOLD.map(({ name, init, flags, env }) => ({
    ...javascript(name, "gatefold", JSON.stringify(init), flags),
    env,
  }));
  const strict = javascript("gatefold-simd-other-node", "gatefold", JSON.stringify({ numerics: "strict" }));
  const others = strictOn === undefined ? [] : [{ ...strict, command: strictOn }];
  const hasPeers = existsSync(here("node_modules"));
  const peers = hasPeers ? PEERS : PEERS.map((peer) => ({ ...peer, missing: "not installed" }));
  return [...gatefold, ...others, ...peers, ...TWINS, python()];
}
