/** What is wrong with a file, where, and what to do about it, in one sentence. */
import { expect, test } from "vitest";
import { type ReadCsvOptions, readCsv } from "../../src/series/csv.ts";
import type { CsvSource } from "../../src/series/csv-source.ts";

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
const numbers = { columns: { x: "number" } } as const;
const times = { columns: { x: "time" } } as const;
const CORRECT = 'correct it, or list it in the option "missing" of the CSV reader if it means that there is no value';

const ROWS: readonly (readonly [string, CsvSource, ReadCsvOptions, string])[] = [
  ["empty", "", {}, "births.csv is empty: it needs a header line and rows."],
  ["nothing but line ends", "\n\r\n", {}, "births.csv is empty: it needs a header line and rows."],
  ["header only", "\na,b\n", {}, "births.csv has no rows after its header at line 2: add rows of values."],
  [
    "one name twice",
    "a,b, a\n1,2,3",
    {},
    'births.csv has the name "a" for both column 1 and column 3 in its header at line 1: rename one.',
  ],
  ["no name", ",b\n1,2", {}, "births.csv has no name for column 1 of 2 in its header at line 1: name it or remove it."],
  [
    "no header",
    "2000-01-01,9083\n2000-01-02,8006\n",
    {},
    'births.csv has values, "2000-01-01, 9083", where its header should be at line 1: add a header.',
  ],
  [
    "too few fields",
    'a,b\n1,"2\n3"\n4\n',
    {},
    "births.csv has 1 field at line 4 where its header at line 1 has 2: complete it, or make line 1 the header.",
  ],
  [
    "too many fields",
    "a,b\n1,2\n1,2,3\n",
    {},
    "births.csv has 3 fields at line 3 where its header at line 1 has 2: quote fields that have the delimiter in them.",
  ],
  [
    "delimiters at the end",
    "a,b\n1,2,,\n",
    {},
    "births.csv has 4 fields at line 2 where its header at line 1 has 2: remove the delimiters at its end.",
  ],
  [
    "a quote that is never closed",
    'a,b\n1,"2\n3,4\n',
    {},
    "births.csv has a quoted field at line 2 that is never closed: close it, or remove the quotes.",
  ],
  [
    "a quote that is closed too early",
    'a,b\n1,"2" or 3\n3,4\n',
    {},
    "births.csv has a quoted field at line 2 with text after its closing quote: write quotes within a field twice, or remove the quotes.",
  ],
  [
    "an endless row",
    `a,b\n1,"${"x\n".repeat(2_200_000)}`,
    {},
    "births.csv has a row at line 2 of more than 4194304 characters: close the quote that is open there.",
  ],
  [
    "text for a number",
    "x\n1\nabc\n",
    numbers,
    `births.csv has "abc" in column "x" at line 3, which is no number: ${CORRECT}.`,
  ],
  [
    "hexadecimal",
    "x\n0x10\n",
    numbers,
    `births.csv has "0x10" in column "x" at line 2, which is no number: ${CORRECT}.`,
  ],
  [
    "infinite",
    "x\n1e999\n",
    numbers,
    `births.csv has "1e999" in column "x" at line 2, which is no number: ${CORRECT}.`,
  ],
  [
    "decimal comma",
    'x\n"1,5"\n',
    numbers,
    'births.csv has "1,5" in column "x" at line 2, which is no number: set decimal to ",".',
  ],
  [
    "comma of either meaning",
    'x\n"1,500"\n',
    numbers,
    'births.csv has "1,500" in column "x" at line 2, which is no number: set decimal to "," if "," begins its decimals, else write it without separators of thousands.',
  ],
  [
    "thousands",
    'x\n"1,234,567.5"\n',
    numbers,
    'births.csv has "1,234,567.5" in column "x" at line 2, which is no number: write it without separators of thousands.',
  ],
  [
    "thousands and a decimal comma",
    'x\n"1.234,5"\n',
    numbers,
    'births.csv has "1.234,5" in column "x" at line 2, which is no number: set decimal to "," and write it without separators of thousands.',
  ],
  [
    "decimal point",
    "x\n1.5\n",
    { ...numbers, decimal: "," },
    'births.csv has "1.5" in column "x" at line 2, which is no number: set decimal to ".".',
  ],
  [
    "no time",
    "x\nsoon\n",
    times,
    'births.csv has "soon" in column "x" at line 2, which is no time that can be read: write times like 2000-01-31 or 2000-01-31T14:30, or set timeFormat.',
  ],
  [
    "a time of another format than asked for",
    "x\n2000-01-31\n",
    { ...times, timeFormat: "dd.mm.yyyy" },
    'births.csv has "2000-01-31" in column "x" at line 2, which is no time that can be read: write times like "dd.mm.yyyy".',
  ],
  [
    "two formats",
    "x\n2000-01-31\n\n2000/02/01\n",
    times,
    'births.csv has "2000/02/01" in column "x" at line 4, which is not written like "2000-01-31" at line 2: write all times one way.',
  ],
  [
    "some times of day",
    "x\n2000-01-31 00:00\n2000-02-01\n",
    times,
    'births.csv has "2000-02-01" in column "x" at line 3, which is not written like "2000-01-31 00:00" at line 2: write all times one way.',
  ],
  [
    "30 February",
    "x\n2000-02-30\n",
    times,
    'births.csv has "2000-02-30" in column "x" at line 2, which is no day or hour of the calendar: correct it or remove the row.',
  ],
  [
    "day and month in either order",
    "x\n01/02/2000\n03/02/2000\n",
    times,
    'births.csv has "01/02/2000" in column "x" at line 2, which may be month first or day first: set timeFormat to "mm/dd/yyyy" or "dd/mm/yyyy" (or write times like 2000-01-31).',
  ],
  [
    "days first, then months first",
    "x\n01/02/2000\n13/02/2000\n01/13/2000\n",
    times,
    'births.csv has "01/13/2000" in column "x" at line 4, which is no day or hour of the calendar as "dd/mm/yyyy": correct it or remove the row.',
  ],
  [
    "latin 1",
    latin1("place,x\nK\u00f6ln,1\n"),
    {},
    'births.csv has bytes at line 2 that are not utf-8 text: set encoding, for example to "windows-1252", or save the file as UTF-8.',
  ],
  [
    "a character that the end of the file cuts",
    bytes(0x61, 0x0a, 0x31, 0x0a, 0xe2, 0x82),
    {},
    'births.csv has bytes at line 3 that are not utf-8 text: set encoding, for example to "windows-1252", or save the file as UTF-8.',
  ],
  [
    "a zero byte",
    "a\n1\n\0\n",
    {},
    "births.csv has a zero byte at line 3 and is a binary file, not CSV text: export it as CSV.",
  ],
  [
    "UTF-16 without a byte order mark",
    new Uint8Array(Buffer.from("a,b\n1,2\n", "utf16le")),
    {},
    'births.csv has a zero byte at line 1 and is utf-16le text, not UTF-8: set encoding to "utf-16le" or save it as UTF-8.',
  ],
  [
    "a spreadsheet",
    bytes(0x50, 0x4b, 3, 4, 20),
    {},
    "births.csv is a ZIP or Excel (.xlsx) file, not CSV text: open it and export the sheet as CSV.",
  ],
  ["gzip", bytes(0x1f, 0x8b, 8, 0), {}, "births.csv is a gzip file, not CSV text: decompress it first."],
  ["Parquet", bytes(0x50, 0x41, 0x52, 0x31), {}, "births.csv is a Parquet file, not CSV text: export it as CSV."],
  ["JSON", '[{"a": 1}]', {}, "births.csv is a JSON file, not CSV text: download or export it as CSV."],
  ["a web page", "\n<!doctype html>", {}, "births.csv is an HTML file, not CSV text: download or export it as CSV."],
];

