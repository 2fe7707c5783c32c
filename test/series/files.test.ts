/** Files as they are found: what the defaults make of them. */
import { createReadStream } from "node:fs";
import { expect, test } from "vitest";
import { readCsv } from "../../src/series/csv.ts";
import { describeFrequency } from "../../src/series/frequency.ts";
import type { Table } from "../../src/series/table.ts";
import { toSeries, toSeriesByGroup } from "../../src/series/to-series.ts";

function read(name: string): Promise<Table> {
  const file = new URL(`../../node_modules/vega-datasets/data/${name}`, import.meta.url);
  return readCsv(createReadStream(file), { name });
}

test.each<[string, string, string, number, readonly string[], readonly string[]]>([
  ["seattle-weather.csv", "date", "day", 1461, ["precipitation", "temp_max", "temp_min", "wind"], []],
  [
    "co2-concentration.csv",
    "Date",
    "month",
    746,
    ["CO2", "adjusted CO2"],
    ["Filled 5 missing rows in 3 gaps linearly, the first after 1958-05-01."],
  ],
  ["sp500-2000.csv", "date", "business day", 5105, ["open", "high", "low", "close", "adjclose", "volume"], []],
  ["sp500.csv", "date", "month", 123, ["price"], []],
])("%s", async (name, time, step, rows, columns, repairs) => {
  const series = toSeries(await read(name), { time });
  expect(describeFrequency(series.frequency)).toBe(step);
  expect(series.times).toHaveLength(rows);
  expect([...series.columns.keys()]).toEqual(columns);
  expect([...series.columns.values()].every((values) => values.length === rows && !values.includes(NaN))).toBe(true);
  expect(series.repairs).toEqual(repairs);
});

test("CO2: a missing month is between its neighbours", async () => {
  const series = toSeries(await read("co2-concentration.csv"), { time: "Date" });
  const values = series.columns.get("CO2") ?? new Float64Array(0);
  expect(series.times?.[3]).toBe(Date.UTC(1958, 5));
  expect(values[3]).toBe(((values[2] ?? 0) + (values[4] ?? 0)) / 2);
});

test("us-employment.csv: 120 months, 23 columns", async () => {
  const series = toSeries(await read("us-employment.csv"), { time: "month" });
  expect([series.frequency.unit, series.times?.length, series.columns.size]).toEqual(["month", 120, 23]);
});

test.each([
  ["stocks.csv", "date", "symbol", "month", ["MSFT", "AMZN", "IBM", "GOOG", "AAPL"]],
  ["weather.csv", "date", "location", "day", ["Seattle", "New York"]],
  ["iowa-electricity.csv", "year", "source", "year", ["Fossil Fuels", "Nuclear Energy", "Renewables"]],
] as const)("%s has several series: the message says so, and names the column", async (name, time, group, step, names) => {
  const table = await read(name);
  expect(() => toSeries(table, { time })).toThrow(
    `use toSeriesByGroup with group "${group}" if each is a series of its own`,
  );
  const series = toSeriesByGroup(table, { time, group });
  expect(series.map((one) => one.name)).toEqual(names);
  expect(new Set(series.map(({ frequency }) => describeFrequency(frequency)))).toEqual(new Set([step]));
});
