import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";

const root = new URL("..", import.meta.url);

/** Used from everywhere below; what they use of each other stands in the table. */
const SMALL = ["errors", "options", "math", "shape", "random", "initializers"];

/**
 * What each folder or file may import beside itself: folders and files without their ending. `*` is everything but
 * src/index.ts. The longest entry that a file's path starts with holds.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "assembly/index": ["*"],
  "assembly/bptt": ["assembly/matmul", "assembly/gates", "assembly/simd", "assembly/threads"],
  "assembly/gates": ["assembly/simd"],
  "assembly/matmul": ["assembly/simd"],
  "assembly/layers": ["assembly/simd", "assembly/matmul"],
  "assembly/loss": ["assembly/simd", "assembly/matmul"],
  "assembly/optim": ["assembly/simd"],
  "assembly/simd": [],
  "assembly/threads": [],
  "src/index": ["*"],
  "src/cli": ["*"],
  "src/init": src("core", "training"),
  "src/init-sync": src("core", "training", "losses", "metrics", "optimizers"),
  "src/models": src("layers", "losses", "metrics", "optimizers", "training", "core", "io", ...SMALL),
  "src/training": src("losses", "metrics", "optimizers", "core", ...SMALL),
  "src/training/checkpoint": src("training", "io/files", "io/text-files", "errors", "options"),
  "src/training/csv-logger": src("training", "io/files", "io/text-files", "errors", "options"),
  "src/layers": src("core", ...SMALL),
  "src/losses": src("core", "layers/edge", ...SMALL),
  "src/optimizers": src("core", "layers/layer", ...SMALL),
  "src/metrics": src("errors", "shape", "options", "math"),
  "src/io": src("errors", "shape", "options", "math"),
  "src/text": src("errors", "shape", "options", "math"),
  "src/series": src("errors", "shape", "options", "math"),
  "src/series/index": src("series"),
  "src/series/forecaster": src(
    "models",
    "layers",
    "optimizers",
    "training",
    "io",
    "series",
    "errors",
    "shape",
    "options",
  ),
  "src/speech": src("errors", "shape", "options", "math"),
  "src/core": ["build", ...src("errors", "options")],
  "src/initializers": src("errors", "options", "random", "shape"),
  "src/random": src("errors", "options", "math"),
  "src/shape": src("errors", "options"),
  "src/options": src("errors"),
  "src/math": [],
  "src/errors": [],
};

/** The only file or folder that may import each package of src/, and of others that are kept apart. */
const PACKAGES: Readonly<Record<string, string>> = {
  "@assemblyscript/loader": "src/core/instance.ts",
  arima: "src/series/baselines/arima-package.ts",
  benchmark: "bench/harness.ts",
  commander: "src/cli",
  papaparse: "src/series/csv-rows.ts",
  uplot: "src/cli/report/client/plot.ts",
};

/** Packages that are large, for what few ask for, or the file that imports one. */
const LATE = ["@assemblyscript/loader", "./arima-package.ts"];

const LONGEST_FILE = 300;

function src(...names: readonly string[]): readonly string[] {
  return names.map((name) => `src/${name}`);
}

interface Source {
  readonly file: string;
  readonly text: string;
  /** As written. */
  readonly imports: readonly string[];
}

/** A late import may have comments for bundlers before its name. */
const IMPORT = /\bfrom "([^"\n]+)";?$|^import "([^"\n]+)"|\bimport\((?:\s*\/\*[^*\n]*\*\/\s*)*"([^"\n]+)"\)/gm;

function sourcesIn(...folders: readonly string[]): readonly Source[] {
  const files = folders
    .filter((folder) => existsSync(new URL(folder, root)))
    .flatMap((folder) => readdirSync(new URL(folder, root), { recursive: true }).map((path) => `${folder}/${path}`))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !path.includes("/node_modules/"));
  return files.map((file) => {
    const text = readFileSync(new URL(file, root), "utf8");
    const imports = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
    return { file, text, imports };
  });
}

/** The path from the root, without its ending, of a relative import. */
function targetOf({ file }: Source, specifier: string): string {
  return withoutEnding(posix.join(posix.dirname(file), specifier));
}

function withoutEnding(path: string): string {
  return path.replace(/\.(ts|js)$/, "");
}

const isRelative = (specifier: string) => specifier.startsWith(".");
const isIn = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

function ruleOf(path: string): string {
  const rules = Object.keys(MAY_IMPORT).filter((place) => isIn(path, place));
  return rules.sort((a, b) => b.length - a.length)[0] ?? "";
}

/** Comments and the contents of strings blanked, so that what is left is code. */
function codeOf({ text }: Source): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"/g, (part) => (part.startsWith('"') ? '""' : ""));
}

const sources = sourcesIn("src", "assembly");

