import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderOfTests } from "../support/folder.ts";
import { runCli } from "../support/run-cli.ts";

const folder = folderOfTests();
const OUT = join(folder, "out");
const day = (row: number) => new Date(Date.UTC(2024, 0, 1 + row)).toISOString().slice(0, 10);
const rows = (count: number) => Array.from({ length: count }, (_, row) => `${day(row)},${(row * 7) % 11}`);
const head = "date,sales";

/** A file's text, what is wrong with it, and what must be said of it. */
const FILES: readonly (readonly [name: string, contents: string | Uint8Array, message: RegExp])[] = [
  ["empty", "", /empty/],
  ["only a header", `${head}\n`, /header/],
  ["a row with too many fields", [head, ...rows(300), "2024-10-27,1,2"].join("\n"), /3 fields at line 302 .* has 2/],
  ["a row with too few fields", [head, ...rows(300), "2024-10-27"].join("\n"), /1 field at line 302 .* has 2/],
  ["text in the target", [head, ...rows(300), "2024-10-27,many"].join("\n"), /"many" in column "sales" at line 302/],
  ["an open quote", [head, ...rows(300), '2024-10-27,"5'].join("\n"), /line 302.*quote/i],
  [
    "a missing value",
    [head, ...rows(300), "2024-10-27,"].join("\n"),
    /no value in column "sales" at line 302: set --missing to/,
  ],
  ["a gap", [head, ...rows(300).toSpliced(100, 3)].join("\n"), /3 .*(2024-04-09|2024-04-13).*gaps/],
  ["times out of order", [head, ...rows(300).toReversed()].join("\n"), /line 3.*order/],
  ["a time twice", [head, ...rows(300), `${day(299)},4`].join("\n"), /line 301.*line 302|302.*301/],
  [
    "a day that there is not",
    [head, ...rows(300), "2024-02-30,1"].join("\n"),
    /"2024-02-30" in column "date" at line 302/,
  ],
  ["too few rows", [head, ...rows(60)].join("\n"), /at least \d+ rows, got 60/],
  [
    "bytes of another encoding",
    Buffer.from([head, ...rows(300), "2024-10-27,5 ä"].join("\n"), "latin1"),
    /line 302.*encoding/,
  ],
  ["UTF-16 without a mark", Buffer.from([head, ...rows(300)].join("\n"), "utf16le"), /UTF-16|encoding/],
  ["a spreadsheet", Buffer.from("504b0304140006000800000021", "hex"), /xlsx|zip/i],
];

describe("files that cannot be forecast end in one sentence, exit code 2 and no files", () => {
  test.each(FILES)("%s", async (name, contents, message) => {
    const file = join(folder, `${name.replaceAll(/\W/g, "-")}.csv`);
    writeFileSync(file, contents);
    const { code, out, errors } = await runCli("forecast", file, "--target", "sales", "--time", "date", "--out", OUT);
    expect(errors).toMatch(message);
    expect(errors.trim().split("\n")).toHaveLength(1);
    expect(errors).toMatch(/^gatefold: .*\.\n$/);
    expect(errors).not.toMatch(/\bat .*\.(ts|js):/);
    expect(code).toBe(2);
    expect(out).not.toContain("Report:");
    expect(existsSync(OUT)).toBe(false);
  });
});

