/** Headers that are JSON, but not of tensors that fit their data. */
import { fileOf } from "../support/bytes.ts";
import { ENTRY, file, HEADER, header, type Row, SIZES, TENSOR, two } from "./safetensors-bad-files.ts";

export const ENTRIES: readonly Row[] = [
  ["an entry that is null", header('{"t":null}'), `${HEADER} needs an object at byte 5, got 'n'.`],
  ["an entry that is a number", header('{"t":5}'), `${HEADER} needs an object at byte 5, got '5'.`],
  [
    "an entry that is an array",
    fileOf('{"t":["F32",[2],[0,8]]}', new Uint8Array(8)),
    `${HEADER} needs an object at byte 5, got '['.`,
  ],
  ["an empty entry", header('{"t":{}}'), `${TENSOR} has no dtype.`],
  ["no dtype", fileOf('{"t":{"shape":[2],"data_offsets":[0,8]}}', new Uint8Array(8)), `${TENSOR} has no dtype.`],
  ["no shape", fileOf('{"t":{"dtype":"F32","data_offsets":[0,8]}}', new Uint8Array(8)), `${TENSOR} has no shape.`],
  ["no data_offsets", fileOf('{"t":{"dtype":"F32","shape":[2]}}', new Uint8Array(8)), `${TENSOR} has no data_offsets.`],
  ["dtype twice", file({ more: '"dtype":"F32",' }), `${TENSOR} has its dtype twice.`],
  ["shape twice", file({ more: '"shape":[2],' }), `${TENSOR} has its shape twice.`],
  ["data_offsets twice", file({ more: '"data_offsets":[0,8],' }), `${TENSOR} has its data_offsets twice.`],
  [
    "a bad entry whose name comes again",
    fileOf(`{"t":5,"t":${ENTRY}}`, new Uint8Array(8)),
    `${HEADER} needs an object at byte 5, got '5'.`,
  ],
  ["a dtype that is no string", file({ dtype: "32" }), `${HEADER} needs a string at byte 14, got '3'.`],
  ["a dtype that is an object", file({ dtype: '{"F32":null}' }), `${HEADER} needs a string at byte 14, got '{'.`],
  ["a dtype in lower case", file({ dtype: '"f32"' }), `${TENSOR} has the unknown dtype "f32".`],
  ["a dtype of PyTorch", file({ dtype: '"float32"' }), `${TENSOR} has the unknown dtype "float32".`],
  ["a dtype of the prototype", file({ dtype: '"constructor"' }), `${TENSOR} has the unknown dtype "constructor".`],
  ["the dtype __proto__", file({ dtype: '"__proto__"' }), `${TENSOR} has the unknown dtype "__proto__".`],
  [
    "a very long dtype",
    file({ dtype: `"${"F".repeat(100_000)}"` }),
    `${TENSOR} has the unknown dtype "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF....`,
  ],
];

