/**
 * Makes of src/cli/report/client/ what a report's page has inside of it, one script and one style sheet, and of both a
 * module: build/report-assets.js. Run it before what imports the module is bundled or checked.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

export async function buildReportAssets(root: string): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { report: "src/cli/report/client/main.ts", style: "src/cli/report/client/report.css" },
    outdir: "build",
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2022", "chrome111", "firefox115", "safari16.4"],
    inject: ["src/cli/report/client/pixel-ratio.ts"],
    define: { devicePixelRatio: "pixelRatio" },
    legalComments: "none",
  });
  const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
  const licence = (await readFile(join(root, "node_modules/uplot/LICENSE"), "utf8")).trim();
  const notice = `/*! With uPlot (https://github.com/leeoniya/uPlot).\n${licence} */\n`;
  const script = notice + text(".js").trim();
  const style = text(".css").trim();
  await writeFile(
    join(root, "build/report-assets.js"),
    `export const script = ${JSON.stringify(script)};\nexport const style = ${JSON.stringify(style)};\n`,
  );
  await writeFile(
    join(root, "build/report-assets.d.ts"),
    "export declare const script: string;\nexport declare const style: string;\n",
  );
}
