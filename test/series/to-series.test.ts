import { describe, expect, test } from "vitest";
import { readCsv } from "../../src/series/csv.ts";
import type { Series } from "../../src/series/series.ts";
import { formatTime } from "../../src/series/time-text.ts";
import { createSeries, type ToSeriesOptions, toSeries, toSeriesByGroup } from "../../src/series/to-series.ts";

/** One column x, with a value at each of the times; "" is missing. */
async function tableOf(rows: Readonly<Record<string, number | "">> | readonly (readonly [string, number | ""])[]) {
  const entries = Array.isArray(rows) ? rows : Object.entries(rows);
  return readCsv(`t,x\n${entries.map(([time, value]) => `${time},${value}`).join("\n")}\n`, {
    name: "x.csv",
    columns: { t: "time", x: "number" },
  });
}

async function seriesOf(rows: Parameters<typeof tableOf>[0], options: ToSeriesOptions = {}): Promise<Series> {
  return toSeries(await tableOf(rows), { time: "t", ...options });
}

/** `2000-01-01 1, 2000-01-02 2` */
function shown({ times, columns }: Series): string {
  const values = columns.get("x") ?? new Float64Array(0);
  return [...values].map((value, i) => `${formatTime(times?.[i] ?? NaN)} ${value}`).join(", ");
}

async function messageOf(rows: Parameters<typeof tableOf>[0], options: ToSeriesOptions = {}): Promise<string> {
  const error: unknown = await seriesOf(rows, options).catch((reason: unknown) => reason);
  return error instanceof Error ? `${error.name}: ${error.message}` : "no error";
}

