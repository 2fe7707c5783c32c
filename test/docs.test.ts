import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { makeProgram } from "../src/cli/program.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsx = join(dirname(createRequire(import.meta.url).resolve("tsx/package.json")), "dist/cli.mjs");
/** Inside of the package, so that it finds itself by its name. */
const folder = join(root, "build/docs");

function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** The TypeScript of a page, block after block. */
function blocksOf(page: string): readonly string[] {
  const text = textOf(page);
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "");
}

/** Runs a program with the built package, beside the files it reads; gives what it prints. */
function run(name: string, source: string, files: Readonly<Record<string, string>> = {}): string {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, source);
  return execFileSync(process.execPath, [tsx, file], { encoding: "utf8", cwd: folder });
}

/** Days with a week in them, as the pages' births.csv. */
function birthsCsv(rows: number): string {
  const week = [11_200, 12_300, 12_500, 12_400, 12_200, 8300, 7300];
  const days = Array.from({ length: rows }, (_, row) => {
    const date = new Date(Date.UTC(2014, 0, 6 + row)).toISOString().slice(0, 10);
    return `${date},${(week[row % 7] ?? 0) + ((row * 7919) % 601)}`;
  });
  return `date,births\n${days.join("\n")}\n`;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("code in the docs runs as it stands", () => {
  test("docs/guide/models.md, its blocks one after the other", () => {
    const blocks = blocksOf("docs/guide/models.md");
    expect(blocks.length).toBeGreaterThan(6);
    const printed = run("models", blocks.join("\n"));
    expect(printed).toContain('Model: Sequential "sequential"');
    expect(printed).toMatch(/\{\s+loss: 0\.\d+,\s+meanAbsoluteError: 0\.\d+\s+\}/);
  });

  test("docs/guide/forecasting.md, which begins with README's first ten lines", () => {
    const blocks = blocksOf("docs/guide/forecasting.md");
    expect(blocks[0]).toBe(blocksOf("README.md")[0]);
    expect(blocks.length).toBeGreaterThan(6);
    const files = { "births.csv": birthsCsv(170), "newer.csv": birthsCsv(200) };
    const printed = run("forecasting", blocks.join("\n"), files);
    expect(printed).toContain("2014-06-25T00:00:00.000Z");
    expect(printed).toContain("ARIMA(1,0,0)(0,1,1)[7] Float64Array(7)");
  });

  test("docs/guide/speed.md, each block by itself, which ends by itself", () => {
    const blocks = blocksOf("docs/guide/speed.md");
    expect(blocks.length).toBeGreaterThan(1);
    for (const [n, block] of blocks.entries()) expect(run(`speed-${n}`, `${block}\nconsole.log("ran");`)).toBe("ran\n");
  });

  test("README's ten lines of a model", () => {
    const [, lines = ""] = blocksOf("README.md");
    expect(lines).toContain("await model.fit(x, y,");
    const data = `import { tensor } from "gatefold";
const x = tensor(Float32Array.from({ length: 128 * 12 }, (_, i) => Math.sin(i / 3)), [128, 12, 1]);
const y = tensor(Float32Array.from({ length: 128 }, (_, i) => Math.sin((12 * i + 12) / 3)), [128, 1]);
const xNew = tensor(x.data.subarray(0, 24), [2, 12, 1]);\n`;
    const printed = run("readme", `${data}${lines}\nconsole.log(forecast.shape, stream.rows, bytes.length > 1000);`);
    expect(printed).toMatch(/\[ 2, 1 \] 1 true\n$/);
    expect(printed).toContain("Epoch 20/20");
  });
});

describe("what docs/guide/forecasting.md names is there", () => {
  const guide = textOf("docs/guide/forecasting.md");

  test("flags of the commands", () => {
    const known = makeProgram().commands.flatMap(({ options }) => options.map(({ long }) => long));
    const others = ["--help", "--only", "--external", "--omit"];
    const named = [...`${guide}${textOf("README.md")}`.matchAll(/--[a-z]+(?:-[a-z]+)*/g)].map(([flag]) => flag);
    expect(named.length).toBeGreaterThan(30);
    expect(new Set(named.filter((flag) => !others.includes(flag) && !known.includes(flag)))).toEqual(new Set());
  });

  test("sentences of errors", () => {
    const sources = readdirSync(join(root, "src/series"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => textOf(`src/series/${path}`))
      .join("");
    const [, section = ""] = guide.split("### What an error means");
    const rows = section
      .slice(0, section.indexOf("\n## "))
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    const quoted = rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, text]) => text));
    expect(quoted.length).toBeGreaterThan(15);
    expect(quoted.filter((text) => !sources.includes(text ?? ""))).toEqual([]);
  });
});
