#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes pictures of two crossing bars and a small untrained ViT that is to tell them apart.

    python3 make_bars.py FOLDER

FOLDER/model        ViTForImageClassification of 64 numbers and 4 blocks, patches of 4 x 4, random weights
FOLDER/known        classes 0 to 4: train (1000 pictures of each) and test (100 of each), PNG, a folder per class
FOLDER/new          classes 5 to 9 in another light: train (200 of each) and test (100 of each)

Needs nothing but Python. The same numbers come out on every machine.

A picture has 28 x 28 pixels. Class c shows two bars at angles of 18 c and 18 c + 40 degrees, 20 long and 3 wide,
each up to 4 pixels off the middle, with noise of deviation 0.2 over it. New ones have their contrast turned
round and halved.
"""
import json
import math
import random
import struct
import sys
import zlib
from pathlib import Path

from make_tiny_tasks import write_safetensors

SIZE, LENGTH, BREADTH, JITTER, NOISE = 28, 20.0, 3.0, 4.0, 0.2
WIDTH, BLOCKS, HEADS, INNER, PATCH = 64, 4, 4, 256, 4


def bar(angle, x, y):
    """Whether each pixel lies on a bar around (x, y)."""
    across, along = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    for row in range(SIZE):
        for column in range(SIZE):
            dx, dy = column - x, row - y
            yield abs(dx * along + dy * across) <= LENGTH / 2 and abs(dy * along - dx * across) <= BREADTH / 2


def picture(draw, number, is_new):
    middle = (SIZE - 1) / 2
    places = [(middle + draw.uniform(-JITTER, JITTER), middle + draw.uniform(-JITTER, JITTER)) for _ in range(2)]
    one, two = (bar(18 * number + turn, *place) for turn, place in zip((0, 40), places))
    values = [float(a or b) + draw.gauss(0.0, NOISE) for a, b in zip(one, two)]
    if is_new:
        values = [0.5 * (1.0 - v) for v in values]
    return [min(max(round(255 * v), 0), 255) for v in values]


def write_png(path, grey):
    """Greyscale of 8 bits (PNG specification, third edition, sections 5 and 11)."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(grey[SIZE * r:SIZE * (r + 1)]) for r in range(SIZE))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 0, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_pictures(folder, numbers, counts, seed):
    draw = random.Random(seed)
    for split, count in counts.items():
        for number in numbers:
            place = folder / split / f"bars{number}"
            place.mkdir(parents=True, exist_ok=True)
            for i in range(count):
                write_png(place / f"{i:04d}.png", picture(draw, number, folder.name == "new"))


def random_weights(labels):
    """As ViT begins: normal with deviation 0.02."""
    draw = random.Random(1)
    tensors = {}

    def normal(name, *shape):
        tensors[name] = (list(shape), [draw.gauss(0.0, 0.02) for _ in range(math.prod(shape))])

    def same(name, count, value):
        tensors[name] = ([count], [value] * count)

    def linear(name, out, inner):
        normal(name + ".weight", out, inner)
        same(name + ".bias", out, 0.0)

    def norm(name):
        same(name + ".weight", WIDTH, 1.0)
        same(name + ".bias", WIDTH, 0.0)

    normal("vit.embeddings.cls_token", 1, 1, WIDTH)
    normal("vit.embeddings.position_embeddings", 1, 1 + (SIZE // PATCH) ** 2, WIDTH)
    normal("vit.embeddings.patch_embeddings.projection.weight", WIDTH, 3, PATCH, PATCH)
    same("vit.embeddings.patch_embeddings.projection.bias", WIDTH, 0.0)
    for i in range(BLOCKS):
        layer = f"vit.encoder.layer.{i}."
        for part in ("query", "key", "value"):
            linear(layer + "attention.attention." + part, WIDTH, WIDTH)
        linear(layer + "attention.output.dense", WIDTH, WIDTH)
        linear(layer + "intermediate.dense", INNER, WIDTH)
        linear(layer + "output.dense", WIDTH, INNER)
        norm(layer + "layernorm_before")
        norm(layer + "layernorm_after")
    norm("vit.layernorm")
    linear("classifier", labels, WIDTH)
    return tensors


def write_model(folder, labels):
    folder.mkdir(parents=True, exist_ok=True)
    config = {"architectures": ["ViTForImageClassification"], "model_type": "vit", "hidden_size": WIDTH,
              "num_hidden_layers": BLOCKS, "num_attention_heads": HEADS, "intermediate_size": INNER, "hidden_act": "gelu",
              "image_size": SIZE, "patch_size": PATCH, "num_channels": 3, "qkv_bias": True, "layer_norm_eps": 1e-12,
              "initializer_range": 0.02, "id2label": {str(i): name for i, name in enumerate(labels)},
              "label2id": {name: i for i, name in enumerate(labels)}}
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    steps = {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": SIZE, "width": SIZE},
             "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [0.5] * 3,
             "image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(steps, indent=2))
    write_safetensors(folder / "model.safetensors", random_weights(len(labels)))


def main():
    folder = Path(sys.argv[1])
    write_model(folder / "model", [f"bars{i}" for i in range(5)])
    write_pictures(folder / "known", range(5), {"train": 1000, "test": 100}, 11)
    write_pictures(folder / "new", range(5, 10), {"train": 200, "test": 100}, 12)


if __name__ == "__main__":
    main()
