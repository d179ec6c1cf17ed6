#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares tunewright-cli with Transformers on IgLM and IgLM-S, two GPT-2 that write antibodies: logits, greedy
search and beam search.

The weights come inside a package of PyPI, as pytorch_model.bin: pip download --no-deps iglm==0.1.0
Needs torch, transformers and safetensors. Usage: iglm_vs_transformers.py CLI iglm-0.1.0-py3-none-any.whl
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import torch
from safetensors.torch import load_file
from transformers import GPT2LMHeadModel

INSIDE = "iglm/trained_models/"
START = list(range(5, 17))  # letters of the vocabulary
NEW = 60


def written(cli, folder, *more):
    command = [cli, "generate", str(folder), "--ids", ",".join(map(str, START)), "--max-tokens", str(NEW), "--json", *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["ids"]


def compared(cli, folder):
    model = GPT2LMHeadModel.from_pretrained(folder).eval()
    torch.manual_seed(0)
    ids = torch.randint(5, 25, (3, 200))
    mask = torch.ones_like(ids)
    mask[1, 150:] = mask[2, :40] = 0
    inputs, out = folder / "in.json", folder / "out.safetensors"
    inputs.write_text(json.dumps({"input_ids": ids.tolist(), "attention_mask": mask.tolist()}))
    subprocess.run([cli, "logits", str(folder), "--inputs", str(inputs), "--out", str(out)], check=True, capture_output=True)
    seen = mask.bool()
    with torch.no_grad():
        theirs = model(ids, attention_mask=mask).logits
        usual = dict(max_new_tokens=NEW, do_sample=False, eos_token_id=None, pad_token_id=0)
        start = torch.tensor([START])
        greedy = model.generate(start, attention_mask=torch.ones_like(start), **usual)[0, len(START):].tolist()
        beams = model.generate(start, attention_mask=torch.ones_like(start), num_beams=4, **usual)[0, len(START):].tolist()
    largest = (load_file(out)["logits"] - theirs)[seen].abs().max().item()
    same = written(cli, folder) == greedy, written(cli, folder, "--beams", "4") == beams
    print(f"{folder.name}: largest difference of logits {largest:.2e}, their largest {theirs[seen].abs().max().item():.1f}; "
          f"{NEW} greedy tokens identical: {same[0]}, of 4 beams: {same[1]}")
    return largest <= 1e-4 and all(same)


def main():
    cli, wheel = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as name:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(name, [path for path in archive.namelist() if path.startswith(INSIDE)])
        folders = [pathlib.Path(name) / INSIDE / model for model in ("IgLM", "IgLM-S")]
        return 0 if all([compared(cli, folder) for folder in folders]) else 1


if __name__ == "__main__":
    sys.exit(main())
