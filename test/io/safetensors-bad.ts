/** Files that are no safetensors files. No test runner here, so that any engine can go through the table. */
import { fileOf, joined } from "../support/bytes.ts";
import { bytes, ENTRY, HEADER, header, length, type Row, raw, unknown } from "./safetensors-bad-files.ts";
import { ENTRIES, METADATA, OFFSETS, SHAPES } from "./safetensors-bad-tensors.ts";

/** A file, and the whole message with which it is refused. */
export interface BadFile {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly message: string;
}

const LENGTHS: readonly Row[] = [
  ["no bytes", bytes(), "A safetensors file has at least 8 bytes, got 0."],
  ["seven bytes", bytes(2, 0, 0, 0, 0, 0, 0), "A safetensors file has at least 8 bytes, got 7."],
  ["an empty header", bytes(0, 0, 0, 0, 0, 0, 0, 0), `${HEADER} needs an object at byte 0, got the end.`],
  [
    "a header longer than the file",
    length(9, 0, 0, 0, 0, 0, 0, 0),
    "The safetensors file is cut off: its header has 9 bytes, only 8 follow.",
  ],
  [
    "a header of 2^32 bytes",
    length(0, 0, 0, 0, 1, 0, 0, 0),
    "This is no safetensors file: its header would have 4294967296 bytes, more than the 100000000 allowed.",
  ],
  [
    "a header of 2^53 + 1 bytes",
    length(1, 0, 0, 0, 0, 0, 0x20, 0),
    "This is no safetensors file: its header would have 9007199254740993 bytes, more than the 100000000 allowed.",
  ],
  [
    "a header of 2^64 - 1 bytes",
    length(255, 255, 255, 255, 255, 255, 255, 255),
    "This is no safetensors file: its header would have 18446744073709551615 bytes, more than the 100000000 allowed.",
  ],
  [
    "a header of 100,000,001 bytes",
    length(1, 0xe1, 0xf5, 5, 0, 0, 0, 0),
    "This is no safetensors file: its header would have 100000001 bytes, more than the 100000000 allowed.",
  ],
  [
    "a header of 100,000,000 bytes that is not there",
    length(0, 0xe1, 0xf5, 5, 0, 0, 0, 0),
    "The safetensors file is cut off: its header has 100000000 bytes, only 8 follow.",
  ],
  [
    "a pickle",
    joined(bytes(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9), new Uint8Array(64)),
    "This is no safetensors file: its header would have 5088219219985302144 bytes, more than the 100000000 allowed.",
  ],
  [
    "a zip",
    joined(bytes(0x50, 0x4b, 3, 4, 0, 0, 8, 8), new Uint8Array(64)),
    "This is no safetensors file: its header would have 578712552184433488 bytes, more than the 100000000 allowed.",
  ],
];

const UTF8: readonly Row[] = [
  ["the byte 0xff", raw(0xff), `${HEADER} is not UTF-8: 0xff at byte 2.`],
  ["a continuation without a start", raw(0x61, 0x80), `${HEADER} is not UTF-8: 0x80 at byte 3.`],
  ["a character cut off by the quote", raw(0xe2, 0x82), `${HEADER} is not UTF-8: 0xe2 at byte 2.`],
  [
    "a header that ends within a character",
    fileOf(bytes(0x7b, 0xf0, 0x9f, 0x98)),
    `${HEADER} is not UTF-8: 0xf0 at byte 1.`,
  ],
  ["an overlong slash of two bytes", raw(0xc0, 0xaf), `${HEADER} is not UTF-8: 0xc0 at byte 2.`],
  ["an overlong slash of three bytes", raw(0xe0, 0x80, 0xaf), `${HEADER} is not UTF-8: 0xe0 at byte 2.`],
  ["an overlong slash of four bytes", raw(0xf0, 0x80, 0x80, 0xaf), `${HEADER} is not UTF-8: 0xf0 at byte 2.`],
  ["a surrogate in UTF-8", raw(0xed, 0xa0, 0x80), `${HEADER} is not UTF-8: 0xed at byte 2.`],
  ["a character above U+10FFFF", raw(0xf4, 0x90, 0x80, 0x80), `${HEADER} is not UTF-8: 0xf4 at byte 2.`],
  ["a start of five bytes", raw(0xf8, 0x88, 0x80, 0x80, 0x80), `${HEADER} is not UTF-8: 0xf8 at byte 2.`],
];

