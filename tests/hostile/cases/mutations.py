# SPDX-License-Identifier: Apache-2.0
"""Every format, cut and bent by chance; the seed is fixed, so that the same files are made each time."""
import random
from pathlib import Path

from formats import sentencepiece
from formats.archive import packed
from formats.media import png, wav
from formats.numpy_array import described, npy

from cases.tensors import GOOD_GGUF, GOOD_NPZ, GOOD_SAFETENSORS, GOOD_TORCH

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
ROWS = b'question,answer\n"a, ""b""",1\n' * 9


def good_files():
    stored = {"data/{}.parquet": "data/talks.parquet", "data/{}.arrow": "data/pairs.arrow", "data/{}.feather": "data/talks.feather",
              "image/{}.jpg": "media/progressive.jpg", "image/{}.webp": "media/lossy.webp", "image/lossless_{}.webp": "media/lossless.webp",
              "sound/{}.flac": "media/16.flac"}
    return {"st/{}.safetensors": GOOD_SAFETENSORS, "gguf/{}.gguf": GOOD_GGUF, "pt/{}.pt": GOOD_TORCH, "np/packed_{}.npz": GOOD_NPZ,
            "np/{}.npy": npy(described("<f4", "(4,)"), bytes(16)), "data/{}.csv": ROWS, "data/{}.jsonl": b'{"question": "a", "answer": "b"}\n' * 9,
            "data/{}.zip": packed({"rows.csv": ROWS}), "image/{}.png": png(9, 9), "sound/{}.wav": wav(bytes(range(200))),
            "tokenizer/{}.model": sentencepiece.model(sentencepiece.GOOD), **{pattern: (FIXTURES / name).read_bytes() for pattern, name in stored.items()}}


def make(save, folder):
    random.seed(29)
    for pattern, content in good_files().items():
        for eighth in range(1, 8):
            save(pattern.format(f"cut_{eighth}"), content[:len(content) * eighth // 8])
        for number in range(16):
            bent = bytearray(content)
            for _ in range(1 + number // 2):
                at = random.randrange(len(bent))
                bent[at:at + 1] = random.choice([b"\0", b"\xff", b"\xff\xff\xff\xff", b"", bytes([random.randrange(256)])])
            save(pattern.format(f"bent_{number}"), bytes(bent))
