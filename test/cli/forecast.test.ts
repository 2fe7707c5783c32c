import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/cli/report/report.ts";
import { Forecaster } from "../../src/series/forecaster/forecaster.ts";
import { folderOfTests } from "../support/folder.ts";
import { runCli } from "../support/run-cli.ts";
import { exampleSeries } from "../support/series-example.ts";

const folder = folderOfTests();
const file = join(folder, "sales.csv");
const QUICK = ["--window", "8", "--horizon", "3", "--units", "6", "--epochs", "2", "--no-arima"];

/** The series as a CSV text. */
function csvOf(rows: number, seed = 1): string {
  const { times, columns } = exampleSeries({ rows, seed });
  const lines = Array.from({ length: rows }, (_, row) => {
    const date = new Date(times?.[row] ?? 0).toISOString().slice(0, 10);
    return `${date},${columns.get("sales")?.[row]},${columns.get("price")?.[row]}`;
  });
  return `date,sales,price\n${lines.join("\n")}\n`;
}

beforeAll(() => writeFileSync(file, csvOf(260)));

const reportIn = (out: string) => JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as Report;

describe("gatefold forecast", () => {
  test("writes report, page, forecast and model, and prints a table and where they are", async () => {
    const out = join(folder, "one");
    const { code, out: text } = await runCli("forecast", file, "--target", "sales", ...QUICK, "--out", out);
    expect(code).toBe(0);
    expect(readdirSync(out).sort()).toEqual(["forecast.csv", "model.safetensors", "report.html", "report.json"]);
    for (const name of ["LSTM", "persistence", "seasonal naive", "drift", "moving average"])
      expect(text).toContain(name);
    expect(text).toContain(join(out, "report.html"));
    expect(text).toMatch(/95 % interval \d+\.\d %/);
    const { test: errors, byHorizon, data, split } = reportIn(out);
    expect(Object.keys(errors)).toEqual(["model", "persistence", "seasonalNaive", "drift", "movingAverage"]);
    expect(byHorizon).toHaveLength(3);
    expect(data).toMatchObject({ target: "sales", time: "date", frequency: "day", season: 7, rows: 260 });
    expect(split.test).toEqual({ rows: 39, start: "2024-08-09", end: "2024-09-16" });
    const [header, ...rows] = readFileSync(join(out, "forecast.csv"), "utf8").trim().split("\n");
    expect(header).toBe("time,forecast,lower80,upper80,lower95,upper95");
    expect(rows.map((row) => row.split(",")[0])).toEqual(["2024-09-17", "2024-09-18", "2024-09-19"]);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("<!doctype html>");
  });

  test("twice with one seed writes the same model and forecast; with another seed others", async () => {
    const outs = ["a", "b", "c"].map((name) => join(folder, name));
    for (const [i, seed] of ["3", "3", "4"].entries()) {
      await runCli("forecast", file, "--target", "sales", ...QUICK, "--seed", seed, "--out", outs[i] ?? "");
    }
    for (const name of ["model.safetensors", "forecast.csv"]) {
      const [a, b, c] = outs.map((out) => readFileSync(join(out, name)));
      expect(b?.equals(a ?? Buffer.alloc(0))).toBe(true);
      expect(c?.equals(a ?? Buffer.alloc(0))).toBe(false);
    }
  });

  test("says nothing of ARIMA when it was to be left out", async () => {
    const out = join(folder, "plain");
    const { out: text } = await runCli("forecast", file, "--target", "sales", ...QUICK, "--out", out);
    expect(text).not.toContain("ARIMA");
  });

  test("with --json prints the report alone", async () => {
    const out = join(folder, "json");
    const { out: text } = await runCli("forecast", file, "--target", "sales", ...QUICK, "--json", "--out", out);
    const printed = JSON.parse(text) as Report & { readonly files: { readonly page: string } };
    expect(printed.files.page).toBe(join(out, "report.html"));
    expect(printed.test).toEqual(reportIn(out).test);
  });

  test("says plainly that a random walk is not beaten", async () => {
    const walk = join(folder, "walk.csv");
    let value = 100;
    let state = 7;
    const lines = Array.from({ length: 300 }, () => {
      state = (state * 48271) % 2147483647;
      value += state / 2147483647 - 0.5;
      return value.toFixed(6);
    });
    writeFileSync(walk, `price\n${lines.join("\n")}\n`);
    const { code, out } = await runCli("forecast", walk, "--target", "price", ...QUICK, "--out", join(folder, "walk"));
    expect(code).toBe(0);
    expect(out).toContain("the model does not beat the best baseline");
  });

  test("features, holidays, groups and reading options reach the model", async () => {
    const out = join(folder, "many");
    const grouped = join(folder, "grouped.csv");
    const [head = "", ...lines] = csvOf(260).trim().split("\n");
    const other = csvOf(260, 2).trim().split("\n").slice(1);
    const rows = [...lines.map((line) => `north;${line}`), ...other.map((line) => `south;${line}`)];
    writeFileSync(grouped, [`shop;${head}`, ...rows].join("\n").replaceAll(",", ";").replaceAll(".", ","));
    const reading = ["--delimiter", ";", "--decimal", ",", "--group", "shop", "--time", "date"];
    const model = ["--features", "price", "--holidays", "2024-03-01,2024-05-01"];
    const { code, errors } = await runCli(
      "forecast",
      grouped,
      "--target",
      "sales",
      ...QUICK,
      ...reading,
      ...model,
      "--out",
      out,
    );
    expect([code, errors]).toEqual([0, ""]);
    const forecaster = Forecaster.load(readFileSync(join(out, "model.safetensors")));
    expect(forecaster.fitted.features).toEqual(["price"]);
    expect(forecaster.fitted.series.map(({ name }) => name)).toEqual(["north", "south"]);
    expect(forecaster.fitted.holidays.size).toBe(2);
    expect(readFileSync(join(out, "forecast.csv"), "utf8").split("\n")[0]).toMatch(/^series,time,forecast/);
    expect(reportIn(out).series.map(({ name }) => name)).toEqual(["north", "south"]);
    // How the file was read is in the model: predict needs no option for it.
    const predicted = await runCli("predict", join(out, "model.safetensors"), grouped);
    expect(predicted.code).toBe(0);
    expect(predicted.out).toContain("Next steps of sales, south");
  });
});

