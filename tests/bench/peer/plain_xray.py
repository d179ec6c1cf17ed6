# SPDX-License-Identifier: Apache-2.0
"""Counts intruder dimensions as the published script does: float32 decompositions of W0 and of W0 + dW, left vectors,
absolute cosines against all base vectors. A peer for speed and for numbers.

    plain_xray.py MODEL ADAPTER [k]      MODEL: a folder, or a GGUF file

Prints one line of JSON per matrix (module, best matches, counts at 0.3, 0.5, 0.7) and the seconds on stderr.
Needs torch, transformers, peft and, for GGUF, gguf.
"""
import json
import os
import sys
import time

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def load(path):
    if os.path.isdir(path):
        return AutoModelForCausalLM.from_pretrained(path, torch_dtype=torch.float32)
    folder, name = os.path.split(path)
    return AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, torch_dtype=torch.float32)


def best_matches(base, tuned, k):
    u0 = torch.linalg.svd(base, full_matrices=False)[0]
    u = torch.linalg.svd(tuned, full_matrices=False)[0]
    return (u0.T @ u[:, :k]).abs().max(dim=0).values


def main():
    model = PeftModel.from_pretrained(load(sys.argv[1]), sys.argv[2])
    k = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    seconds = 0.0
    totals = {"0.3": 0, "0.5": 0, "0.7": 0}
    with torch.no_grad():
        for name, module in model.named_modules():
            if not hasattr(module, "get_delta_weight"):
                continue
            base = module.base_layer.weight.float()
            delta = module.get_delta_weight("default").float()
            start = time.perf_counter()
            c = best_matches(base, base + delta, k)
            seconds += time.perf_counter() - start
            counts = {e: int((c < float(e)).sum()) for e in totals}
            for e, count in counts.items():
                totals[e] += count
            print(json.dumps({"module": name, "best": [round(float(x), 6) for x in c], "counts": counts}))
    print(f"{seconds:.2f} s, intruders {totals}", file=sys.stderr)


if __name__ == "__main__":
    main()
