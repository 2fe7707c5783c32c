import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsx = join(dirname(createRequire(import.meta.url).resolve("tsx/package.json")), "dist/cli.mjs");
/** Inside of the package, so that it finds itself by its name. */
const folder = join(root, "build/docs");

/** The TypeScript of a page, block after block. */
function blocksOf(page: string): readonly string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "");
}

/** Runs a program with the built package; gives what it prints. */
function run(name: string, source: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, source);
  return execFileSync(process.execPath, [tsx, file], { encoding: "utf8", cwd: root });
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

  test("README's ten lines", () => {
    const [lines = ""] = blocksOf("README.md");
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