export const SHAPES: readonly Row[] = [
  ["a shape that is null", file({ shape: "null" }), `${HEADER} needs an array at byte 28, got 'n'.`],
  ["a shape that is an object", file({ shape: "{}" }), `${HEADER} needs an array at byte 28, got '{'.`],
  ["a negative dimension", file({ shape: "[-2]" }), `${TENSOR} has -2 among its dimensions, ${SIZES}`],
  [
    "a dimension of -0",
    file({ shape: "[-0]", offsets: "[0,0]" }, 0),
    `${TENSOR} has -0 among its dimensions, ${SIZES}`,
  ],
  ["half a dimension", file({ shape: "[0.5]" }), `${TENSOR} has 0.5 among its dimensions, ${SIZES}`],
  ["a dimension with an exponent", file({ shape: "[2e0]" }), `${TENSOR} has 2e0 among its dimensions, ${SIZES}`],
  ["a dimension with a leading zero", file({ shape: "[02]" }), `${HEADER} needs a number at byte 29, got "02".`],
  ["a dimension with a plus", file({ shape: "[+2]" }), `${HEADER} needs a number at byte 29, got "+2".`],
  ["a dimension that is a string", file({ shape: '["2"]' }), `${HEADER} needs a number at byte 29, got '"'.`],
  ["a dimension that is null", file({ shape: "[null]" }), `${HEADER} needs a number at byte 29, got 'n'.`],
  [
    "a dimension of 2^53",
    file({ shape: "[9007199254740992]" }),
    `${TENSOR} has 9007199254740992 among its dimensions, ${SIZES}`,
  ],
  [
    "a dimension of 2^53 + 1",
    file({ shape: "[9007199254740993]" }),
    `${TENSOR} has 9007199254740993 among its dimensions, ${SIZES}`,
  ],
  [
    "a dimension of 2^64",
    file({ shape: "[18446744073709551616,0]", offsets: "[0,0]" }, 0),
    `${TENSOR} has 18446744073709551616 among its dimensions, ${SIZES}`,
  ],
  ["33 dimensions", file({ shape: `[${Array(33).fill(2).join(",")}]` }), `${TENSOR} has more than 32 dimensions.`],
  [
    "a product past 2^53",
    file({ shape: "[2,9007199254740991]" }),
    `${TENSOR} is too large: F32 of shape [2, 9007199254740991] has 2^53 bits or more.`,
  ],
  [
    "a product that wraps to 0 in 32 bits",
    file({ shape: "[65536,65536]", offsets: "[0,0]" }, 0),
    `${TENSOR} does not fit: F32 of shape [65536, 65536] has 17179869184 bytes, its data_offsets [0, 0] hold 0.`,
  ],
  [
    "a product that wraps to 8 in 64 bits",
    file({ shape: "[4611686018427387906,2]" }),
    `${TENSOR} has 4611686018427387906 among its dimensions, ${SIZES}`,
  ],
  [
    "a product past 2^53 before a zero",
    file({ shape: "[94906267,94906267,0]", offsets: "[0,0]" }, 0),
    `${TENSOR} is too large: F32 of shape [94906267, 94906267, 0] has 2^53 bits or more.`,
  ],
  [
    "elements that fit, bits that do not",
    file({ shape: "[1000000000000000]" }),
    `${TENSOR} is too large: F32 of shape [1000000000000000] has 2^53 bits or more.`,
  ],
  [
    "a shape too large",
    file({ shape: "[3]" }),
    `${TENSOR} does not fit: F32 of shape [3] has 12 bytes, its data_offsets [0, 8] hold 8.`,
  ],
  [
    "a shape too small",
    file({ shape: "[1]" }),
    `${TENSOR} does not fit: F32 of shape [1] has 4 bytes, its data_offsets [0, 8] hold 8.`,
  ],
  [
    "a dtype too wide",
    file({ dtype: '"F64"' }),
    `${TENSOR} does not fit: F64 of shape [2] has 16 bytes, its data_offsets [0, 8] hold 8.`,
  ],
  [
    "a dtype that ends within a byte",
    file({ dtype: '"F4"', shape: "[3]", offsets: "[0,2]" }, 2),
    `${TENSOR} ends within a byte: F4 of shape [3] has 12 bits.`,
  ],
];

