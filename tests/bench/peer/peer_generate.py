# SPDX-License-Identifier: Apache-2.0
"""What bench_generate measures, by Transformers on the same weights.

    python peer_generate.py MODEL.gguf [new tokens = 96] [tokens read before = 32] [rounds = 3]

Greedy to the limit, by the clock, the best of the rounds; the prompt's reading is taken out by a second measurement.
"""
import pathlib
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "reference"))
from logits_vs_transformers import reference  # noqa: E402


def seconds(model, ids, count):
    start = time.perf_counter()
    with torch.no_grad():
        model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, min_new_tokens=count,
                       do_sample=False, eos_token_id=None, pad_token_id=0)
    return time.perf_counter() - start


def main():
    new, length, rounds = (int(sys.argv[i]) if len(sys.argv) > i else usual for i, usual in ((2, 96), (3, 32), (4, 3)))
    torch.set_num_threads(2)
    model = reference(sys.argv[1])
    for dtype in (torch.float32, torch.bfloat16):
        model = model.to(dtype)
        for texts in (1, 4, 8):
            torch.manual_seed(3)
            ids = torch.randint(10, 49152, (texts, length))
            seconds(model, ids, 2)
            best = max(texts * (new - 1) / (seconds(model, ids, new) - seconds(model, ids, 1)) for _ in range(rounds))
            print(f"{str(dtype)[6:]:8}  {texts} texts  {best:7.1f} tokens/s", flush=True)


if __name__ == "__main__":
    main()
