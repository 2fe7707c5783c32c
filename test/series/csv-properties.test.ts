/** Any table that is written as CSV, in pieces cut anywhere, is read as it was. */
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { readCsv } from "../../src/series/csv.ts";
import type { Table } from "../../src/series/table.ts";

const RUNS = process.env.GATEFOLD_LONG === "1" ? 4000 : 150;

vi.setConfig({ testTimeout: 300_000 });

const delimiters = fc.constantFrom(",", ";", "\t", "|");
const lineEnds = fc.constantFrom("\n", "\r\n", "\r");
const texts = fc.oneof(
  fc.constantFrom("", '"', '""', ",", ";", "\n", "a\nb", " ", "é€😀", '",', "NA", "1", 'a"b'),
  fc.string({ unit: fc.constantFrom(..."ab1\"',;\t|\n é€😀"), maxLength: 8 }),
);

interface Written {
  readonly rows: readonly (readonly string[])[];
  readonly delimiter: string;
  readonly lineEnd: string;
  /** Which of the fields are quoted without need. */
  readonly quoted: readonly boolean[];
  readonly cuts: readonly number[];
}

const written: fc.Arbitrary<Written> = fc.integer({ min: 2, max: 4 }).chain((width) =>
  fc.record({
    rows: fc.array(fc.array(texts, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
    delimiter: delimiters,
    lineEnd: lineEnds,
    quoted: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
    cuts: fc.array(fc.nat({ max: 400 }), { maxLength: 30 }),
  }),
);

function csvOf({ rows, delimiter, lineEnd, quoted }: Written): string {
  let count = 0;
  const fieldOf = (text: string): string => {
    const must = /["\n]/.test(text) || text.includes(delimiter) || quoted[count++ % quoted.length];
    return must ? `"${text.replaceAll('"', '""').replaceAll("\n", lineEnd)}"` : text;
  };
  const header = (rows[0] ?? []).map((_, i) => `column ${i}`);
  // A row without any value at the end would be left out.
  const last = header.map(() => "end");
  return [header, ...rows, last].map((row) => row.map(fieldOf).join(delimiter)).join(lineEnd);
}

async function* inPieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const sorted = [0, ...cuts, bytes.length].map((at) => Math.min(at, bytes.length)).sort((a, b) => a - b);
  for (const [i, at] of sorted.entries()) yield bytes.slice(at, sorted[i + 1]);
}

function rowsOf(table: Table): readonly (readonly string[])[] {
  const columns = table.names.map((name) => table.texts(name));
  return Array.from({ length: table.rowCount - 1 }, (_, row) => columns.map((column) => column[row] ?? ""));
}

test(`${RUNS} tables with quotes, delimiters and line ends, cut anywhere, within characters too, are read as written`, async () => {
  const run = async (table: Written): Promise<void> => {
    const names = (table.rows[0] ?? []).map((_, i) => `column ${i}`);
    const columns = Object.fromEntries(names.map((name) => [name, "text" as const]));
    const source = inPieces(new TextEncoder().encode(csvOf(table)), table.cuts);
    const read = await readCsv(source, { columns, delimiter: table.delimiter });
    expect(rowsOf(read)).toEqual(table.rows);
  };
  await fc.assert(fc.asyncProperty(written, run), { numRuns: RUNS });
});

test("lines are counted whatever is in the fields", async () => {
  const run = async (table: Written): Promise<void> => {
    const text = csvOf({ ...table, lineEnd: "\n" });
    const read = await readCsv(text, { delimiter: table.delimiter });
    expect(read.lineOf(read.rowCount - 1)).toBe(text.split("\n").length);
  };
  await fc.assert(fc.asyncProperty(written, run), { numRuns: RUNS });
});

test("numbers come back to the bit, with decimal commas too", async () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
  const run = async (numbers: readonly number[], decimal: "." | ","): Promise<void> => {
    const text = ["x;y", ...numbers.map((value) => `${String(value).replace(".", decimal)};1`)].join("\n");
    const table = await readCsv(text, { columns: { x: "number" }, decimal, delimiter: ";" });
    expect(table.numbers("x")).toEqual(Float64Array.from(numbers, (value) => (value === 0 ? 0 : value)));
  };
  await fc.assert(fc.asyncProperty(values, fc.constantFrom(".", ","), run), { numRuns: RUNS });
});

test("no text makes the reader fail but with a FormatError", async () => {
  const pieces = fc.array(fc.constantFrom("a", "1", ",", ";", "\n", "\r", '"', "2000-01-01", "\0", "é", " ", "\ufeff"));
  const run = async (parts: readonly string[]): Promise<void> => {
    const error: unknown = await readCsv(parts.join("")).catch((reason: unknown) => reason);
    if (error instanceof Error) expect(error.name).toBe("FormatError");
  };
  await fc.assert(fc.asyncProperty(pieces, run), { numRuns: 2 * RUNS });
});

test("no bytes make the reader fail but with a FormatError", async () => {
  const run = async (bytes: Uint8Array, cut: number): Promise<void> => {
    const source = inPieces(bytes, [cut]);
    const error: unknown = await readCsv(source).catch((reason: unknown) => reason);
    if (error instanceof Error) expect(error.name).toBe("FormatError");
  };
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.nat(60), run), { numRuns: RUNS });
});
