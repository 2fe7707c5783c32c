/**
 * Installs the packed package in an empty project and uses it as a stranger would: import, require, types without any of
 * our compiler options, the bytes for edge runtimes, the command, a bundle in a browser. Run after `npm run build`.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { checkBrowser } from "./browser.ts";
import { checkCommand } from "./command.ts";
import {
  FORECAST,
  FORECAST_IMPORTED,
  FORECAST_REQUIRED,
  MODELS,
  MODELS_REQUIRED,
  NETWORK,
  PAGE,
  TYPED,
} from "./programs.ts";
import { Project, root } from "./project.ts";
import { checkThreads } from "./threads.ts";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const project = new Project();

function checkTypes(): void {
  const nodeAlone = ["--lib", "es2022", "--types", "node", "--typeRoots", join(root, "node_modules/@types")];
  for (const options of [
    ["--module", "nodenext", "--types", ""],
    ["--module", "esnext", "--moduleResolution", "bundler", "--types", ""],
    ["--module", "nodenext", ...nodeAlone],
  ]) {
    project.run(
      process.execPath,
      tsc,
      "--strict",
      "--noEmit",
      "--target",
      "es2022",
      ...options,
      "models.ts",
      "typed.ts",
    );
  }
  console.log("types: nodenext, bundler, and those of Node without the DOM's");
}

try {
  project.install();
  const programs = { "models.ts": MODELS, "models.mjs": MODELS, "models.cjs": MODELS_REQUIRED, "typed.ts": TYPED };
  const forecasts = { "forecast.mjs": FORECAST, "imported.mjs": FORECAST_IMPORTED, "required.cjs": FORECAST_REQUIRED };
  for (const [file, text] of Object.entries({ ...programs, ...forecasts, "page.js": PAGE, "network.js": NETWORK }))
    project.write(file, text);
  for (const file of ["models.mjs", "models.cjs", "imported.mjs", "required.cjs"]) project.run(process.execPath, file);
  checkTypes();
  checkCommand(project);
  await checkThreads(project);
  await checkBrowser(project);
} finally {
  project.remove();
}