const good = join(folder, "good.csv");
writeFileSync(good, [head, ...rows(300)].join("\n"));
const two = join(folder, "good-2.csv");
writeFileSync(two, [`${head},price`, ...rows(300).map((row) => `${row},3`)].join("\n"));
const months = join(folder, "months.csv");
writeFileSync(
  months,
  [head, ...Array.from({ length: 12 }, (_, i) => `01/${i + 1}/2000,${i}`.replace(/\/(\d)\//, "/0$1/"))].join("\n"),
);
const shops = join(folder, "shops.csv");
writeFileSync(shops, [`${head},shop`, ...rows(150).flatMap((row) => [`${row},north`, `${row},south`])].join("\n"));

/** Command lines, and what must be said of them. */
const COMMANDS: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["forecast", join(folder, "nothing.csv"), "--target", "sales"], /There is no file .*nothing\.csv: check its name\./],
  [["forecast", folder, "--target", "sales", "--time", "date"], /is a folder: give a file/],
  [["forecast", two], /good-2\.csv has the columns of numbers "sales", "price": set --target/],
  [["forecast", good, "--target", "sale"], /"sale".*sales/],
  [["forecast", good, "--target", "sales", "--features", "price"], /"price", but "date", "sales"/],
  [
    ["forecast", good, "--target", "sales", "--window", "0"],
    /^gatefold: --window must be a whole number above 0, got "0"\.\n$/,
  ],
  [["forecast", good, "--target", "sales", "--units", "5,x"], /--units/],
  [
    ["forecast", good, "--target", "sales", "--scaler", "wild"],
    /--scaler must be one of standard, minMax.*, got "wild"\.$/m,
  ],
  [["forecast", good, "--target", "sales", "--dropout", "2"], /^gatefold: --dropout must be a finite number/],
  [
    ["forecast", good, "--target", "sales", "--test", "0.9"],
    /^gatefold: The model needs rows to train on.* take 1\.1 of all/,
  ],
  [
    ["forecast", good, "--target", "sales", "--time-format", "dd.mm.yyyy"],
    /no column of times for --time-format "dd\.mm\.yyyy": set --time/,
  ],
  [["forecast", months], /"01\/01\/2000" in column "date" .* may be month first or day first: set --time-format to/],
  [["forecast", shops], /^gatefold: .* set --group to "shop" if .*, else set --duplicates to "first"/],
  [["forecast", good, "--target", "sales", "--test", "0"], /--test must be above 0/],
  [
    ["forecast", good, "--target", "sales", "--windw", "3"],
    /^gatefold: unknown option '--windw': did you mean --window\?\n$/,
  ],
  [["forecast", good, "--target", "sales", "--holidays", "2024-13-01"], /2024-13-01/],
  [["forecast", good, "--target", "sales", "--out", good], /is a file: give a folder with --out/],
  [["forecat", good], /^gatefold: unknown command 'forecat': did you mean forecast\?\n$/],
  [["predict", good, good], /looks like a table/],
  [["inspect", join(folder, "nothing.safetensors")], /There is no file/],
];

describe("commands that cannot run say why", () => {
  test.each(COMMANDS)("%j", async (args, message) => {
    const { code, errors } = await runCli(...args);
    expect(errors).toMatch(message);
    expect(code).toBe(2);
  });

  test("with --json also as an object", async () => {
    const { code, out } = await runCli("forecast", join(folder, "nothing.csv"), "--target", "sales", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      error: { name: "FileError", message: expect.stringContaining("There is no file") },
    });
  });
});

describe("model files", () => {
  test("of another version, cut short or of another kind are refused", async () => {
    const out = join(folder, "model");
    const quick = ["--window", "8", "--horizon", "2", "--units", "4", "--epochs", "1", "--no-arima", "--quiet"];
    await runCli("forecast", good, "--target", "sales", ...quick, "--out", out);
    const bytes = readFileSync(join(out, "model.safetensors"));
    const broken = join(folder, "broken.safetensors");
    const put = async (contents: Uint8Array) => {
      writeFileSync(broken, contents);
      const { code, errors } = await runCli("predict", broken, good);
      expect(code).toBe(2);
      return errors;
    };
    const text = bytes.toString("latin1");
    const other = Buffer.from(
      text.replace('gatefold.forecaster":"{\\"version\\":1', 'gatefold.forecaster":"{\\"version\\":9'),
      "latin1",
    );
    expect(other.equals(bytes)).toBe(false);
    expect(await put(other)).toBe(
      "gatefold: gatefold.forecaster.version is 9, this gatefold reads 1: use the gatefold that wrote the file, or train again.\n",
    );
    expect(await put(bytes.subarray(0, 1000))).toMatch(/^gatefold: .*\.\n$/);
    expect(await put(Buffer.from("no model at all"))).toMatch(/^gatefold: .*\.\n$/);
    expect(readdirSync(folder)).not.toContain("broken-forecast");
  });
});
