"""Files and verdicts of the safetensors reference, for test/io. Run: pip install safetensors==0.8.0; python make_safetensors.py"""

import base64
import ctypes
import json
import pathlib
import random
import struct

import safetensors

HERE = pathlib.Path(__file__).parent


def text_of(data):
    return base64.b64encode(data).decode()


def written(tensors, metadata=None):
    """A file as the reference writes it; tensors: name -> (dtype, size of an element, shape)."""
    draw = random.Random(7)
    specs, kept, records = {}, [], []
    for name, (dtype, size, shape) in tensors.items():
        count = 1
        for dim in shape:
            count *= dim
        data = bytes(draw.randrange(1, 60) for _ in range(count * size))
        buffer = ctypes.create_string_buffer(data, max(1, len(data)))
        kept.append(buffer)
        specs[name] = safetensors.TensorSpec(
            dtype=dtype, shape=list(shape), data_ptr=ctypes.addressof(buffer), data_len=len(data)
        )
        records.append({"name": name, "shape": list(shape), "data": text_of(data)})
    file = safetensors.serialize(specs, metadata)
    stored = dict(safetensors.deserialize(file))
    for record in records:
        record["dtype"] = stored[record["name"]]["dtype"]
    return {"tensors": records, "metadata": metadata, "file": text_of(file)}


ENTRY = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'


def fields(dtype='"F32"', shape="[2]", offsets="[0,8]", more=""):
    return '{"t":{%s"dtype":%s,"shape":%s,"data_offsets":%s}}' % (more, dtype, shape, offsets)


def unknown(value):
    return fields(more='"x":%s,' % value)


# (what, header, bytes of data)
HEADERS = [
    ("plain", fields(), 8),
    ("an empty object", "{}", 0),
    ("white space around", "\t\r\n {} \t\r\n", 0),
    ("a form feed before", "\f{}", 0),
    ("a no-break space before", "\u00a0{}", 0),
    ("a byte order mark", "\ufeff{}", 0),
    ("NUL padding", "{}\0\0", 0),
    ("two objects", "{}{}", 0),
    ("a trailing comma", '{"t":%s,}' % ENTRY, 8),
    ("nothing", "", 0),
    ("null", "null", 0),
    ("an array", "[]", 0),
    ("a string", '"x"', 0),
    ("an entry as an array", '{"t":["F32",[2],[0,8]]}', 8),
    ("an entry that is null", '{"t":null}', 0),
    ("a dtype as an object", fields('{"F32":null}'), 8),
    ("an escaped dtype", fields('"\\u00463\\u0032"'), 8),
    ("a lower-case dtype", fields('"f32"'), 8),
    ("a dtype of the prototype", fields('"constructor"'), 8),
    ("dtype twice", fields(more='"dtype":"F32",'), 8),
    ("shape twice", fields(more='"shape":[2],'), 8),
    ("an unknown field twice", unknown('1,"x":2'), 8),
    ("a name twice", '{"t":%s,"t":%s}' % (ENTRY, ENTRY), 8),
    ("a name twice, the first of another size", '{"t":%s,"t":%s}' % (ENTRY.replace("[2]", "[3]"), ENTRY), 8),
    ("a name twice, the first no entry", '{"t":5,"t":%s}' % ENTRY, 8),
    ("metadata", '{"__metadata__":{"a":"b","":""},"t":%s}' % ENTRY, 8),
    ("metadata after a tensor", '{"t":%s,"__metadata__":{"a":"b"}}' % ENTRY, 8),
    ("metadata null", '{"__metadata__":null,"t":%s}' % ENTRY, 8),
    ("metadata twice", '{"__metadata__":{"a":"b"},"__metadata__":{"a":"b"}}', 0),
    ("metadata with a key twice", '{"__metadata__":{"a":"b","a":"c"}}', 0),
    ("metadata as an array", '{"__metadata__":[]}', 0),
    ("a number in the metadata", '{"__metadata__":{"a":1}}', 0),
    ("a null in the metadata", '{"__metadata__":{"a":null}}', 0),
    ("a missing shape", '{"t":{"dtype":"F32","data_offsets":[0,8]}}', 8),
    ("a missing dtype", '{"t":{"shape":[2],"data_offsets":[0,8]}}', 8),
    ("missing offsets", '{"t":{"shape":[2],"dtype":"F32"}}', 8),
    ("shape null", fields(shape="null"), 8),
    ("a scalar", fields(shape="[]", offsets="[0,4]"), 4),
    ("a dimension of zero", fields(shape="[2,0]", offsets="[0,0]"), 0),
    ("a negative dimension", fields(shape="[-2]"), 8),
    ("a dimension as text", fields(shape='["2"]'), 8),
    ("a dimension with a leading zero", fields(shape="[02]"), 8),
    ("a dimension with a plus", fields(shape="[+2]"), 8),
    ("a dimension with an exponent", fields(shape="[2e0]"), 8),
    ("a float offset", fields(offsets="[0,8.0]"), 8),
    ("an offset of -0", fields(offsets="[-0,8]"), 8),
    ("one offset", fields(offsets="[0]"), 8),
    ("three offsets", fields(offsets="[0,8,8]"), 8),
    ("offsets reversed", fields(offsets="[8,0]"), 8),
    ("an overflowing shape", fields(shape="[2,18446744073709551614]"), 8),
    ("an overflowing number of bits", fields(shape="[2,9223372036854775807]"), 8),
    ("a dimension of 2^64", fields(shape="[0,18446744073709551616]", offsets="[0,0]"), 0),
    ("a dimension of 2^64 - 1 beside zero", fields(shape="[0,18446744073709551615]", offsets="[0,0]"), 0),
    ("a size that does not fit", fields(shape="[3]"), 8),
    ("data missing", fields(), 7),
    ("data left over", fields(), 9),
    ("data of no tensor", "{}", 1),
    ("a hole", '{"a":%s,"b":%s}' % (ENTRY, ENTRY.replace("[0,8]", "[9,17]")), 17),
    ("an overlap", '{"a":%s,"b":%s}' % (ENTRY, ENTRY.replace("[0,8]", "[4,12]")), 12),
    ("the same data twice", '{"a":%s,"b":%s}' % (ENTRY, ENTRY), 8),
    ("in another order", '{"a":%s,"b":%s}' % (ENTRY.replace("[0,8]", "[8,16]"), ENTRY), 16),
    ("at an unaligned place", '{"a":%s,"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}' % ENTRY.replace("[0,8]", "[1,9]"), 9),
    ("nothing between two", '{"a":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},"t":%s}' % ENTRY, 8),
    ("nothing within another", '{"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"t":%s}' % ENTRY, 8),
    ("four bits, even", fields('"F4"', "[4]", "[0,2]"), 2),
    ("four bits, odd", fields('"F4"', "[3]", "[0,2]"), 2),
    ("six bits", fields('"F6_E2M3"', "[4]", "[0,3]"), 3),
    ("a tensor called __proto__", '{"__proto__":%s}' % ENTRY, 8),
    ("a tensor without a name", '{"":%s}' % ENTRY, 8),
    ("an escaped name", '{"\\ud83d\\ude00\\n\\/":%s}' % ENTRY, 8),
    ("a lone surrogate in a name", '{"\\ud800":%s}' % ENTRY, 8),
    ("a lone surrogate elsewhere", unknown('"\\udc00"'), 8),
    ("a wrong escape elsewhere", unknown('"\\q"'), 8),
    ("a control character elsewhere", unknown('"\n"'), 8),
    ("a delete character elsewhere", unknown('"\x7f"'), 8),
    ("every kind of value elsewhere", unknown('[{"a":[]},null,true,false,-1.5e-3,"",{}]'), 8),
    ("1e999 elsewhere", unknown("1e999"), 8),
    ("1e-999 elsewhere", unknown("1e-999"), 8),
    ("a number without digits elsewhere", unknown("-"), 8),
    ("a number without a fraction elsewhere", unknown("1."), 8),
    ("a cut word elsewhere", unknown("nul"), 8),
    ("NaN elsewhere", unknown("NaN"), 8),
    ("127 levels", unknown("[" * 125 + "]" * 125), 8),
    ("128 levels", unknown("[" * 126 + "]" * 126), 8),
    ("a missing colon", '{"t"%s}' % ENTRY, 8),
    ("a missing comma", '{"a":%s"b":%s}' % (ENTRY, ENTRY), 8),
    ("a key that is no string", "{t:%s}" % ENTRY, 8),
    ("a string that does not end", '{"t', 0),
]