test.each(ROWS)("%s", async (_, source, options, message) => {
  await expect(readCsv(source, { name: "births.csv", ...options })).rejects.toMatchObject({
    name: "FormatError",
    message,
  });
});

const OPTIONS: readonly (readonly [object, string])[] = [
  [
    { columns: { temp_mx: "number" } },
    'The CSV file has no column "temp_mx", but "date", "temp_max": did you mean "temp_max"?',
  ],
  [{ columns: { wind: "text" } }, 'The CSV file has no column "wind", but "date", "temp_max": take one of these.'],
  [{ columns: {} }, "readCsv needs columns to be at least one column, got an object."],
  [{ columns: { date: "date" } }, 'readCsv needs column "date" to be "number", "time" or "text", got "date".'],
  [
    { delimiter: "," + "," },
    'readCsv needs delimiter to be one character that is in no number, like "," or ";", got ",,".',
  ],
  [{ decimal: "'" }, 'readCsv needs decimal to be "." or ",", got "\'".'],
  [
    { encoding: "ebcdic" },
    'readCsv needs encoding to be one that TextDecoder knows, like "utf-8", "utf-16le" or "windows-1252", got "ebcdic".',
  ],
  [{ missing: "NA" }, 'readCsv needs missing to be texts that mean a missing value, like ["", "NA"], got "NA".'],
  [{ name: "" }, 'readCsv needs name to be a name like "births.csv", got "".'],
  [{ onProgress: true }, "readCsv needs onProgress to be a function of the bytes read, got true."],
  [{ seperator: ";" }, /^readCsv has no option "seperator": it takes columns, delimiter/ as unknown as string],
  [{ timeFormat: "dd-mm-yyyy" }, /got "dd-mm-yyyy", did you mean "dd.mm.yyyy"\.$/ as unknown as string],
];

test.each(OPTIONS)("options %o", async (options, message) => {
  await expect(readCsv("date,temp_max\n2000-01-01,1\n", options)).rejects.toThrow(message);
  await expect(readCsv("date,temp_max\n2000-01-01,1\n", options)).rejects.toMatchObject({ name: "OptionError" });
});

test.each([undefined, null, 3, {}, [1]])("%s is no source", async (source) => {
  await expect(readCsv(source as never)).rejects.toMatchObject({
    name: "OptionError",
    message: expect.stringMatching(
      /^readCsv needs its source to be a text, a Uint8Array, a Blob or a stream of bytes, got /,
    ),
  });
});
