# SPDX-License-Identifier: Apache-2.0
"""Hugging Face's tokenizers on the same lines: python peer_tokenizer.py TOKENIZER.json TEXT (one thread, then all)."""
import os
import sys
import time

path, text = sys.argv[1:]
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
from tokenizers import Tokenizer  # noqa: E402

tokenizer = Tokenizer.from_file(path)
tokenizer.no_truncation()
tokenizer.no_padding()
lines = open(text, encoding="utf-8", newline="\n").read().split("\n")
if lines[-1] == "":
    lines.pop()
megabytes = sum(len(line.encode()) + 1 for line in lines) / 1e6
start = time.perf_counter()
total = 0
ids = [tokenizer.encode(line, add_special_tokens=False).ids for line in lines]
seconds = time.perf_counter() - start
print(f"one thread   {seconds:8.2f} s {megabytes / seconds:8.2f} MB/s")
start = time.perf_counter()
tokenizer.encode_batch(lines, add_special_tokens=False)
seconds = time.perf_counter() - start
print(f"all threads  {seconds:8.2f} s {megabytes / seconds:8.2f} MB/s")
for line in ids:
    for token in line:
        total = (total * 31 + token + 1) & (2**64 - 1)
print(f"lines {len(lines)}, sum of ids {total}")