const GRAMMAR: readonly Row[] = [
  ["a byte order mark", header("\ufeff{}"), `${HEADER} needs an object at byte 0, got 0xef.`],
  ["a form feed before", header("\f{}"), `${HEADER} needs an object at byte 0, got 0x0c.`],
  ["NUL padding", header("{}\0\0"), `${HEADER} needs to end at byte 2, got 0x00.`],
  ["two objects", header("{}{}"), `${HEADER} needs to end at byte 2, got '{'.`],
  ["an object that does not end", header("{"), `${HEADER} needs a string at byte 1, got the end.`],
  ["a trailing comma", fileOf(`{"t":${ENTRY},}`, new Uint8Array(8)), `${HEADER} needs a string at byte 54, got '}'.`],
  ["a leading comma", header("{,}"), `${HEADER} needs a string at byte 1, got ','.`],
  ["an array", header("[]"), `${HEADER} needs an object at byte 0, got '['.`],
  ["a string", header('"text"'), `${HEADER} needs an object at byte 0, got '"'.`],
  ["null", header("null"), `${HEADER} needs an object at byte 0, got 'n'.`],
  ["a number", header("17"), `${HEADER} needs an object at byte 0, got '1'.`],
  ["a comment", header("/* none */{}"), `${HEADER} needs an object at byte 0, got '/'.`],
  ["single quotes", header("{'t':null}"), `${HEADER} needs a string at byte 1, got '''.`],
  ["a key that is no string", header("{t:null}"), `${HEADER} needs a string at byte 1, got 't'.`],
  ["a missing colon", header('{"t" {}}'), `${HEADER} needs ":" at byte 5, got '{'.`],
  [
    "a missing comma",
    fileOf(`{"a":${ENTRY}"b":${ENTRY}}`, new Uint8Array(8)),
    `${HEADER} needs "," or the end of an object at byte 53, got '"'.`,
  ],
  ["a string that does not end", header('{"t'), `${HEADER} needs the end of a string at byte 3, got the end.`],
  ["a string that ends in a backslash", header('{"t\\'), `${HEADER} needs the end of a string at byte 5, got the end.`],
  ["a line feed in a string", header('{"t\n":null}'), `${HEADER} needs the end of a string at byte 3, got 0x0a.`],
  [
    "an unknown escape",
    header('{"\\q":null}'),
    `${HEADER} needs a string of known escapes without lone surrogates at byte 1, got "\\\\q".`,
  ],
  [
    "an escape with too few digits",
    header('{"\\u12":null}'),
    `${HEADER} needs a string of known escapes without lone surrogates at byte 1, got "\\\\u12".`,
  ],
  [
    "a lone high surrogate",
    header('{"\\ud800":null}'),
    `${HEADER} needs a string of known escapes without lone surrogates at byte 1, got "\\\\ud800".`,
  ],
  [
    "a lone low surrogate",
    header('{"\\udc00\\ud800":null}'),
    `${HEADER} needs a string of known escapes without lone surrogates at byte 1, got "\\\\udc00\\\\ud800".`,
  ],
  ["a word that is none", unknown("nul"), `${HEADER} needs null at byte 13, got ','.`],
  ["NaN", unknown("NaN"), `${HEADER} needs a value at byte 10, got 'N'.`],
  ["Infinity", unknown("-Infinity"), `${HEADER} needs a number at byte 10, got "-".`],
  ["undefined", unknown("undefined"), `${HEADER} needs a value at byte 10, got 'u'.`],
  ["a number that is no float64", unknown("1e999"), `${HEADER} needs a number at byte 10, got "1e999".`],
  ["a number without digits", unknown("-"), `${HEADER} needs a number at byte 10, got "-".`],
  ["a number without a fraction", unknown("1."), `${HEADER} needs a number at byte 10, got "1.".`],
  ["a number without an exponent", unknown("1e"), `${HEADER} needs a number at byte 10, got "1e".`],
  [
    "a number of too many digits",
    unknown("1".repeat(2000)),
    `${HEADER} needs a number at byte 10, got "11111111111111111111111111111111111111111111111111111111111....`,
  ],
  ["128 levels", unknown("[".repeat(126) + "]".repeat(126)), `${HEADER} is nested deeper than 127 levels.`],
  ["a million levels", unknown("[".repeat(1_000_000)), `${HEADER} is nested deeper than 127 levels.`],
  [
    "a million objects in each other",
    unknown('{"a":'.repeat(1_000_000)),
    `${HEADER} is nested deeper than 127 levels.`,
  ],
];

export const BAD_FILES: readonly BadFile[] = [LENGTHS, UTF8, GRAMMAR, ENTRIES, SHAPES, OFFSETS, METADATA]
  .flat()
  .map(([what, file, message]) => ({ what, bytes: file, message }));