const day = (date: number, month = 1): string =>
  `2000-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;

describe("order", () => {
  const mixed = [
    [day(2), 2],
    [day(1), 1],
    [day(3), 3],
  ] as const;
  const reversed = [
    [day(3), 3],
    [day(2), 2],
    [day(1), 1],
  ] as const;

  test("rows out of order are refused, or sorted", async () => {
    expect(await messageOf(mixed)).toBe(
      'FormatError: x.csv has times out of order, 2000-01-01 at line 3 after 2000-01-02 at line 2: set order to "sort".',
    );
    const series = await seriesOf(mixed, { order: "sort" });
    expect(shown(series)).toBe("2000-01-01 1, 2000-01-02 2, 2000-01-03 3");
    expect(series.repairs).toEqual(["Sorted 3 rows by time."]);
  });

  test("the newest first is told as such", async () => {
    expect(await messageOf(reversed)).toBe(
      'FormatError: x.csv has the newest time first, 2000-01-02 at line 3 after 2000-01-03 at line 2: set order to "sort".',
    );
    const series = await seriesOf(reversed, { order: "sort" });
    expect(shown(series)).toBe("2000-01-01 1, 2000-01-02 2, 2000-01-03 3");
    expect(series.repairs).toEqual(["Reversed 3 rows, the newest of which came first."]);
  });

  test("lines stay those of the file after sorting", async () => {
    const rows = [
      [day(2), ""],
      [day(1), 1],
      [day(3), 3],
    ] as const;
    expect(await messageOf(rows, { order: "sort" })).toContain('no value in column "x" at line 2');
  });
});

describe("duplicates", () => {
  const rows = [
    [day(1), 1],
    [day(2), 2],
    [day(2), 4],
    [day(2), ""],
    [day(3), 3],
  ] as const;

  test("are refused", async () => {
    expect(await messageOf(rows)).toBe(
      'FormatError: x.csv has the time 2000-01-02 at line 3 and again at line 4: set duplicates to "first", "last", "mean" or "sum".',
    );
  });

  test.each([
    ["first", "2", "the first was kept"],
    ["mean", "3", "their values' mean was taken"],
    ["sum", "6", "their values were added"],
  ] as const)("%s", async (duplicates, value, told) => {
    const series = await seriesOf(rows, { duplicates });
    expect(shown(series)).toBe(`2000-01-01 1, 2000-01-02 ${value}, 2000-01-03 3`);
    expect(series.repairs).toEqual([`Merged 2 rows with others of the same time: ${told}.`]);
  });

  test("last", async () => {
    expect(await messageOf(rows, { duplicates: "last" })).toContain('no value in column "x" at line 5');
    const series = await seriesOf(rows, { duplicates: "last", missing: "zero" });
    expect(shown(series)).toBe("2000-01-01 1, 2000-01-02 0, 2000-01-03 3");
  });
});

describe("missing values", () => {
  const rows = { [day(1)]: "", [day(2)]: 2, [day(3)]: "", [day(4)]: "", [day(5)]: 8, [day(6)]: "" } as const;
  const days = [1, 2, 3, 4, 5, 6];
  const withValues = (values: readonly number[]): string =>
    values.map((value, i) => `${day(days[i] ?? 0)} ${value}`).join(", ");

  test("are refused", async () => {
    expect(await messageOf(rows)).toBe(
      'FormatError: x.csv has no value in column "x" at line 2, the first of 4: set missing to "linear", "previous", "zero" or "drop".',
    );
  });

  test("linear: over steps, the nearest value at the ends", async () => {
    const series = await seriesOf(rows, { missing: "linear" });
    expect(shown(series)).toBe(withValues([2, 2, 4, 6, 8, 8]));
    expect(series.repairs).toEqual([
      'Filled 2 missing values of column "x" linearly, the first at line 4.',
      'Filled 2 missing values of column "x" at an end with the nearest value.',
    ]);
  });

  test("previous: at the beginning the nearest value", async () => {
    const series = await seriesOf(rows, { missing: { x: "previous" } });
    expect(shown(series)).toBe(withValues([2, 2, 2, 2, 8, 8]));
    expect(series.repairs).toEqual([
      'Filled 3 missing values of column "x" with the value before, the first at line 4.',
      'Filled 1 missing value of column "x" at an end with the nearest value.',
    ]);
  });

  test("zero", async () => {
    const series = await seriesOf(rows, { missing: "zero" });
    expect(shown(series)).toBe(withValues([0, 2, 0, 0, 8, 0]));
    expect(series.repairs).toEqual(['Put 0 for 4 missing values of column "x", the first at line 2.']);
  });

  test("drop: leaves gaps", async () => {
    expect(await messageOf(rows, { missing: "drop" })).toBe(
      'FormatError: x.csv has 2 missing rows between 2000-01-02 (line 3) and 2000-01-05 (line 6) at one row each day: set gaps to "linear", "previous" or "ignore".',
    );
    const series = await seriesOf(rows, { missing: "drop", gaps: "ignore" });
    expect(shown(series)).toBe("2000-01-02 2, 2000-01-05 8");
    expect(series.repairs).toEqual(["Dropped 4 rows with missing values, the first at line 2."]);
  });

  test("linear interpolation goes over gaps as over steps", async () => {
    const rows = { [day(1)]: 0, [day(2)]: "", [day(3)]: "", [day(6)]: 10 } as const;
    expect(shown(await seriesOf(rows, { missing: "linear", gaps: "linear" }))).toBe(withValues([0, 2, 4, 6, 8, 10]));
  });

  test("a column without any value", async () => {
    const none = { [day(1)]: "", [day(2)]: "" } as const;
    expect(await messageOf(none, { missing: "linear" })).toBe(
      'FormatError: x.csv has no value at all in column "x": leave the column out of columns, or set missing to "zero".',
    );
    expect(await messageOf(none, { missing: "drop" })).toContain("x.csv has no rows left");
  });

  test("a time must be there", async () => {
    expect(
      await messageOf([
        [day(1), 1],
        ["", 2],
      ]),
    ).toBe('FormatError: x.csv has no time in column "t" at line 3: fill it in or remove the row.');
  });
});

describe("gaps", () => {
  const rows = { [day(1)]: 1, [day(2)]: 2, [day(3)]: 3, [day(6)]: 9, [day(7)]: 10, [day(9)]: 12 };

  test("are refused: the first, and how many in all", async () => {
    expect(await messageOf(rows)).toBe(
      'FormatError: x.csv has 2 missing rows between 2000-01-03 (line 4) and 2000-01-06 (line 5) at one row each day, the first of 2 gaps with 3 missing rows in all: set gaps to "linear", "previous" or "ignore".',
    );
  });

  test.each([
    ["linear", "2000-01-03 3, 2000-01-04 5, 2000-01-05 7, 2000-01-06 9, 2000-01-07 10, 2000-01-08 11, 2000-01-09 12"],
    ["previous", "2000-01-03 3, 2000-01-04 3, 2000-01-05 3, 2000-01-06 9, 2000-01-07 10, 2000-01-08 10, 2000-01-09 12"],
    ["ignore", "2000-01-03 3, 2000-01-06 9, 2000-01-07 10, 2000-01-09 12"],
  ] as const)("%s", async (gaps, expected) => {
    const series = await seriesOf(rows, { gaps });
    expect(shown(series)).toBe(`2000-01-01 1, 2000-01-02 2, ${expected}`);
    const how = gaps === "linear" ? "linearly" : "with the row before";
    const told = `Filled 3 missing rows in 2 gaps ${how}, the first after 2000-01-03.`;
    expect(series.repairs).toEqual(gaps === "ignore" ? [] : [told]);
  });

  test("times off the grid are only ignored", async () => {
    const off = { "2000-01-01T00:00": 1, "2000-01-01T01:00": 2, "2000-01-01T02:00": 3, "2000-01-01T03:30": 4 };
    const message =
      'FormatError: x.csv has no whole number of steps between 2000-01-01 02:00 (line 4) and 2000-01-01 03:30 (line 5) at one row each hour: set gaps to "ignore" to take row after row as one step, or set frequency.';
    expect(await messageOf(off)).toBe(message);
    expect(await messageOf(off, { gaps: "linear" })).toBe(message);
    expect((await seriesOf(off, { gaps: "ignore" })).columns.get("x")).toEqual(Float64Array.of(1, 2, 3, 4));
    expect((await seriesOf(off, { gaps: "linear", frequency: "30 minutes" })).times).toHaveLength(8);
  });

  test("a wrong year is no reason to fill the memory", async () => {
    const rows = { "2000-01-01T00:00:00": 1, "2000-01-01T00:00:01": 2, "2032-01-01T00:00:02": 3 };
    expect(await messageOf(rows, { gaps: "linear" })).toBe(
      "FormatError: x.csv has 1009843200 missing rows to fill at one row each second, the first between 2000-01-01 00:00:01 (line 3) and 2032-01-01 00:00:02 (line 4): correct the times, or set frequency.",
    );
  });

  /** Rows of the first `count` months from 1990 on but for those at `left`. */
  const months = (count: number, left: readonly number[]) =>
    Array.from({ length: count }, (_, i) => [`${1990 + Math.floor(i / 12)}-${(i % 12) + 1}`, i] as const).filter(
      ([, i]) => !left.includes(i),
    );

  test("up to 3 months in a row and 1 % of all are filled and told", async () => {
    const series = await seriesOf(months(400, [10, 11, 12, 50]));
    expect(series.columns.get("x")).toEqual(Float64Array.from({ length: 400 }, (_, i) => i));
    expect(series.times?.[11]).toBe(Date.UTC(1990, 11));
    expect(series.repairs).toEqual(["Filled 4 missing rows in 2 gaps linearly, the first after 1990-10-01."]);
  });

  test("more are refused", async () => {
    expect(await messageOf(months(400, [10, 11, 12, 13]))).toContain("4 missing rows between 1990-10-01 (line 11)");
    expect(await messageOf(months(400, [10, 20, 30, 40, 50]))).toContain("1 missing row between 1990-10-01 (line 11)");
    expect(await messageOf(months(50, [10]))).toContain("1 missing row");
  });

  test("filled ends of months are ends of months", async () => {
    const rows = { "2001-01-31": 1, "2001-02-28": 2, "2001-04-30": 4, "2001-05-31": 5 };
    const series = await seriesOf(rows, { gaps: "linear" });
    expect(shown(series)).toBe("2001-01-31 1, 2001-02-28 2, 2001-03-31 3, 2001-04-30 4, 2001-05-31 5");
  });

  /** Monday to Friday of 10 weeks but for those at `left`. */
  const workdays = (left: readonly number[]) =>
    Array.from({ length: 50 }, (_, i) => {
      const time = Date.UTC(2001, 0, 1 + 7 * Math.floor(i / 5) + (i % 5));
      return [formatTime(time), i] as const;
    }).filter(([, i]) => !left.includes(i));

  test("of a short file up to three whatever their share", async () => {
    const short = workdays([3, 12, 13]).slice(0, 27);
    expect((await seriesOf(short)).columns.get("x")).toHaveLength(27);
    expect(await messageOf(workdays([3, 8, 13, 18]).slice(0, 20))).toContain("4 missing rows");
  });

  test("missing weekdays are closures: nothing is filled", async () => {
    const series = await seriesOf(workdays([7, 8, 30]));
    expect(series.frequency).toEqual({ unit: "businessDay", count: 1 });
    expect(series.columns.get("x")).toHaveLength(47);
    expect(series.repairs).toEqual([]);
  });

  test("too many are gaps, and can be filled", async () => {
    expect(await messageOf(workdays([7, 8, 30, 40]))).toContain(
      "2 missing rows between 2001-01-09 (line 8) and 2001-01-12",
    );
    const series = await seriesOf(workdays([7, 8, 30, 40]), { gaps: "linear" });
    expect(series.columns.get("x")).toEqual(Float64Array.from({ length: 50 }, (_, i) => i));
  });
});

describe("columns, frequency and groups", () => {
  const text = "shop,day,sales,note\n1,2000-01-01,5,a\n1,2000-01-02,6,b\n2,2000-01-01,7,c\n2,2000-01-02,8,d\n";

  test("by default all numeric columns, without the group's", async () => {
    const series = toSeriesByGroup(await readCsv(text), { time: "day", group: "shop" });
    expect(series.map(({ name }) => name)).toEqual(["1", "2"]);
    expect(series.map(({ columns }) => [...columns])).toEqual([
      [["sales", Float64Array.of(5, 6)]],
      [["sales", Float64Array.of(7, 8)]],
    ]);
  });

  test("without times rows are steps", async () => {
    const series = toSeries(await readCsv(text), { columns: ["sales"] });
    expect(series.times).toBeUndefined();
    expect(series.frequency).toEqual({ unit: "row", count: 1 });
    expect(series.columns.get("sales")).toEqual(Float64Array.of(5, 6, 7, 8));
  });

  test("columns of texts tell that there may be groups", async () => {
    const table = await readCsv(text.replaceAll(/^(\d),/gm, "shop $1,"), { name: "shops.csv" });
    expect(() => toSeries(table, { time: "day" })).toThrow(
      'shops.csv has times out of order, 2000-01-01 at line 4 after 2000-01-02 at line 3: use toSeriesByGroup with group "shop" if each is a series of its own, else set order to "sort".',
    );
    expect(() => toSeries(table, { time: "day", order: "sort" })).toThrow(
      'shops.csv has the time 2000-01-01 at line 2 and again at line 4: use toSeriesByGroup with group "shop" if each is a series of its own, else set duplicates to "first", "last", "mean" or "sum".',
    );
  });

  test("messages name the group", async () => {
    const table = await readCsv(text.replace("8,d", ",d"), { name: "shops.csv" });
    expect(() => toSeriesByGroup(table, { time: "day", group: "shop" })).toThrow(
      'shops.csv (shop "2") has no value in column "sales" at line 5: set missing',
    );
  });

  test.each<[string, string, object, string]>([
    [
      "no such time",
      text,
      { time: "date" },
      'The CSV file has no column "date", but "shop", "day", "sales", "note": take one of these.',
    ],
    ["no such column", text, { columns: ["sale"] }, 'but "shop", "day", "sales", "note": did you mean "sales"?'],
    [
      "no numbers",
      "t,u\n2000-01-01,2001-01-01\n",
      {},
      "The CSV file has no column of numbers beside its times: add one.",
    ],
    [
      "decimal commas",
      "a;b\n1,5;2,5\n",
      {},
      'has "1,5" in column "a" at line 2, which is no number: set decimal to ",".',
    ],
    [
      "a column of texts",
      text,
      { columns: ["note"] },
      'The CSV file has "a" in column "note" at line 2, which is no number',
    ],
    [
      "one row",
      "t,x\n2000-01-01,1\n",
      { time: "t" },
      "The CSV file has one row, too few to tell the step: set frequency.",
    ],
    ["group", text, { group: "shop" }, 'toSeries has no option "group"'],
    ["time", text, { time: 5 }, "toSeries needs time to be the name of a column, got 5."],
    ["columns", text, { columns: "sales" }, 'toSeries needs columns to be an array of columns\' names, got "sales".'],
    [
      "missing",
      text,
      { missing: "mean" },
      'toSeries needs missing to be "error", "drop", "previous", "linear" or "zero", got "mean".',
    ],
    ["missing of a column", text, { missing: { sales: 0 } }, 'toSeries needs missing of "sales" to be "error", "drop"'],
    ["duplicates", text, { duplicates: "max" }, "toSeries needs duplicates to be"],
    ["order", text, { order: true }, 'toSeries needs order to be "error" or "sort", got true.'],
    ["gaps", text, { gaps: "zero" }, "toSeries needs gaps to be"],
    ["frequency", text, { frequency: "fortnight" }, "toSeries needs frequency to be like"],
    ["timeFormat", text, { timeFormat: "iso" }, "toSeries needs timeFormat to be one of"],
  ])("%s", async (_, csv, options, message) => {
    const table = await readCsv(csv);
    expect(() => toSeries(table, options)).toThrow(message);
  });

  test("one row with a frequency is a series", async () => {
    const series = toSeries(await readCsv("t,x\n2000-01-01,1\n"), { time: "t", frequency: "day" });
    expect(shown(series)).toBe("2000-01-01 1");
  });

  test("a row without a group is refused, and a group that is no option", async () => {
    const table = await readCsv("g,x\na,1\n,2\n");
    expect(() => toSeriesByGroup(table, { group: "g" })).toThrow('has no value in column "g" at line 3: fill it in');
    expect(() => toSeriesByGroup(table, {} as never)).toThrow("toSeriesByGroup needs group to be the name of a column");
  });
});

describe("createSeries", () => {
  test("arrays become a series by the same policies", () => {
    const series = createSeries({
      columns: { x: [1, NaN, 3], y: Float32Array.of(1, 2, 3) },
      times: [new Date(day(1)), new Date(day(2)), new Date(day(3))],
      name: "births",
      missing: { x: "linear" },
    });
    expect(series.name).toBe("births");
    expect(shown(series)).toBe("2000-01-01 1, 2000-01-02 2, 2000-01-03 3");
    expect(series.columns.get("y")).toEqual(Float64Array.of(1, 2, 3));
    expect(series.repairs).toEqual(['Filled 1 missing value of column "x" linearly, the first at index 1.']);
  });

  test("times are milliseconds, dates or texts, or there are none", () => {
    const columns = { x: [1, 2] };
    const times = Float64Array.of(0, 86_400_000);
    expect(createSeries({ columns }).times).toBeUndefined();
    expect(createSeries({ columns, times }).times).toEqual(times);
    expect(createSeries({ columns, times: [0, 86_400_000] }).times).toEqual(times);
    expect(createSeries({ columns, times: ["1970-01-01", "1970-01-02"] }).times).toEqual(times);
    const either = ["01/02/1970", "02/02/1970"];
    expect(createSeries({ columns, times: either, timeFormat: "dd/mm/yyyy" }).times?.[0]).toBe(31 * 86_400_000);
  });

  test("is refused with the arrays' indices", () => {
    const columns = { x: [1, 2] };
    expect(() => createSeries({ columns, times: [0] })).toThrow(
      'createSeries needs a time for each row, got 1 times and 2 values in "x".',
    );
    expect(() => createSeries({ columns, times: [5, 0] })).toThrow(
      'The series has the newest time first, 1970-01-01 at index 1 after 1970-01-01 00:00:00.005 at index 0: set order to "sort".',
    );
    expect(() => createSeries({ columns: { x: [NaN] }, name: "a" })).toThrow(
      'The series "a" has no value in column "x" at index 0: set missing to "linear", "previous", "zero" or "drop".',
    );
  });

  test("does not keep the arrays", () => {
    const x = Float64Array.of(1, 2);
    const series = createSeries({ columns: { x } });
    x.fill(0);
    expect(series.columns.get("x")).toEqual(Float64Array.of(1, 2));
  });
});
