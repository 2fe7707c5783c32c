/** Damaged copies of model files whose configuration, the JSON in the metadata, is still JSON. */
import type { Random } from "../../src/index.ts";
import { fileOf } from "./bytes.ts";
import type { Mutation } from "./mutate.ts";
import { changed, type Json, Members, parsed, pick, textOf, Verbatim } from "./mutate-json.ts";

type Change = (random: Random, config: Json) => Json;

/** Numbers that mean much to readers of sizes, indices and counts. */
const NUMBERS = [
  ...["-1", "0", "1", "2", "3", "4", "7", "16", "1000", "10001", "67108864", "67108865", "2147483647", "4294967296"],
  ...["4503599627370496", "9007199254740991", "9007199254740993", "1e308", "1e999", "-1e999", "0.5", "1e-300", "-0"],
];

const CHANGES: Readonly<Record<string, Change>> = {
  "something changed": changed,
  "a number changed": (random, config) => {
    return replaced(
      random,
      config,
      (value) => typeof value === "number",
      () => new Verbatim(pick(random, NUMBERS)),
    );
  },
  "a name changed": (random, config) => {
    const names = placesIn(config, (value) => typeof value === "string");
    return replaced(
      random,
      config,
      (value) => typeof value === "string",
      () => pick(random, names) ?? "",
    );
  },
  "a part put in another's place": (random, config) => {
    const parts = placesIn(config, (value) => typeof value === "object" && value !== null);
    return replaced(
      random,
      config,
      (value) => typeof value === "object",
      () => pick(random, parts) ?? null,
    );
  },
  "a flag turned": (random, config) => {
    return replaced(
      random,
      config,
      (value) => typeof value === "boolean",
      (value) => value !== true,
    );
  },
  "an option added": (random, config) => {
    const options = [
      "returnState",
      "stateful",
      "returnSequences",
      "goBackwards",
      "inputSize",
      "layer",
      "maskZero",
      "thresholds",
    ];
    const value = pick<readonly Json[]>(random, [true, false, 1, 0, 1e9, "x"]);
    return replaced(
      random,
      config,
      (part) => part instanceof Members,
      (part) => {
        return new Members([...(part as Members).list, [pick(random, options), value]]);
      },
    );
  },
};

/** `count` copies of a file of `save`, each with one to four changes of its configuration. */
export function* configMutations(bytes: Uint8Array, random: Random, count: number): Generator<Mutation> {
  const end = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end))) as { __metadata__: { gatefold: string } };
  const config = parsed(header.__metadata__.gatefold);
  const data = bytes.subarray(end);
  for (let i = 0; i < count; i++) {
    let damaged = config;
    const done: string[] = [];
    for (let times = pick(random, [1, 1, 1, 2, 4]); times > 0; times--) {
      const [what, change] = pick(random, Object.entries(CHANGES));
      damaged = change(random, reparsed(damaged));
      done.push(what);
    }
    const metadata = { ...header.__metadata__, gatefold: textOf(damaged) };
    yield { what: done.join(", "), bytes: fileOf(JSON.stringify({ ...header, __metadata__: metadata }), data) };
  }
}

/** As a reader sees it, where that is possible. */
function reparsed(config: Json): Json {
  try {
    return parsed(textOf(config));
  } catch {
    return config;
  }
}

function placesIn(config: Json, isWanted: (value: Json) => boolean): readonly Json[] {
  const found: Json[] = isWanted(config) ? [config] : [];
  const inner = config instanceof Members ? config.list.map(([, value]) => value) : Array.isArray(config) ? config : [];
  for (const value of inner) found.push(...placesIn(value, isWanted));
  return found;
}

/** One of the values that are wanted replaced. */
function replaced(
  random: Random,
  config: Json,
  isWanted: (value: Json) => boolean,
  change: (value: Json) => Json,
): Json {
  let left = random.integer(Math.max(1, placesIn(config, isWanted).length));
  const walk = (value: Json): Json => {
    if (isWanted(value) && left-- === 0) return change(value);
    if (value instanceof Members) return new Members(value.list.map(([key, inner]) => [key, walk(inner)]));
    return Array.isArray(value) ? value.map(walk) : value;
  };
  return walk(config);
}
