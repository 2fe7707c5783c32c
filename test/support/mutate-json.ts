/** JSON that a damaged file may hold: keys in any order and twice, numbers as written, one value changed. */
import type { Random } from "../../src/index.ts";

export type Json = null | boolean | number | string | readonly Json[] | Members | Verbatim;

/** JSON text to stand as it is. */
export class Verbatim {
  constructor(readonly text: string) {}
}

export type Member = readonly [key: string, value: Json];

/** An object. */
export class Members {
  constructor(readonly list: readonly Member[]) {}

  get(key: string): Json | undefined {
    return this.list.find(([name]) => name === key)?.[1];
  }

  /** With the value of `key`, if there is one, changed. */
  with(key: string, change: (value: Json) => Json): Members {
    return new Members(this.list.map(([name, value]) => [name, name === key ? change(value) : value]));
  }
}

/** Lengths and offsets at the edges of integer types. */
const EDGES = [
  "-1",
  "-0",
  "0.5",
  "8.0",
  "1e999",
  "2147483648",
  "4294967296",
  "9007199254740993",
  "18446744073709551616",
];
export const NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "__metadata__",
  "",
  "\u{1f600}",
  "x".repeat(300),
];

export function parsed(text: string): Json {
  return JSON.parse(text, (_, value: unknown) => {
    const isObject =
      typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Members);
    return isObject ? new Members(Object.entries(value) as Member[]) : value;
  }) as Json;
}

export function textOf(value: Json): string {
  if (value instanceof Verbatim) return value.text;
  if (value instanceof Members) {
    return `{${value.list.map(([key, inner]) => `${JSON.stringify(key)}:${textOf(inner)}`).join(",")}}`;
  }
  return Array.isArray(value) ? `[${value.map(textOf).join(",")}]` : JSON.stringify(value);
}

/** One of the items; of none, undefined. */
export function pick<Items extends readonly unknown[]>(random: Random, items: Items): Items[number] {
  return items[random.integer(Math.max(1, items.length))];
}

/** The items, one of them replaced by what `change` makes of it. */
export function withOne<Item>(
  random: Random,
  items: readonly Item[],
  change: (item: Item) => readonly Item[],
): readonly Item[] {
  const chosen = random.integer(Math.max(1, items.length));
  return items.flatMap((item, i) => (i === chosen ? change(item) : [item]));
}

/** A value that is rarely wanted anywhere. */
export function oddValue(random: Random): Json {
  const depth = pick(random, [1, 100, 200, 20_000]);
  return pick<readonly Json[]>(random, [
    null,
    true,
    new Verbatim(pick(random, EDGES)),
    "text",
    [],
    [[0], "F32"],
    new Members([]),
    new Verbatim("[".repeat(depth) + "]".repeat(depth)),
    new Verbatim('"\\ud800"'),
    new Members([["__proto__", new Members([["polluted", true]])]]),
    new Members([
      ["a", "b"],
      ["a", "c"],
    ]),
  ]);
}

/** A list of sizes with one dropped, added, at an edge, or a little off. */
export function changedSizes(random: Random, sizes: Json): Json {
  const items: Json[] = Array.isArray(sizes) ? [...sizes] : [sizes];
  const at = random.integer(items.length + 1);
  const changes: readonly (() => readonly Json[])[] = [
    () => items.splice(at, 1),
    () => items.splice(at, 0, random.integer(5)),
    () => items.splice(at, 1, new Verbatim(pick(random, EDGES))),
    () => items.splice(at, 1, Number(items[at] ?? 0) + random.integer(9) - 4),
  ];
  pick(random, changes)();
  return items;
}

/** The value with one change somewhere in it. */
export function changed(random: Random, value: Json): Json {
  const kind = random.integer(8);
  if (value instanceof Members && value.list.length > 0) {
    return new Members(
      withOne(random, value.list, (member) => {
        const [key, inner] = member;
        if (kind === 0) return [];
        if (kind === 1) return [member, member];
        return kind === 2 ? [[pick(random, NAMES), inner]] : [[key, changed(random, inner)]];
      }),
    );
  }
  if (!Array.isArray(value) || value.length === 0) return oddValue(random);
  return withOne(random, value, (item: Json) => {
    if (kind === 0) return [];
    return kind === 1 ? [item, item] : [changed(random, item)];
  });
}
