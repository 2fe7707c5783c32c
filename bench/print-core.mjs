// Compiles one binary of build/, for `node --print-wasm-code`: see docs/kernels.md.
import { readFileSync } from "node:fs";

const variant = process.argv[2] === "relaxed" ? ".relaxed" : "";
const module = new WebAssembly.Module(readFileSync(new URL(`../build/core${variant}.wasm`, import.meta.url)));
const memory = new WebAssembly.Memory({ initial: 1 });
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
console.log(Object.keys(exports).join("\n"));