def is_accepted(header, data_bytes):
    text = header.encode()
    try:
        safetensors.deserialize(struct.pack("<Q", len(text)) + text + bytes(data_bytes))
        return True
    except safetensors.SafetensorError:
        return False


FILES = [
    written({}),
    written({}, {"framework": "pt"}),
    written({"attn.0": ("float32", 4, (1, 2, 3))}),
    written(
        {
            "b": ("float32", 4, (2,)),
            "a": ("float32", 4, (3, 1)),
            "10": ("float32", 4, ()),
            "9": ("int32", 4, (2, 0)),
            "wide": ("float64", 8, (2,)),
            "words": ("uint32", 4, (4,)),
            "bytes": ("uint8", 1, (3,)),
            "\U0001f600": ("uint8", 1, (1,)),
            "\uff5e": ("uint8", 1, (1,)),
            'quo"te\\\n\u0001\u007f\u2028': ("uint8", 1, (1,)),
            "__proto__": ("uint8", 1, (2,)),
        },
        {"note": 'line\n"two"\u0000 \u00e9'},
    ),
    written(
        {
            "half": ("float16", 2, (3,)),
            "brain": ("bfloat16", 2, (2, 2)),
            "flags": ("bool", 1, (2,)),
            "long": ("int64", 8, (2,)),
            "short": ("int16", 2, (1,)),
            "complex": ("complex64", 8, (1,)),
            "eight": ("float8_e4m3fn", 1, (5,)),
        }
    ),
]
verdicts = [
    {"what": what, "header": header, "dataBytes": size, "accepted": is_accepted(header, size)}
    for what, header, size in HEADERS
]
text = json.dumps({"made": f"safetensors {safetensors.__version__}", "files": FILES, "verdicts": verdicts}, indent=1)
(HERE / "safetensors.json").write_text(text + "\n")
