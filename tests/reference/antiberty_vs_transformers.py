#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares tunewright-cli with Transformers on AntiBERTy, a BERT of 26 million parameters for antibodies: its logits.

The weights come inside a package of PyPI: pip download --no-deps antiberty==0.1.3
Needs torch, transformers and safetensors. Usage: antiberty_vs_transformers.py CLI antiberty-0.1.3-py3-none-any.whl
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import torch
from safetensors.torch import load_file
from transformers import BertForMaskedLM

INSIDE = "antiberty/trained_models/AntiBERTy_md_smooth/"


def unpacked(wheel, folder):
    """The package's own class is a BERT for masked tokens with three more heads, which both sides leave out."""
    with zipfile.ZipFile(wheel) as archive:
        config = json.loads(archive.read(INSIDE + "config.json"))
        (folder / "pytorch_model.bin").write_bytes(archive.read(INSIDE + "pytorch_model.bin"))
    (folder / "config.json").write_text(json.dumps(config | {"architectures": ["BertForMaskedLM"]}))


def main():
    cli, wheel = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        unpacked(wheel, folder)
        torch.manual_seed(0)
        ids = torch.randint(5, 25, (4, 120))
        mask = torch.ones_like(ids)
        mask[1, 90:] = mask[3, 30:] = 0
        inputs, out = folder / "in.json", folder / "out.safetensors"
        inputs.write_text(json.dumps({"input_ids": ids.tolist(), "attention_mask": mask.tolist()}))
        subprocess.run([cli, "logits", name, "--inputs", str(inputs), "--out", str(out)], check=True)
        ours = load_file(out)["logits"]
        with torch.no_grad():
            theirs = BertForMaskedLM.from_pretrained(name).eval()(ids, attention_mask=mask).logits
    seen = mask.bool()
    largest = (ours - theirs)[seen].abs().max().item()
    print(f"largest difference of logits {largest:.2e}, their largest {theirs[seen].abs().max().item():.1f}")
    return 0 if largest <= 1e-4 else 1


if __name__ == "__main__":
    sys.exit(main())
