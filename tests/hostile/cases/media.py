# SPDX-License-Identifier: Apache-2.0
"""Pictures and sounds."""
import struct
import zlib
from pathlib import Path

from formats.media import png, png_part, riff, wav

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "media"


def image_cases(save, folder):
    def one(name, data, word=""):
        save(f"image/{name}", data, word)

    one("empty.png", b"", "empty")
    one("text.png", b"no picture at all", "no picture")
    one("svg.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no picture")
    one("gif.png", b"GIF89a" + bytes(20), "no picture")
    for name, size in {"huge": (2**31 - 1, 2**31 - 1), "wide": (2**31 - 1, 1), "above": (65536, 65536), "bomb": (30000, 30000), "zero": (0, 5)}.items():
        one(f"{name}.png", png(*size, rows=bytes(100)))
    one("packed_bomb.png", png(20000, 20000, depth=1, colour=0), "memory")
    one("interlaced_bomb.png", png(4700, 4700, rows=bytes(1000), interlaced=1))
    one("part_of_gigabytes.png", png(1, 1)[:33] + struct.pack(">I", 2**31 - 2) + b"tEXt" + bytes(50), "too early")
    one("part_beyond.png", png(1, 1)[:33] + struct.pack(">I", 2**30) + b"IDAT" + bytes(50), "too early")
    one("no_end.png", png(4, 4)[:-12])
    one("depth.png", png(1, 1, b"\0" * 20, depth=3))
    one("colour.png", png(1, 1, b"\0" * 20).replace(b"\x08\x02\0\0\0", b"\x08\x07\0\0\0"))
    one("no_palette.png", png(4, 4, depth=8, colour=3))
    one("palette_short.png", png(4, 4, b"\0\xff\xff\xff\xff" * 4, colour=3, parts=png_part(b"PLTE", bytes(3))))
    one("filter.png", png(2, 2, b"\x09" * 14))
    one("text_bomb.png", png(1, 1, parts=png_part(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000)))))
    one("profile_bomb.png", png(1, 1, parts=png_part(b"iCCP", b"a\0\0" + zlib.compress(bytes(200_000_000)))))
    one("many_texts.png", png(1, 1, parts=png_part(b"tEXt", b"a\0b") * 100000))
    one("crc.png", png(4, 4)[:-20] + b"\1\2\3\4" + png(4, 4)[-16:])
    for name, text in {"huge": "P6\n99999999 99999999\n255\n", "bomb": "P6\n30000 30000\n255\n", "negative": "P6\n-1 4\n255\n", "digits": "P6\n" + "9" * 100000,
                       "comment": "P6\n#" + "x" * 1_000_000, "bright": "P6\n1 1\n65535\n" + "x" * 6, "short": "P6\n2 2\n255\nabc", "header": "P6", "grey": "P5 70000 1 255\n"}.items():
        one(f"{name}.ppm", text)
    jpeg = (FIXTURES / "photo.jpg").read_bytes()
    frame = jpeg.find(b"\xff\xc0")
    one("huge.jpg", jpeg[:frame + 5] + b"\xff\xff\xff\xff" + jpeg[frame + 9:])
    one("zero.jpg", jpeg[:frame + 5] + bytes(4) + jpeg[frame + 9:])
    one("parts.jpg", jpeg[:frame + 9] + b"\xff" + jpeg[frame + 10:])
    one("start.jpg", b"\xff\xd8\xff")
    one("markers.jpg", b"\xff\xd8" + b"\xff\xe0\0\x02" * 100000)
    progressive = (FIXTURES / "progressive.jpg").read_bytes()
    scan = progressive.find(b"\xff\xda")
    frame = progressive.find(b"\xff\xc2")
    next_scan = progressive.find(b"\xff", scan + 20)
    one("scans.jpg", progressive[:scan] + progressive[scan:next_scan] * 5000 + b"\xff\xd9")
    wide = progressive[:frame + 5] + struct.pack(">HH", 4000, 4000) + progressive[frame + 9:scan]
    one("large_scans.jpg", wide + progressive[scan:next_scan] * 5000 + b"\xff\xd9")
    one("header.webp", riff(b"WEBP", []))
    one("huge.webp", riff(b"WEBP", [(b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(20))]))
    one("moves.webp", riff(b"WEBP", [(b"VP8X", b"\x02\0\0\0" + bytes(6)), (b"ANIM", bytes(6))]))
    one("canvas.webp", riff(b"WEBP", [(b"VP8X", b"\x10\0\0\0" + b"\xff" * 6), (b"VP8 ", bytes(20))]))
    one("wave.webp", wav(bytes(100)))
    one("length.webp", b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff" + bytes(30))


def sound_cases(save, folder):
    def one(name, data, word=""):
        save(f"sound/{name}", data, word)

    one("empty.wav", b"")
    one("text.wav", b"no sound at all")
    one("page.flac", b"<!DOCTYPE html><html></html>")
    one("nothing.wav", wav(b""), "no sound in it")
    one("length.wav", wav(bytes(100)).replace(b"data" + struct.pack("<I", 100), b"data\xff\xff\xff\xff"))
    one("riff_length.wav", b"RIFF\xff\xff\xff\xff" + wav(bytes(100))[8:])
    one("channels.wav", wav(bytes(100), channels=65535))
    one("no_channels.wav", wav(bytes(100), channels=0))
    one("bits.wav", wav(bytes(100), bits=7))
    one("no_bits.wav", wav(bytes(100), bits=0))
    one("rate_zero.wav", wav(bytes(100), rate=0))
    one("rate_huge.wav", wav(bytes(100), rate=2**32 - 1))
    one("rate_one.wav", wav(bytes(60000), rate=1))
    one("kind.wav", wav(bytes(100), kind=0x2000))
    one("packed.wav", wav(bytes(100), kind=2, bits=4))
    one("nan.wav", wav(struct.pack("<4f", 0, float("nan"), float("inf"), 1), bits=32, kind=3), "no number")
    one("infinite_doubles.wav", wav(struct.pack("<2d", 1e300, -1e300), bits=64, kind=3), "no number")
    one("aiff.wav", b"FORM" + struct.pack(">I", 46) + b"AIFFCOMM" + struct.pack(">IhIh", 18, 1, 1, 16) + bytes(10))
    one("part.wav", riff(b"WAVE", [(b"LIST", b"\xff" * 100)] * 1000))
    flac = (FIXTURES / "16.flac").read_bytes()
    one("samples.flac", flac[:21] + b"\x0f\xff\xff\xff\xff" + flac[26:])
    one("rate.flac", flac[:18] + bytes(3) + flac[21:])
    one("block.flac", flac[:5] + b"\xff\xff\xff" + flac[8:])
    one("header.flac", flac[:42])
    one("start.flac", b"fLaC")
    one("blocks.flac", b"fLaC" + b"\x01\0\0\0" * 100000)
    one("comment.flac", flac[:4] + b"\0" + flac[5:42] + b"\x84\0\0\x08" + b"\xff" * 8)
    one("picture.flac", flac[:4] + b"\0" + flac[5:42] + b"\x86\xff\xff\xff" + bytes(64))


def make(save, folder):
    image_cases(save, folder)
    sound_cases(save, folder)
