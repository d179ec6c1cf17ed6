# SPDX-License-Identifier: Apache-2.0
"""Writes hundreds of malformed files of every format that is read: python3 make_hostile.py FOLDER

Each is one case: FOLDER/cases.json lists [path, word], where `word` has to stand in the error (empty: the file may also be read).
The first part of the path says how it is used. Needs nothing but Python itself.
"""
import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
from cases import data, media, models, mutations, templates, tensors, tokenizers  # noqa: E402

OUT = Path(sys.argv[1])
cases = []


def write(name, content):
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def save(name, content, word=""):
    write(name, content)
    cases.append([name, word])


def folder(name, files, word=""):
    for file, content in files.items():
        write(f"{name}/{file}", content)
    cases.append([name, word])


for room in (tensors, models, tokenizers, templates, data, media, mutations):
    room.make(save, folder)
(OUT / "cases.json").write_text(json.dumps(cases))
print(len(cases), "cases")
