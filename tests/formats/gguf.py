# SPDX-License-Identifier: Apache-2.0
import struct

# Numbers of the types of values.
UINT32, INT32, FLOAT32, BOOL, STRING, LIST, UINT64 = 4, 5, 6, 7, 8, 9, 10


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(data)) + data


def key(name, kind, value):
    return text(name) + struct.pack("<I", kind) + value


def string(name, value):
    return key(name, STRING, text(value))


def uint32(name, value):
    return key(name, UINT32, struct.pack("<I", value))


def strings(name, values):
    return key(name, LIST, struct.pack("<IQ", STRING, len(values)) + b"".join(map(text, values)))


def numbers(name, kind, values):
    letter = {UINT32: "I", INT32: "i", FLOAT32: "f"}[kind]
    return key(name, LIST, struct.pack(f"<IQ{len(values)}{letter}", kind, len(values), *values))


def tensor(name, shape, kind, offset):
    return text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", kind, offset)


def gguf(keys, tensors, data=b"", version=3):
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys)) + b"".join(keys) + b"".join(tensors)
    return out + bytes(-len(out) % 32) + data
