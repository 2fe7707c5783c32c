/** An empty project with the packed package and what it depends on, installed without a network. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = join(dirname(fileURLToPath(import.meta.url)), "../..");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** The package and all that it depends on, by the folders where `npm ci` has put them. */
function foldersOf(folder: string, found: Map<string, string> = new Map()): ReadonlyMap<string, string> {
  const { name, dependencies, optionalDependencies } = manifestIn(folder);
  found.set(name, folder);
  for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (!found.has(dependency)) foldersOf(join(root, "node_modules", dependency), found);
  }
  return found;
}

export class Project {
  readonly folder: string = mkdtempSync(join(tmpdir(), "gatefold-package-"));
  readonly version: string = manifestIn(root).version;

  /** Installs from tarballs alone, with an empty cache: nothing comes from elsewhere, and nothing is built. */
  install(): void {
    const folders = foldersOf(root);
    const tarballs = [...folders.values()].map((folder) => `./${pack(folder, this.folder)}`);
    this.write("package.json", '{ "name": "stranger", "private": true, "type": "module" }\n');
    const cache = join(this.folder, ".cache");
    this.run(
      "npm",
      "install",
      "--no-audit",
      "--no-fund",
      "--offline",
      "--cache",
      cache,
      "--strict-peer-deps",
      ...tarballs,
    );
    const installed = readdirSync(join(this.folder, "node_modules")).filter((name) => !name.startsWith("."));
    expectEqual("installed packages", installed.sort(), [...folders.keys()].sort());
    for (const name of installed) requireNothingElse(manifestIn(join(this.folder, "node_modules", name)));
    execFileSync("npm", ["ls", "--all"], { cwd: this.folder, stdio: "ignore" });
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  /** Runs a command here; throws unless it ends well. */
  run(file: string, ...args: readonly string[]): void {
    execFileSync(file, args, { cwd: this.folder, stdio: ["ignore", "inherit", "inherit"] });
  }

  /** Runs the package's command here as its users do. */
  gatefold(
    args: readonly string[],
    input: string = "",
  ): { readonly code: number | null; readonly out: string; readonly errors: string } {
    const options = { cwd: this.folder, input, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(
      "npx",
      ["--no", "--loglevel=error", "--", "gatefold", ...args],
      options,
    );
    return { code: status, out: stdout, errors: stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** The file's name. */
function pack(folder: string, destination: string): string {
  const options = { cwd: destination, encoding: "utf8" } as const;
  const printed = execFileSync("npm", ["pack", "--ignore-scripts", "--silent", folder], options);
  return printed.trim().split("\n").at(-1) ?? "";
}

function requireNothingElse({ name, scripts = {}, peerDependencies }: Manifest): void {
  const building = ["preinstall", "install", "postinstall"].filter((step) => step in scripts);
  expectEqual(`steps of ${name}'s installation`, building, []);
  expectEqual(`peers of ${name}`, Object.keys(peerDependencies ?? {}), []);
}

export function expectEqual(what: string, found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}
