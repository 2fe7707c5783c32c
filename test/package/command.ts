/** The package's command in an empty project. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expectEqual, type Project } from "./project.ts";

const QUICK = ["--window", "7", "--horizon", "2", "--units", "4", "--epochs", "2"];
const FILES = ["forecast.csv", "model.safetensors", "report.html", "report.json"];

/** Of the project's sales.csv. */
export function checkCommand(project: Project): void {
  const version = project.gatefold(["--version"]);
  expectEqual("gatefold --version", [version.code, version.out], [0, `${project.version}\n`]);

  const forecast = project.gatefold(["forecast", "sales.csv", ...QUICK]);
  expectEqual("gatefold forecast", [forecast.code, forecast.errors], [0, ""]);
  expectEqual("its files", readdirSync(join(project.folder, "sales-forecast")).sort(), FILES);
  if (!/^ARIMA /m.test(forecast.out)) throw new Error(`No ARIMA in\n${forecast.out}`);

  const read = project.gatefold(["forecast", "-", ...QUICK, "--quiet", "--out", "read"], project.read("sales.csv"));
  expectEqual("gatefold forecast -", [read.code, read.out, read.errors], [0, "", ""]);
  expectEqual("its forecast", project.read("read/forecast.csv"), project.read("sales-forecast/forecast.csv"));

  const predict = project.gatefold(["predict", "sales-forecast/model.safetensors", "sales.csv", "--json"]);
  expectEqual("gatefold predict", predict.code, 0);
  expectEqual("its steps", JSON.parse(predict.out).series[0].rows.length, 2);

  project.write("bad.csv", "date,sales\n2024-01-01,many\n");
  const bad = project.gatefold(["forecast", "bad.csv", "--target", "sales"]);
  expectEqual("gatefold forecast of a bad file", bad.code, 2);
  if (!/^gatefold: .*"many".*\.\n$/.test(bad.errors)) throw new Error(`Not in one sentence: ${bad.errors}`);
  expectEqual("folders of a bad file", readdirSync(project.folder).includes("bad-forecast"), false);
  console.log("npx gatefold: version, forecast, predict, a bad file");
}
