import { describe, expect, test } from "vitest";
import { readCsv } from "../../src/series/csv.ts";
import { type ColumnValues, createTable } from "../../src/series/table.ts";

const day = (date: number): number => Date.UTC(2000, 0, date);

describe("createTable", () => {
  const table = createTable({
    n: [1, NaN, 3],
    f: Float32Array.of(0.5, 1.5, 2.5),
    d: [new Date(day(1)), new Date(day(2)), new Date(day(3))],
    t: ["2000-01-01", "2000-01-02", ""],
    s: ["a", "b", "5"],
  });

  test("keeps numbers, dates and texts", () => {
    expect(table.names).toEqual(["n", "f", "d", "t", "s"]);
    expect(table.rowCount).toBe(3);
    expect(table.source).toBe("The table");
    expect(table.names.map((name) => table.kindOf(name))).toEqual(["number", "number", "time", "text", "text"]);
    expect(table.numbers("n")).toEqual(Float64Array.of(1, NaN, 3));
    expect(table.numbers("f")).toEqual(Float64Array.of(0.5, 1.5, 2.5));
    expect(table.times("d")).toEqual(Float64Array.of(day(1), day(2), day(3)));
    expect(table.times("t")).toEqual(Float64Array.of(day(1), day(2), NaN));
    expect(table.texts("s")).toEqual(["a", "b", "5"]);
    expect([table.lineOf(2), table.placeOf(2)]).toEqual([2, "index 2"]);
  });

  test("copies its arrays; numbers that are times are milliseconds", () => {
    const values = Float64Array.of(day(1), 5);
    const copy = createTable({ values });
    values.fill(0);
    expect(copy.times("values")).toEqual(Float64Array.of(day(1), 5));
  });

  test("null is a missing value", () => {
    expect(createTable({ x: [1, null] as unknown as number[] }).numbers("x")).toEqual(Float64Array.of(1, NaN));
  });

  test.each<[Record<string, unknown>, string]>([
    [{}, "createTable needs at least one column, got none."],
    [{ a: [1, 2], b: [1] }, 'createTable needs columns of one length, got 1 values in "b" and 2 in "a".'],
    [{ a: 5 }, 'createTable\'s column "a" needs its values to be an array of numbers, dates or texts, got 5.'],
    [
      { a: [1, "2"] },
      'createTable\'s column "a" needs index 1 to be a finite number, NaN or null, as all of its values, got "2".',
    ],
    [
      { a: [Infinity] },
      'createTable\'s column "a" needs index 0 to be a finite number, NaN or null, as all of its values, got Infinity.',
    ],
    [
      { a: [new Date(0), new Date(NaN)] },
      'createTable\'s column "a" needs index 1 to be a valid Date, as all of its values, got an object (Date).',
    ],
  ])("%o", (columns, message) => {
    const create = () => createTable(columns as Record<string, ColumnValues>);
    expect(create).toThrow(expect.objectContaining({ name: "OptionError", message }));
  });

  test.each([[[1, 2]], [null], [5]])("%o is no record of columns", (columns) => {
    expect(() => createTable(columns as never)).toThrow(/^createTable needs its columns to be an object of arrays/);
  });
});

describe("reading a column as what it is not", () => {
  test("a name that is not there", () => {
    const table = createTable(Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`c${i}`, [i]])));
    expect(() => table.numbers("wind")).toThrow(
      /^The table has no column "wind", but "c0", .*"c19" and 3 more: take one of these\.$/,
    );
    expect(() => table.kindOf("C22")).toThrow(/did you mean "c22"\?$/);
  });

  test("texts that are no numbers, or no times", () => {
    const table = createTable({ s: ["1", "NA", "x"], t: ["2000-01-01", "2000-02-30", ""] });
    expect(() => table.numbers("s")).toThrow('The table has "x" in column "s" at index 2, which is no number: ');
    expect(() => table.times("t")).toThrow('"2000-02-30" in column "t" at index 1, which is no day or hour');
    expect(() => table.times("s")).toThrow('The table has "1" in column "s" at index 0, which is no time');
  });

  test("times are read again in the format that is asked for, unless they were read in another", async () => {
    const text = "t,d,n\n01/02/2000,2000-01-31,20000131\n03/04/2000,2000-02-01,20000201\n";
    const table = await readCsv(text);
    expect(table.kindOf("t")).toBe("text");
    expect(() => table.times("t")).toThrow('which may be month first or day first: set timeFormat to "mm/dd/yyyy"');
    expect(table.times("t", "dd/mm/yyyy")).toEqual(Float64Array.of(Date.UTC(2000, 1, 1), Date.UTC(2000, 3, 3)));
    expect(table.times("d", "yyyy-mm-dd")).toEqual(table.times("d"));
    expect(table.times("n")).toEqual(table.times("d"));
    expect(table.times("n", "milliseconds")).toEqual(Float64Array.of(20_000_131, 20_000_201));
    expect(() => table.times("d", "dd.mm.yyyy")).toThrow(
      'The CSV file has times like "yyyy-mm-dd" in column "d", got timeFormat "dd.mm.yyyy": leave timeFormat out.',
    );
  });
});
