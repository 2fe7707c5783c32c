/** The options of the public API as the sources document them: every call that takes an options object, with its properties. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as gatefold from "../../src/index.ts";

/** One option of one call. */
export interface DocumentedOption {
  /** `LSTM` for the constructor, `BaseModel.fit` for a method, `input` for a function. */
  readonly owner: string;
  readonly option: string;
  readonly isOptional: boolean;
  /** The default that the comment names, first for Keras and then for PyTorch where they differ. */
  readonly defaults: readonly unknown[];
}

interface Property {
  readonly name: string;
  readonly isOptional: boolean;
  readonly comment: string;
}

interface Interface {
  readonly bases: readonly string[];
  readonly own: readonly Property[];
}

/** Options that no user gives: they stand between files. */
const INTERNAL = ["RunOptions", "StepOptions"];

const folder = fileURLToPath(new URL("../../src", import.meta.url));
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(join(folder, file), "utf8"));

/** All interfaces and aliases of the sources by name. */
const interfaces = new Map<string, Interface>(sources.flatMap(interfacesIn));

function interfacesIn(text: string): readonly (readonly [string, Interface])[] {
  const found = text.matchAll(/^export interface (\w+)(?:<[^{]*?>)?(?: extends ([\w, ]+))? \{\n([\s\S]*?)^\}/gm);
  const aliases = text.matchAll(/^export type (\w+Options) = (\w+)(?:<\w+>)?;/gm);
  return [
    ...[...found].map(([, name = "", bases = "", body = ""]) => {
      return [name, { bases: bases.split(/, */).filter(Boolean), own: propertiesIn(body) }] as const;
    }),
    ...[...aliases].map(([, name = "", base = ""]) => [name, { bases: [base], own: [] }] as const),
  ];
}

function propertiesIn(body: string): readonly Property[] {
  const found = body.matchAll(/^ {2}(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+)?readonly (\w+)(\??):/gm);
  return [...found].map(([, comment = "", name = "", mark]) => {
    return { name, isOptional: mark === "?", comment: comment.replace(/\s+\*\s+/g, " ") };
  });
}

function propertiesOf(name: string): readonly Property[] {
  const known = interfaces.get(name);
  if (known === undefined) throw new RangeError(`There is no interface ${name}.`);
  return [...known.bases.flatMap(propertiesOf), ...known.own];
}

/** Public classes with all that they inherit from, and public functions. */
function publicNames(): Set<string> {
  const names = new Set<string>();
  for (const [name, value] of Object.entries(gatefold)) {
    names.add(name);
    const isClass = typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
    for (let base = isClass ? Object.getPrototypeOf(value) : null; base?.name; base = Object.getPrototypeOf(base)) {
      names.add(base.name);
    }
  }
  // A class without a value among the exports.
  return names.add("Stream");
}

/** The call that the text ends in the middle of; undefined for those that are not public. */
function ownerAt(before: string, names: ReadonlySet<string>): string | undefined {
  const [outer] = [
    ...before.matchAll(/^(?:export )?(?:abstract )?(?:async )?(class|function|interface) (\w+)/gm),
  ].slice(-1);
  const [, kind, name = ""] = outer ?? [];
  if (!names.has(name) || kind === "interface") return undefined;
  if (kind === "function") return name;
  const [member] = [...before.matchAll(/^ {2}((?:protected |override |async )*)(#?\w+)(?:<\w+>)?\(/gm)].slice(-1);
  const [, modifiers = "", method = ""] = member ?? [];
  if (modifiers.includes("protected") || method.startsWith("#")) return undefined;
  return method === "constructor" ? name : `${name}.${method}`;
}

/** What the sources document of `learningRate` and `weightDecay` stands in the comment before a class or its options. */
function commentOf(owner: string, options: string): string {
  const before = new RegExp(
    `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s+export (?:interface ${options}|class ${owner}) `,
    "g",
  );
  const found = sources.flatMap((text) => [...text.matchAll(before)].map(([, comment = ""]) => comment));
  return found.join(" ").replace(/\s+\*\s+/g, " ");
}

const VALUE = String.raw`("[^"]*"|true|false|null|-?\d[\d.]*(?:e-?\d+)?(?![\d^]))`;
const PATTERNS = [
  `by default ${VALUE}`,
  `\\bdefault ${VALUE}`,
  `${VALUE}(?:,? the default| \\(default\\)| by default| unless told otherwise)`,
];

function defaultsIn(comment: string): readonly unknown[] {
  for (const pattern of PATTERNS) {
    const found = new RegExp(`${pattern}(?: \\(Keras\\) or ${VALUE} \\(PyTorch\\b)?`, "i").exec(comment);
    if (found !== null) return found.slice(1).flatMap((text) => (text === undefined ? [] : [literal(text)]));
  }
  return [];
}

function literal(text: string): unknown {
  return JSON.parse(text.replace(/[.,]+$/, ""));
}

/** As "the learning rate is 0.001 (Keras) or 0.002 (PyTorch)". */
function defaultsByClass(option: string, comment: string): readonly unknown[] {
  const words = option === "learningRate" ? "learning rate is" : option;
  const both = new RegExp(`${words} ([\\d.e-]*\\d) \\(Keras\\) or ([\\d.e-]*\\d) \\(PyTorch\\)`).exec(comment);
  const one = new RegExp(`${words} ([\\d.e-]*\\d)`).exec(comment);
  return (both ?? one)?.slice(1).map(literal) ?? [];
}

function documented(): readonly DocumentedOption[] {
  const names = publicNames();
  const all = new Map<string, DocumentedOption>();
  for (const text of sources) {
    for (const found of text.matchAll(/\boptions\??: (?:(\w+Options)\b|\{ ([^}]*) \})/g)) {
      const [, type, inline = ""] = found;
      const owner = ownerAt(text.slice(0, found.index), names);
      if (owner === undefined || isPrivate(text, found.index) || INTERNAL.includes(type ?? "")) continue;
      const properties = type === undefined ? propertiesIn(`  ${inline}`) : propertiesOf(type);
      const comment = commentOf(owner, type ?? owner);
      for (const { name: option, isOptional, comment: own } of properties) {
        const special = option === "learningRate" || option === "weightDecay" ? defaultsByClass(option, comment) : [];
        const defaults = special.length > 0 ? special : defaultsIn(own);
        all.set(`${owner} ${option}`, { owner, option, isOptional, defaults });
      }
    }
  }
  return [...all.values()];
}

/** Whether the constructor around an index is not for users. */
function isPrivate(text: string, index: number): boolean {
  const before = text.slice(0, index);
  return (
    /\n(?:abstract |export abstract )class \w+[^\n]*\{(?:(?!\n\}\n)[\s\S])*$/.test(before) &&
    /constructor\([^)]*$/.test(before)
  );
}

export const DOCUMENTED: readonly DocumentedOption[] = documented();

/** Interfaces called ...Options that no public call takes, directly or as a base of another. */
export function unusedInterfaces(): readonly string[] {
  const used = new Set<string>(INTERNAL);
  const use = (name: string): void => {
    used.add(name);
    for (const base of interfaces.get(name)?.bases ?? []) use(base);
  };
  for (const text of sources)
    for (const [, name = ""] of text.matchAll(/\b(?:options\??|third): (\w+Options)\b/g)) use(name);
  return [...interfaces.keys()].filter((name) => name.endsWith("Options") && !used.has(name));
}