export const OFFSETS: readonly Row[] = [
  ["offsets that are null", file({ offsets: "null" }), `${HEADER} needs an array at byte 47, got 'n'.`],
  ["no offset", file({ offsets: "[]" }), `${TENSOR} has 0 data_offsets where there must be 2.`],
  ["one offset", file({ offsets: "[0]" }), `${TENSOR} has 1 data_offsets where there must be 2.`],
  ["three offsets", file({ offsets: "[0,8,8]" }), `${TENSOR} has more than 2 data_offsets.`],
  ["a float offset", file({ offsets: "[0,8.0]" }), `${TENSOR} has 8.0 among its data_offsets, ${SIZES}`],
  ["an offset of -0", file({ offsets: "[-0,8]" }), `${TENSOR} has -0 among its data_offsets, ${SIZES}`],
  ["a negative offset", file({ offsets: "[-8,0]" }), `${TENSOR} has -8 among its data_offsets, ${SIZES}`],
  ["an offset of 1e999", file({ offsets: "[0,1e999]" }), `${HEADER} needs a number at byte 50, got "1e999".`],
  [
    "an offset of 2^53 + 1",
    file({ offsets: "[0,9007199254740993]" }),
    `${TENSOR} has 9007199254740993 among its data_offsets, ${SIZES}`,
  ],
  ["offsets reversed", file({ offsets: "[8,0]" }), `${TENSOR} ends at 0 before it begins at 8.`],
  [
    "offsets that start late",
    file({ offsets: "[1,9]" }, 9),
    `${TENSOR} leaves a hole: it begins at 1, but the data before it ends at 0.`,
  ],
  [
    "a hole",
    two("[9,17]", 17),
    'Tensor "b" of the safetensors file leaves a hole: it begins at 9, but the data before it ends at 8.',
  ],
  [
    "an overlap",
    two("[4,12]", 12),
    'Tensor "b" of the safetensors file overlaps another: it begins at 4, but the data before it ends at 8.',
  ],
  [
    "the same data twice",
    two("[0,8]", 8),
    'Tensor "b" of the safetensors file overlaps another: it begins at 0, but the data before it ends at 8.',
  ],
  [
    "an empty tensor within another",
    fileOf(`{"t":${ENTRY},"n":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}`, new Uint8Array(8)),
    'Tensor "n" of the safetensors file overlaps another: it begins at 4, but the data before it ends at 8.',
  ],
  ["a data byte missing", file({}, 7), "The safetensors file is cut off: its tensors have 8 bytes, its data has 7."],
  ["all data missing", file({}, 0), "The safetensors file is cut off: its tensors have 8 bytes, its data has 0."],
  [
    "a data byte left over",
    file({}, 9),
    "The safetensors file has bytes of no tensor at its end: its tensors have 8 bytes, its data has 9.",
  ],
  [
    "data of no tensor",
    fileOf("{}", new Uint8Array(1)),
    "The safetensors file has bytes of no tensor at its end: its tensors have 0 bytes, its data has 1.",
  ],
];

export const METADATA: readonly Row[] = [
  ["metadata that is an array", header('{"__metadata__":[]}'), `${HEADER} needs an object at byte 16, got '['.`],
  ["metadata that is a string", header('{"__metadata__":"x"}'), `${HEADER} needs an object at byte 16, got '"'.`],
  ["a number in the metadata", header('{"__metadata__":{"a":1}}'), `${HEADER} needs a string at byte 21, got '1'.`],
  ["a null in the metadata", header('{"__metadata__":{"a":null}}'), `${HEADER} needs a string at byte 21, got 'n'.`],
  ["an object in the metadata", header('{"__metadata__":{"a":{}}}'), `${HEADER} needs a string at byte 21, got '{'.`],
  ["metadata twice", header('{"__metadata__":{},"__metadata__":{}}'), `${HEADER} has __metadata__ twice.`],
  ["metadata null twice", header('{"__metadata__":null,"__metadata__":null}'), `${HEADER} has __metadata__ twice.`],
  [
    "a tensor as metadata",
    fileOf(`{"__metadata__":${ENTRY}}`, new Uint8Array(8)),
    `${HEADER} needs a string at byte 39, got '['.`,
  ],
  [
    "more than 16 MiB of text",
    header(`{"__metadata__":{"a":"${"x".repeat(16_777_216)}"}}`),
    `${HEADER} has more than 16777216 bytes of text in its strings.`,
  ],
  [
    "100,001 entries of metadata",
    header(`{"__metadata__":{${Array(100_001).fill('"":""').join(",")}}}`),
    `${HEADER} has more than 100000 entries of the metadata.`,
  ],
  [
    "100,001 tensors",
    fileOf(`{${Array(100_001).fill(`"":${ENTRY}`).join(",")}}`, new Uint8Array(8)),
    `${HEADER} has more than 100000 tensors.`,
  ],
];
