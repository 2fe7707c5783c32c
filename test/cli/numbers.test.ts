/** Numbers that are hard to show, and model files from elsewhere. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/cli/report/report.ts";
import { Forecaster } from "../../src/series/forecaster/forecaster.ts";
import { folderOfTests } from "../support/folder.ts";
import { runCli } from "../support/run-cli.ts";
import { exampleSeries } from "../support/series-example.ts";

const folder = folderOfTests();
const QUICK = ["--window", "8", "--horizon", "3", "--units", "4", "--epochs", "1", "--no-arima"];
const isoDay = (row: number) => new Date(Date.UTC(2024, 0, 1 + row)).toISOString().slice(0, 10);

async function forecast(name: string, values: ArrayLike<number>, ...args: readonly string[]) {
  const file = join(folder, `${name}.csv`);
  const lines = Array.from(values, (value, row) => `${isoDay(row)},${value}`);
  writeFileSync(file, `date,sales\n${lines.join("\n")}\n`);
  const out = join(folder, name);
  const result = await runCli("forecast", file, "--target", "sales", ...QUICK, ...args, "--out", out);
  return { ...result, file, folder: out, model: join(out, "model.safetensors") };
}

test("a series that never moves is forecast, beaten, and written without NaN and Infinity", async () => {
  const { code, out, folder: written } = await forecast("still", new Float64Array(260));
  expect(code).toBe(0);
  expect(out).toContain("does not beat the best baseline, persistence (the last value): that has no error at all.");
  expect(out).not.toMatch(/NaN|Infinity|undefined/);
  const report = JSON.parse(readFileSync(join(written, "report.json"), "utf8")) as Report;
  expect(report.test.persistence).toEqual({ rmse: 0, mae: 0, mape: null });
  expect(readFileSync(join(written, "forecast.csv"), "utf8")).not.toMatch(/NaN|Infinity/);
});

describe("a model file", () => {
  const sales = exampleSeries().columns.get("sales") ?? new Float64Array(0);

  test("of a group of one still tells its name", async () => {
    const file = join(folder, "group.csv");
    const lines = Array.from(sales, (value, row) => `north,${isoDay(row)},${value}`);
    writeFileSync(file, `shop,date,sales\n${lines.join("\n")}\n`);
    const out = join(folder, "group");
    await runCli("forecast", file, "--target", "sales", "--group", "shop", ...QUICK, "--out", out);
    expect(readFileSync(join(out, "forecast.csv"), "utf8")).toMatch(/^series,time,forecast.*\nnorth,2024-09-17,/);
  });

  test("saved without the command line is read too: times are found as forecast finds them", async () => {
    const { model, file } = await forecast("sales", sales, "--seed", "1234567890");
    const plain = join(folder, "plain.safetensors");
    writeFileSync(plain, Forecaster.load(readFileSync(model)).save());
    const { code, errors, out } = await runCli("predict", plain, file, "--anomalies", "--json");
    expect([code, errors]).toEqual([0, ""]);
    const { series } = JSON.parse(out) as { series: { rows: { time: string }[] }[] };
    expect(series[0]?.rows[0]?.time).toBe("2024-09-17");
    expect((await runCli("inspect", plain)).out).toMatch(/^seed +1234567890$/m);
  });

  test.each([
    [{ version: 2 }],
    [{ version: 1, missing: 5 }],
    [{ version: 1, columns: [] }],
  ])("that tells %j of the file it was trained on is refused", async (entry) => {
    const { model, file } = await forecast("strange", sales);
    const bytes = Forecaster.load(readFileSync(model)).save({ metadata: { "gatefold.csv": JSON.stringify(entry) } });
    writeFileSync(model, bytes);
    const { code, errors } = await runCli("predict", model, file);
    expect(code).toBe(2);
    expect(errors).toMatch(/^gatefold: gatefold\.csv\..*\.\n$/);
  });
});
