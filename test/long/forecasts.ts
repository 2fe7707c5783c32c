/**
 * Runs `gatefold forecast` on one of four real series with no option but the columns (births as `npm start` does, with its
 * holidays), and prints what its report says in one line.
 *
 *   npx tsx test/long/forecasts.ts births|weather|co2|closes
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../../src/cli/report/report.ts";
import { root } from "./child.ts";

const vega = join(root, "node_modules/vega-datasets/data");
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  weather: [join(vega, "seattle-weather.csv"), "--time", "date", "--target", "temp_max"],
  co2: [join(vega, "co2-concentration.csv"), "--time", "Date", "--target", "CO2"],
  closes: [join(vega, "sp500-2000.csv"), "--time", "date", "--target", "close"],
};

const [name = ""] = process.argv.slice(2);
const out = mkdtempSync(join(tmpdir(), "gatefold-forecast-"));
try {
  const command = COMMANDS[name];
  const args =
    command === undefined ? ["--import", "tsx", "examples/births.ts"] : ["build/cli.js", "forecast", ...command];
  execFileSync(process.execPath, [...args, "--quiet", "--out", out], { cwd: root, stdio: "inherit" });
  const { test, coverage, verdict, byHorizon } = JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as Report;
  const best = test[verdict.bestBaseline]?.rmse ?? Number.NaN;
  const last = byHorizon.at(-1);
  const figures = [
    `RMSE ${test.model.rmse.toPrecision(4)}`,
    `best baseline ${verdict.bestBaseline} ${best.toPrecision(4)}`,
    `ratio ${(verdict.ratio ?? Number.POSITIVE_INFINITY).toFixed(3)}`,
    `of seasonal naive ${(test.model.rmse / (test.seasonalNaive?.rmse ?? Number.NaN)).toFixed(3)}`,
    `95 % interval ${(coverage["95"] * 100).toFixed(1)} %`,
    `step ${last?.step} RMSE ${last?.model.rmse.toPrecision(4)}`,
  ];
  console.log(figures.join(", "));
} finally {
  rmSync(out, { recursive: true });
}
