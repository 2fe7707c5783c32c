/**
 * Installs the packed package in an empty project and uses it as a stranger would: import, require, types without any of
 * our compiler options, the bytes for edge runtimes, the command, a bundle in a browser. Run after `npm run build`.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { checkBrowser } from "./browser.ts";
import { checkCommand } from "./command.ts";
import { FORECAST, FORECAST_IMPORTED, FORECAST_REQUIRED, MODELS, MODELS_REQUIRED, PAGE, TYPED } from "./programs.ts";
import { Project } from "./project.ts";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const project = new Project();

function checkTypes(): void {
  const options = ["--strict", "--noEmit", "--target", "es2022", "--types", ""];
  for (const resolution of [["nodenext"], ["esnext", "--moduleResolution", "bundler"]]) {
    project.run(process.execPath, tsc, ...options, "--module", ...resolution, "models.ts", "typed.ts");
  }
  console.log("types: nodenext and bundler");
}

try {
  project.install();
  const programs = { "models.ts": MODELS, "models.mjs": MODELS, "models.cjs": MODELS_REQUIRED, "typed.ts": TYPED };
  const forecasts = { "forecast.mjs": FORECAST, "imported.mjs": FORECAST_IMPORTED, "required.cjs": FORECAST_REQUIRED };
  for (const [file, text] of Object.entries({ ...programs, ...forecasts, "page.js": PAGE })) project.write(file, text);
  for (const file of ["models.mjs", "models.cjs", "imported.mjs", "required.cjs"]) project.run(process.execPath, file);
  checkTypes();
  checkCommand(project);
  await checkBrowser(project);
} finally {
  project.remove();
}
