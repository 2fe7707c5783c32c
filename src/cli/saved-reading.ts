/** How the training file was read: an entry of the model file's metadata, so that `predict` reads newer rows in the same way. */
import { ConfigReader } from "../io/config.ts";
import { type Columns, READING_TEXTS, type ReadingFlags, readingOf } from "./read-file.ts";

export interface SavedReading {
  readonly time: string | undefined;
  readonly group: string | undefined;
  readonly reading: ReadingFlags;
}

const METADATA = "gatefold.csv";
const VERSION = 1;
const MOST_TEXTS = 1000;

/** The entry, by its name. */
export function savedReading({ time, group }: Columns, flags: ReadingFlags): Readonly<Record<string, string>> {
  return {
    [METADATA]: JSON.stringify({ version: VERSION, time: time ?? null, group: group ?? null, ...readingOf(flags) }),
  };
}

/** Undefined for a model that another program saved. Throws FormatError. */
export function readSaved(metadata: ReadonlyMap<string, string>): SavedReading | undefined {
  const text = metadata.get(METADATA);
  if (text === undefined) return undefined;
  const config = ConfigReader.parse(text, METADATA).object([
    "version",
    "time",
    "group",
    "missingTexts",
    ...READING_TEXTS,
  ]);
  config.get("version").integer(VERSION, VERSION);
  const string = (name: string) => {
    const value = config.optional(name);
    return value === undefined || value.isNull ? undefined : value.string();
  };
  const reading: Record<string, unknown> = Object.fromEntries(READING_TEXTS.map((name) => [name, string(name)]));
  reading.missingTexts = config
    .optional("missingTexts")
    ?.array(MOST_TEXTS)
    .map((one) => one.string());
  return { time: string("time"), group: string("group"), reading: readingOf(reading) };
}