describe("imports of src/ and assembly/", () => {
  test("are found: core/instance.ts has its twelve, the loader's late one included", () => {
    const load = sources.find(({ file }) => file === "src/core/instance.ts");
    expect(load?.imports).toHaveLength(12);
    expect(load?.imports).toContain("@assemblyscript/loader");
  });

  test.each(sources.map((source) => [source.file, source] as const))("%s keeps to the table", (file, source) => {
    const rule = ruleOf(withoutEnding(file));
    expect(Object.keys(MAY_IMPORT), `a row of the table for ${file}`).toContain(rule);
    const allowed = MAY_IMPORT[rule] ?? [];
    for (const specifier of source.imports.filter(isRelative)) {
      const target = targetOf(source, specifier);
      expect(target, `${file} imports ${specifier}`).not.toBe("src/index");
      const isAllowed = allowed.includes("*") || [rule, ...allowed].some((place) => isIn(target, place));
      expect(isAllowed, `${file} may import ${specifier}`).toBe(true);
    }
  });

  test("have no cycles", () => {
    const graph = new Map(
      sources.map((source) => {
        const targets = source.imports.filter(isRelative).map((specifier) => targetOf(source, specifier));
        return [withoutEnding(source.file), targets] as const;
      }),
    );
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      expect(trail, `cycle ${[...trail, path].join(" -> ")}`).not.toContain(path);
      if (done.has(path)) return;
      for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(done.size).toBeGreaterThanOrEqual(sources.length);
  });
});

describe("packages", () => {
  const isNode = (specifier: string) => specifier.startsWith("node:");
  const isOf = (specifier: string, name: string) => specifier === name || specifier.startsWith(`${name}/`);

  test.each(Object.entries(PACKAGES))("%s is imported by %s alone", (name, only) => {
    const users = sourcesIn("src", "assembly", "bench", "test", "scripts", "examples")
      .filter(({ imports }) => imports.some((specifier) => isOf(specifier, name)))
      .map(({ file }) => file);
    expect(users.filter((file) => !isIn(file, only))).toEqual([]);
    if (only.endsWith(".ts") && existsSync(new URL(only, root))) expect(users).toEqual([only]);
  });

  test("src/ imports no others", () => {
    const packages = sources.flatMap(({ imports }) => imports.filter((name) => !isRelative(name) && !isNode(name)));
    expect(packages.filter((specifier) => !Object.keys(PACKAGES).some((name) => isOf(specifier, name)))).toEqual([]);
  });

  test.each(LATE)("%s is imported late", (name) => {
    const early = sources.filter(({ text }) => new RegExp(`(?:from|^import) "${name}["/]`, "m").test(text));
    expect(early.map(({ file }) => file)).toEqual([]);
  });

  /** The files that the entry reaches, by early and late imports and those of types. */
  function reachedFrom(entry: string): readonly Source[] {
    const byPath = new Map(sources.map((source) => [withoutEnding(source.file), source]));
    const reached = new Map<string, Source>();
    const visit = (path: string): void => {
      const source = byPath.get(path);
      if (source === undefined || reached.has(path)) return;
      reached.set(path, source);
      for (const specifier of source.imports.filter(isRelative)) visit(targetOf(source, specifier));
    };
    visit(entry);
    return [...reached.values()];
  }

  test("the entry needs nothing at run time: no file it reaches imports another package than the loader", () => {
    const entry = reachedFrom("src/index");
    expect(entry.length).toBeGreaterThan(100);
    const packages = entry.flatMap(({ imports }) => imports.filter((name) => !isRelative(name) && !isNode(name)));
    expect([...new Set(packages)]).toEqual(["@assemblyscript/loader"]);
    expect(entry.filter(({ file }) => /^src\/(series|cli)\//.test(file)).map(({ file }) => file)).toEqual([]);
  });

  test("Node's own modules are imported late, so that browsers never ask for them, and in io/files.ts alone", () => {
    const users = sources.filter(({ file, imports }) => !file.startsWith("src/cli/") && imports.some(isNode));
    expect(users.map(({ file }) => file)).toEqual(["src/io/files.ts"]);
    expect(users.flatMap(({ text }) => [...text.matchAll(/\bfrom "node:|^import "node:/gm)])).toEqual([]);
  });
});

describe("what stands in one place only", () => {
  const filesWith = (pattern: RegExp) =>
    sources.filter((source) => source.file.startsWith("src/") && pattern.test(codeOf(source))).map(({ file }) => file);

  test("views on the core's memory are made in core/memory.ts; io/, which cannot reach it, makes views of files", () => {
    const others = filesWith(/\.buffer\b/).filter((file) => !file.startsWith("src/io/"));
    expect(others).toEqual(["src/core/memory.ts"]);
  });

  test("nothing in src/ uses functions that differ between engines, or **", () => {
    expect(
      filesWith(/\*\*|\bMath\.(pow|exp|expm1|log|log2|log10|log1p|cos|sin|tan|cosh|sinh|tanh|hypot|cbrt)\b/),
    ).toEqual([]);
  });

  test("no file is called utils", () => {
    const all = sourcesIn("src", "assembly", "bench", "test", "scripts").map(({ file }) => file);
    expect(all.filter((file) => /(^|\/)utils?[./]/i.test(file))).toEqual([]);
  });

  test(`no file of src/ and assembly/ is longer than ${LONGEST_FILE} lines`, () => {
    const long = sources.filter(({ text }) => text.split("\n").length - 1 > LONGEST_FILE);
    expect(long.map(({ file }) => file)).toEqual([]);
  });
});
