#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the small model and the small tasks that the experiments beside this file are about.

    python3 make_tiny_tasks.py FOLDER

FOLDER/model       a GPT-2 of 64 numbers and 4 blocks with random weights, and a tokenizer of 40 words
FOLDER/*.jsonl     rows of input_ids and labels (-100: not trained) for each task
FOLDER/sums_*      the same for running sums modulo 7, whose answers depend on each other

Needs nothing but Python. The same numbers come out on every machine.

Vocabulary: 0 pad, 1 bos, 2 sep, 3 eos, 4 FACT, 5 COPY, 6 REV, 7 SHIFT, symbols 8 to 39.
FACT        bos FACT a b sep v eos: 256 pairs (a, b), each with a fixed v drawn at random
COPY, REV,  bos TASK s1 .. s6 sep o1 .. o6 eos: o is s, s backwards, or each symbol's next one
SHIFT
"""
import json
import math
import random
import struct
import sys
from pathlib import Path

PAD, BOS, SEP, EOS, FACT, COPY, REV, SHIFT, FIRST = range(9)
SYMBOLS = 32
WIDTH, BLOCKS, HEADS, INNER, CONTEXT = 64, 4, 4, 256, 64


def row(prompt, answer):
    ids = [BOS] + prompt + [SEP] + answer + [EOS]
    trained = len(answer) + 1
    return {"input_ids": ids, "labels": [-100] * (len(ids) - trained) + ids[-trained:]}


class Tasks:
    def __init__(self, seed):
        self.draw = random.Random(seed)
        pairs = [(a, b) for a in range(SYMBOLS) for b in range(SYMBOLS)]
        self.draw.shuffle(pairs)
        self.facts = [(a, b, self.draw.randrange(SYMBOLS)) for a, b in pairs[:256]]
        self.new_facts = [(a, b, self.draw.randrange(SYMBOLS)) for a, b in pairs[256:320]]

    def fact(self, facts=None):
        a, b, v = self.draw.choice(facts or self.facts)
        return row([FACT, FIRST + a, FIRST + b], [FIRST + v])

    def new_fact(self):
        return self.fact(self.new_facts)

    def symbols(self):
        return [self.draw.randrange(SYMBOLS) for _ in range(6)]

    def sequence(self, task, change):
        given = self.symbols()
        return row([task] + [FIRST + s for s in given], [FIRST + s for s in change(given)])

    def copy(self):
        return self.sequence(COPY, lambda s: s)

    def rev(self):
        return self.sequence(REV, lambda s: s[::-1])

    def shift(self):
        return self.sequence(SHIFT, lambda s: [(x + 1) % SYMBOLS for x in s])

    def mixed(self, *kinds):
        return self.draw.choice(kinds)()


def running_sums(draw, mask_share=0.0):
    """Digits 0 to 6 are 8 to 14, "=" is SEP, the mask is PAD; masks stand in the answer only."""
    digits = [draw.randrange(7) for _ in range(6)]
    sums = [sum(digits[: i + 1]) % 7 for i in range(6)]
    one = row([FIRST + d for d in digits], [FIRST + s for s in sums])
    for place, label in enumerate(one["labels"]):
        if label >= 0 and draw.random() < mask_share:
            one["input_ids"][place] = PAD
    return one


def write_rows(path, rows):
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, (shape, values) in tensors.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + 4 * len(values)]}
        offset += 4 * len(values)
    text = json.dumps(header).encode()
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, values in tensors.values():
            out.write(struct.pack(f"<{len(values)}f", *values))


def random_weights(blocks, vocabulary):
    """As GPT-2 begins: normal with deviation 0.02, less where a block adds to the sum."""
    draw = random.Random(1)
    tensors = {}

    def normal(name, shape, deviation=0.02):
        tensors[name] = (shape, [draw.gauss(0.0, deviation) for _ in range(math.prod(shape))])

    def same(name, count, value):
        tensors[name] = ([count], [value] * count)

    normal("transformer.wte.weight", [vocabulary, WIDTH])
    normal("transformer.wpe.weight", [CONTEXT, WIDTH])
    adding = 0.02 / math.sqrt(2 * blocks)
    for i in range(blocks):
        block = f"transformer.h.{i}."
        for norm in ("ln_1", "ln_2"):
            same(block + norm + ".weight", WIDTH, 1.0)
            same(block + norm + ".bias", WIDTH, 0.0)
        for name, rows, columns, deviation in (("attn.c_attn", WIDTH, 3 * WIDTH, 0.02), ("attn.c_proj", WIDTH, WIDTH, adding),
                                               ("mlp.c_fc", WIDTH, INNER, 0.02), ("mlp.c_proj", INNER, WIDTH, adding)):
            normal(block + name + ".weight", [rows, columns], deviation)
            same(block + name + ".bias", columns, 0.0)
    same("transformer.ln_f.weight", WIDTH, 1.0)
    same("transformer.ln_f.bias", WIDTH, 0.0)
    normal("lm_head.weight", [vocabulary, WIDTH])
    return tensors


def write_model(folder, blocks, vocabulary=FIRST + SYMBOLS):
    folder.mkdir(parents=True, exist_ok=True)
    config = {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": WIDTH, "n_layer": blocks, "n_head": HEADS,
              "n_inner": INNER, "n_positions": CONTEXT, "vocab_size": vocabulary, "activation_function": "gelu_new",
              "bos_token_id": BOS, "eos_token_id": EOS, "tie_word_embeddings": False, "layer_norm_epsilon": 1e-5}
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    names = ["<pad>", "<bos>", "<sep>", "<eos>", "FACT", "COPY", "REV", "SHIFT"] + [f"s{i}" for i in range(SYMBOLS)]
    tokenizer = {"version": "1.0", "truncation": None, "padding": None, "normalizer": None,
                 "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None,
                 "added_tokens": [{"id": i, "content": n, "single_word": False, "lstrip": False, "rstrip": False,
                                   "normalized": False, "special": True} for i, n in enumerate(names[:4])],
                 "model": {"type": "WordLevel", "vocab": {n: i for i, n in enumerate(names)}, "unk_token": "<pad>"}}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, indent=1))
    (folder / "tokenizer_config.json").write_text(json.dumps({"pad_token": "<pad>", "bos_token": "<bos>",
                                                              "eos_token": "<eos>"}))
    write_safetensors(folder / "model.safetensors", random_weights(blocks, vocabulary))


def main():
    folder = Path(sys.argv[1])
    write_model(folder / "model", BLOCKS)
    write_model(folder / "sums_model", 2)
    tasks = Tasks(7)
    sets = {
        "base": (32768, lambda: tasks.mixed(tasks.fact, tasks.copy)),
        "shift": (8192, tasks.shift),
        "shift_fact_copy": (12288, lambda: tasks.mixed(tasks.shift, tasks.fact, tasks.copy)),
        "new_fact_copy": (12288, lambda: tasks.mixed(tasks.new_fact, tasks.fact, tasks.copy)),
    }
    for name, (count, make) in sets.items():
        write_rows(folder / f"{name}.jsonl", [make() for _ in range(count)])
    write_rows(folder / "facts.jsonl", [tasks.fact([one]) for one in tasks.facts])
    write_rows(folder / "new_facts.jsonl", [tasks.fact([one]) for one in tasks.new_facts])
    for name, make in (("shift_test", tasks.shift), ("copy_test", tasks.copy)):
        write_rows(folder / f"{name}.jsonl", [make() for _ in range(256)])
    draw = random.Random(3)
    write_rows(folder / "sums.jsonl", [running_sums(draw) for _ in range(1000)])
    write_rows(folder / "sums_test.jsonl", [running_sums(draw) for _ in range(500)])
    write_rows(folder / "sums_probe.jsonl", [running_sums(draw, 0.4) for _ in range(500)])


if __name__ == "__main__":
    main()