describe("gatefold predict and inspect", () => {
  const model = join(folder, "one", "model.safetensors");

  test("predict prints and writes what forecast wrote, for the same rows", async () => {
    const written = join(folder, "next.csv");
    expect((await runCli("predict", model, file, "--out", written)).code).toBe(0);
    expect(readFileSync(written, "utf8")).toBe(readFileSync(join(folder, "one", "forecast.csv"), "utf8"));
    const { out } = await runCli("predict", model, file, "--horizon", "2", "--anomalies", "--json");
    const { series } = JSON.parse(out) as { series: { rows: unknown[]; anomalies: unknown[] }[] };
    expect(series[0]?.rows).toHaveLength(2);
    expect(series[0]?.anomalies.length).toBeGreaterThan(0);
  });

  test("inspect shows layers, shapes, sizes and provenance", async () => {
    const { code, out } = await runCli("inspect", model);
    expect(code).toBe(0);
    for (const part of [
      "target         sales",
      "window         8",
      "lstm.weight_ih",
      "2024-01-01 to 2024-09-16",
      "strict",
    ]) {
      expect(out).toContain(part);
    }
    const facts = JSON.parse((await runCli("inspect", model, "--json")).out) as {
      parameters: number;
      forecaster: { horizon: number };
    };
    expect(facts.forecaster.horizon).toBe(3);
    expect(facts.parameters).toBeGreaterThan(100);
  });

  test("--help tells of every command and option; --version is the package's", async () => {
    expect((await runCli("--help")).out).toContain("gatefold forecast births.csv");
    expect((await runCli("forecast", "--help")).out).toContain("--calibration");
    expect((await runCli("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(existsSync(join(folder, "one"))).toBe(true);
  });
});

test("a test part longer than a backtest takes is measured on its last rows, and the text says so", async () => {
  const long = join(folder, "long.csv");
  writeFileSync(long, `load\n${Array.from({ length: 10_400 }, (_, row) => (row * 7) % 11).join("\n")}\n`);
  const args = [
    "--window",
    "4",
    "--horizon",
    "1",
    "--units",
    "3",
    "--epochs",
    "1",
    "--test",
    "10010",
    "--validation",
    "20",
    "--calibration",
    "50",
  ];
  const { out } = await runCli("forecast", long, "--target", "load", ...args, "--out", join(folder, "long"));
  expect(out).toContain("One step ahead over the last 10000 rows:");
  expect(out).toContain("Measured on the last 10000 of 10010 test rows.");
  expect(out).toContain("ARIMA was left out: 10000 origins would each need a fit.");
}, 30_000);
