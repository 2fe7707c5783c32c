// Compiles one binary of build/, for `node --print-wasm-code`: see docs/kernels.md.
import { readFileSync } from "node:fs";

const name = process.argv[2] ?? "simd";
const file = ["core", ...name.split(".").filter((part) => part !== "simd"), "wasm"].join(".");
const module = new WebAssembly.Module(readFileSync(new URL(`../build/${file}`, import.meta.url)));
const shared = name.endsWith(".threads") ? { maximum: 65536, shared: true } : {};
const memory = new WebAssembly.Memory({ initial: 1, ...shared });
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
console.log(Object.keys(exports).join("\n"));
