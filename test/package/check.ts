/**
 * Installs the packed package in an empty project and uses it as a stranger would: import, require, types without any of
 * our compiler options, the bytes for edge runtimes. Run after `npm run build`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const project = mkdtempSync(join(tmpdir(), "gatefold-package-"));

const program = `
import { Adam, Dense, earlyStopping, init, load, LSTM, meanSquaredError, Sequential, tensor, ShapeError } from "gatefold";
const info = await init();
const lstm = new LSTM({ units: 8, inputSize: 3, seed: 1 });
const dense = new Dense({ units: 1, seed: 2 });
const adam = new Adam({ learningRate: 0.01, globalClipNorm: 1 });
const x = tensor(Float32Array.from({ length: 60 }, (_, i) => (i % 7) / 7), [4, 5, 3]);
let first = 0;
let last = 0;
for (let step = 0; step < 50; step++) {
  const { output } = lstm.forward(x, { training: true });
  const { value, gradient } = meanSquaredError(dense.forward(output, { training: true }), [[0], [1], [0], [1]]);
  lstm.backward({ output: dense.backward(gradient).input });
  adam.apply([lstm, dense]);
  if (step === 0) first = value;
  last = value;
}
if (!(last < first)) throw new Error("The loss did not fall: " + first + ", " + last);
try {
  lstm.forward([[1, 2]]);
  throw new Error("A matrix was taken for a sequence.");
} catch (error) {
  if (!(error instanceof ShapeError)) throw error;
}
const model = new Sequential([new LSTM({ units: 8 }), new Dense({ units: 1 })], { seed: 1 });
model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: "meanSquaredError", metrics: ["mae"] });
const callbacks = [earlyStopping({ patience: 20 })];
const { history } = await model.fit(x, [[0], [1], [0], [1]], { epochs: 20, verbose: 0, validationSplit: 0.25, callbacks });
const again = load(model.save());
if (again.parameterCount !== model.parameterCount) throw new Error("Another model was loaded.");
const losses = history.loss ?? [];
if (!((losses[19] ?? 1) < (losses[0] ?? 0))) throw new Error("The model did not learn: " + losses);
console.log(model.stream().step([0, 1, 0]).length, Object.keys(history).join(" "));
console.log(info.variant, info.engine, first.toFixed(4), "->", last.toFixed(4));
`;
const commonJs = `
const { readFileSync } = require("node:fs");
const { initSync, LSTM } = require("gatefold");
const { variant } = initSync({ bytes: readFileSync(require.resolve("gatefold/core.wasm")) });
if (new LSTM({ units: 4 }).forward([[[1, 2]]]).output.shape.join() !== "1,4") throw new Error("Wrong shape.");
console.log("require and initSync:", variant);
`;

const run = (file: string, ...args: string[]) =>
  execFileSync(file, args, { cwd: project, stdio: ["ignore", "inherit", "inherit"] });

try {
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", project], {
    cwd: root,
    encoding: "utf8",
  });
  const tarball = packed.trim().split("\n").at(-1) ?? "";
  writeFileSync(join(project, "package.json"), '{ "name": "stranger", "private": true, "type": "module" }\n');
  run("npm", "install", "--no-audit", "--no-fund", "--offline", `./${tarball}`);
  writeFileSync(join(project, "program.ts"), program);
  writeFileSync(join(project, "program.mjs"), program);
  writeFileSync(join(project, "program.cjs"), commonJs);
  run(process.execPath, "program.mjs");
  run(process.execPath, "program.cjs");
  for (const resolution of ["nodenext", "esnext"]) {
    const options = ["--strict", "--noEmit", "--target", "es2022", "--types", "", "--module", resolution];
    run(
      process.execPath,
      tsc,
      ...options,
      ...(resolution === "esnext" ? ["--moduleResolution", "bundler"] : []),
      "program.ts",
    );
  }
  console.log("types: nodenext and bundler");
} finally {
  rmSync(project, { recursive: true });
}
