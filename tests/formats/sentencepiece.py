# SPDX-License-Identifier: Apache-2.0
"""Models of SentencePiece, written as Protocol Buffers (sentencepiece_model.proto)."""
import struct

NORMAL, UNKNOWN, CONTROL, USER, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
UNIGRAM, BPE, WORD, CHAR = 1, 2, 3, 4


def number(value):
    out = b""
    while value >= 128:
        out += bytes([value % 128 + 128])
        value //= 128
    return out + bytes([value])


def field(tag, value):
    if isinstance(value, float):
        return number(tag * 8 + 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return number(tag * 8) + number(value)
    data = value if isinstance(value, bytes) else value.encode()
    return number(tag * 8 + 2) + number(len(data)) + data


def piece(text, score=0.0, kind=NORMAL):
    return field(1, field(1, text) + field(2, score) + field(3, kind))


def trainer(kind):
    return field(2, field(3, kind))


def normalizer(charsmap=b""):
    return field(3, field(1, "identity") + field(2, charsmap))


def model(pieces, kind=UNIGRAM, charsmap=b""):
    return b"".join(piece(*one) for one in pieces) + trainer(kind) + normalizer(charsmap)


GOOD = [("<unk>", 0.0, UNKNOWN), ("<s>", 0.0, CONTROL), ("</s>", 0.0, CONTROL), ("\u2581", -1.0), ("a", -2.0), ("b", -3.0), ("ab", -1.5)]
