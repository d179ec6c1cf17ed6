# SPDX-License-Identifier: Apache-2.0
import struct
import zlib


def png_part(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, rows=None, depth=8, colour=2, interlaced=0, parts=b""):
    """colour: 0 grey, 2 red, green and blue, 3 palette, 4 and 6 with transparency. rows: with a filter's number in front of each."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    if rows is None:
        rows = bytes(height * (1 + (width * samples * depth + 7) // 8))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + png_part(b"IHDR", header) + parts + png_part(b"IDAT", zlib.compress(rows)) + png_part(b"IEND", b""))


def riff(kind, parts):
    """A RIFF file: WAV or WebP. parts: of names and bytes."""
    body = kind + b"".join(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def wav(samples, rate=16000, channels=1, bits=16, kind=1):
    block = channels * bits // 8
    shape = struct.pack("<HHIIHH", kind, channels, rate, rate * block % 2**32, block % 2**16, bits)
    return riff(b"WAVE", [(b"fmt ", shape), (b"data", samples)])
