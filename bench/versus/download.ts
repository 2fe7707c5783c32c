/** What a browser downloads for an LSTM by each library: the smallest import that can do it, minified, gzipped, and its binary. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { downloadOf, PROGRAMS } from "../../scripts/download.ts";

export interface Download {
  readonly name: string;
  readonly title: string;
  readonly bytes: number;
  /** What of it is JavaScript. */
  readonly scriptBytes: number;
}

interface Program {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  /** In node_modules. */
  readonly binary?: string;
}

const tfjs = (backend: string) =>
  `import { setBackend, train } from "@tensorflow/tfjs-core"; import { layers, sequential } from "@tensorflow/tfjs-layers"; import "@tensorflow/tfjs-backend-${backend}"; globalThis.all = [setBackend, train, layers.lstm, layers.dense, sequential];`;

const PEERS: readonly Program[] = [
  {
    ...{ name: "tfjs-wasm", title: "tfjs wasm", source: tfjs("wasm") },
    binary: "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
  },
  { name: "tfjs-cpu", title: "tfjs cpu", source: tfjs("cpu") },
  {
    ...{ name: "brain.js", title: "brain.js" },
    source: 'import { recurrent } from "brain.js"; globalThis.all = recurrent.LSTMTimeStep;',
  },
  {
    ...{ name: "onnxruntime-web", title: "ONNX Runtime web, inference only" },
    source:
      'import { InferenceSession, Tensor } from "onnxruntime-web/wasm"; globalThis.all = [InferenceSession, Tensor];',
    binary: "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
  },
];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const gzipped = (bytes: Uint8Array) => gzipSync(bytes, { level: 9 }).length;

export async function downloads(): Promise<readonly Download[]> {
  const { bytes, files } = await downloadOf(PROGRAMS.network);
  // The binary is a chunk of its own, as text.
  const isBinary = (name: string) => /^relaxed-/.test(name);
  const scripts = files.filter(({ name }) => !isBinary(name)).reduce((sum, file) => sum + file.bytes, 0);
  const gatefold = { name: "gatefold", title: "gatefold", bytes, scriptBytes: scripts };
  return [gatefold, ...(await Promise.all(PEERS.map(download)))];
}

async function download({ name, title, source, binary }: Program): Promise<Download> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: here("."), sourcefile: "main.js" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    define: { global: "globalThis" },
    // Modules of Node that branches for Node ask for.
    external: [
      "node:*",
      "fs",
      "path",
      "os",
      "util",
      "worker_threads",
      "perf_hooks",
      "module",
      "crypto",
      "string_decoder",
    ],
    logLevel: "error",
    write: false,
  });
  const scriptBytes = outputFiles.reduce((sum, { contents }) => sum + gzipped(contents), 0);
  const binaryBytes = binary === undefined ? 0 : gzipped(await readFile(here(`node_modules/${binary}`)));
  return { name, title, bytes: scriptBytes + binaryBytes, scriptBytes };
}
