/** Who takes part. The first is what the others are compared with. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Contestant {
  readonly name: string;
  /** In tables. */
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Fresh processes, of which the fastest counts. @default 1 */
  readonly processes?: number | undefined;
  /** Why it is not here. */
  readonly missing?: string | undefined;
}

interface Configuration {
  readonly name: string;
  readonly title: string;
  /** Options of `init`. */
  readonly init: object;
  /** Of Node. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const GATEFOLD: readonly Configuration[] = [
  { name: "gatefold", title: "gatefold", init: {} },
  { name: "gatefold-simd", title: "gatefold simd", init: { numerics: "strict" } },
  { name: "gatefold-turbo", title: "gatefold turbo", init: { turbo: true } },
  { name: "gatefold-threads", title: "gatefold 2 threads", init: { threads: 2 } },
  { name: "gatefold-turbo-threads", title: "gatefold turbo, 2 threads", init: { turbo: true, threads: 2 } },
];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const javascript = (name: string, title: string, file: string, arg: string, flags: readonly string[] = []) => ({
  ...{ name, title, command: process.execPath, args: [...flags, here(`build/${file}.js`), arg] },
});

const PEERS: readonly Contestant[] = [
  javascript("tfjs-wasm", "tfjs wasm", "tfjs", "wasm"),
  javascript("tfjs-cpu", "tfjs cpu", "tfjs", "cpu"),
  javascript("brain.js", "brain.js", "brain", ""),
  javascript("onnxruntime-web", "ONNX Runtime web", "ort", "web"),
  javascript("onnxruntime-node", "ONNX Runtime node", "ort", "node"),
];

const TWINS: readonly Contestant[] = [
  javascript("plain-typescript", "plain TypeScript", "twins", "plain"),
  javascript("tiled-typescript", "tiled TypeScript", "twins", "tiled"),
];

/** The first Python that has torch. */
function python(): Contestant {
  const contestant = { name: "pytorch", title: "PyTorch", args: [here("contestants/pytorch.py")], processes: 3 };
  for (const command of ["python3", "/usr/bin/python3"]) {
    try {
      execFileSync(command, ["-c", "import torch"], { stdio: "ignore" });
      return { ...contestant, command };
    } catch {}
  }
  return { ...contestant, command: "python3", missing: "no python3 with torch" };
}

/** @param strictOn Another Node, to run strict numerics on as well. */
export function contestants(strictOn?: string): readonly Contestant[] {
  const gatefold = GATEFOLD.map(({ name, title, init, flags, env }) => ({
    ...javascript(name, title, "gatefold", JSON.stringify(init), flags),
    env,
  }));
  const peers = hasPeers() ? PEERS : PEERS.map((peer) => ({ ...peer, missing: "not installed" }));
  return [...gatefold, ...(strictOn === undefined ? [] : [strict(strictOn)]), ...peers, ...TWINS, python()];
}

function strict(command: string): Contestant {
  const version = execFileSync(command, ["--version"], { encoding: "utf8" }).split(".")[0]?.slice(1);
  const init = JSON.stringify({ numerics: "strict" });
  return { ...javascript("gatefold-simd-on", `gatefold simd, Node ${version}`, "gatefold", init), command };
}

export function hasPeers(): boolean {
  return existsSync(here("node_modules"));
}
