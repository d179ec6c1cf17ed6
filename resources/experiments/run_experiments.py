#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the experiments beside this file and prints what was measured beside what is expected.

    python3 run_experiments.py --cli build/release/bin/tunewright-cli --folder FOLDER [--seeds 3] [NAME ...]

NAME is one of half, mam, lt_sft, masked_thought, ssf; all of them where none is named. FOLDER keeps the
data, the base model, each document as it was run, and a project with all runs.
"""
import argparse
import copy
import json
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Bench:
    def __init__(self, cli, folder, seeds):
        self.cli, self.folder, self.seeds = Path(cli).resolve(), Path(folder).resolve(), seeds
        self.folder.mkdir(parents=True, exist_ok=True)
        self.project = self.folder / "project"

    def command(self, *words):
        done = subprocess.run([str(self.cli), *map(str, words)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"tunewright-cli {' '.join(map(str, words))} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def run(self, document, name):
        """Its last metrics, and the loss at step 50."""
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(dict(document, name=name), indent=4))
        self.command("run", file, "--project", self.project)
        run = max(json.loads(self.command("runs", "--project", self.project, "--json")), key=lambda r: r["id"])
        metrics = {**run["first_metrics"], **run["metrics"], "adapter": run["adapter"]}
        losses = {}
        for line in self.command("curves", "--project", self.project, "--run", run["id"]).splitlines()[1:]:
            cells = line.split(",")
            if cells[0] == "loss":
                losses[int(cells[1])] = float(cells[2])
        metrics["loss@50"] = losses.get(50, float("nan"))
        return metrics

    def merge(self, run, model, out):
        self.command("merge", self.folder / model, "--adapter", run["adapter"], "--out", self.folder / out)

    def prepare_tasks(self):
        if not (self.folder / "tiny_tasks").exists():
            subprocess.run([sys.executable, HERE / "make_tiny_tasks.py", self.folder / "tiny_tasks"], check=True)
        if not (self.folder / "base_model").exists():
            base = self.run(read("tiny_tasks_base"), "base")
            print(f"base: COPY {base['heldOut.exactMatch']:.2f}, FACT {base['general.exactMatch']:.2f} (expected 1.00, 1.00)")
            self.merge(base, "tiny_tasks/model", "base_model")

    def prepare_bars(self):
        if not (self.folder / "bars").exists():
            subprocess.run([sys.executable, HERE / "make_bars.py", self.folder / "bars"], check=True)
        if not (self.folder / "bars_base").exists():
            base = self.run(read("bars_base"), "bars_base")
            print(f"base: {base['heldOut.accuracy']:.3f} of the known classes' pictures")
            self.merge(base, "bars/model", "bars_base")


def read(name):
    return json.loads((HERE / f"{name}.json").read_text())


def varied(document, seed, rate=None, methods=None, objective=None):
    one = copy.deepcopy(document)
    one["seed"] = seed
    if rate:
        one["optimizer"]["settings"]["learningRate"] = rate
    if methods is not None:
        one["adaptations"] = methods
    if objective:
        one["objective"] = objective
    return one


def table(title, header, rows):
    print(f"\n## {title}\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def mean(runs, key):
    return f"{statistics.mean(r[key] for r in runs):.3f}"


def half(bench):
    rows = []
    for method, rate, expected in (("full", 3e-4, "0.69 / 0.35 / 0.62"), ("half", 3e-4, "2.5 / 0.00 / 0.79"),
                                   ("half", 6e-4, "0.21 / 0.89 / 0.45"), ("full", 4e-4, "0.16 / 0.97 / 0.45"),
                                   ("half", 8e-4, "0.034 / 1.00 / 0.31"), ("full", 5e-4, "0.037 / 1.00 / 0.34")):
        runs = []
        for seed in range(1, bench.seeds + 1):
            settings = {"seed": seed} if method == "half" else {}
            document = varied(read("half_fine_tuning"), seed, rate, [{"method": method, "settings": settings}])
            runs.append(bench.run(document, f"half-{method}-{rate:g}-{seed}"))
        rows.append((method, f"{rate:g}", " / ".join(mean(runs, k) for k in ("heldOut.loss", "heldOut.exactMatch",
                                                                            "general.exactMatch")), expected))
    table("Half fine-tuning: loss / new (SHIFT) / old (FACT)", ("method", "learning rate", "here", "card"), rows)


def mam(bench):
    parallel = lambda r, s, site="mlp.out": {"method": "parallel_adapter", "sites": {site: "0-3"},
                                             "settings": {"bottleneck": r, "scale": s}}
    serial = lambda r, *sites: {"method": "serial_adapter", "sites": {site: "0-3" for site in sites},
                                "settings": {"bottleneck": r}}
    prefix = lambda n, rate=4.0: {"method": "prefix_tuning", "settings": {"virtualTokens": n, "movesText": False}, "rate": rate}
    cases = (("scaled parallel, s = 4, r = 18", [parallel(18, 4.0)], "0.004"),
             ("MAM: prefix 4, r = 14, s = 4", [prefix(4), parallel(14, 4.0)], "0.008"),
             ("parallel, s = 1, r = 18", [parallel(18, 1.0)], "0.047"),
             ("serial, MLP, r = 18", [serial(18, "mlp.out")], "1.79"),
             ("Houlsby, r = 9 + 9", [serial(9, "attn.out", "mlp.out")], "2.5"),
             ("serial, attention, r = 18", [serial(18, "attn.out")], "2.8"),
             ("prefix 18", [prefix(18)], "7.5, still failing at 200"))
    rows = []
    for title, methods, expected in cases:
        run = bench.run(varied(read("mam_adapter"), 1, methods=methods), "mam-" + title.replace("/", " "))
        rows.append((title, f"{run['loss@50']:.3f}", expected, f"{run['heldOut.exactMatch']:.2f}"))
    table("MAM: loss at step 50", ("form", "here", "card", "score at the end"), rows)


def lt_sft(bench):
    rows = []
    for share, expected in ((1.0, ".35/.45 and .68/.53"), (0.3, ".52/.49 and .54/.40"), (0.1, ".66/.47 and .78/.51"),
                            (0.03, ".26/.25")):
        runs = []
        for seed in range(1, bench.seeds + 1):
            document = varied(read("lt_sft"), seed)
            for stage in document["stages"]:
                stage["seed"] = stage.get("seed", 0) + 100 * seed
                for choice in stage["adaptations"]:
                    if choice["method"] == "lt_sft":
                        choice["settings"]["share"] = share
            runs.append(bench.run(document, f"lt_sft-{share:g}-{seed}"))
        rows.append((f"{share:g}", ", ".join(f"{r['heldOut.exactMatch']:.2f}/{r['general.exactMatch']:.2f}" for r in runs),
                     expected))
    table("LT-SFT, two patches added up: SHIFT / new facts", ("share", "here, each seed", "card, two seeds"), rows)


def masked_thought(bench):
    rows = []
    for rate, expected in ((0.0, "0.71"), (0.2, "0.87"), (0.4, "0.88")):
        objective = {"method": "masked_thought", "settings": {"rate": rate, "replaceBy": "pad"}}
        run = bench.run(varied(read("masked_thought"), 1, objective=objective), f"masked_thought-{rate:g}")
        rows.append((f"{rate:g}", f"{run['heldOut.accuracy']:.3f}", expected))
    table("Masked thought: right answer tokens where 40 % of the answer is hidden", ("rate", "here", "card"), rows)


def ssf(bench):
    bench.prepare_bars()
    rows = []
    for title, methods, rate in (("linear probe", [], 1e-2), ("SSF", [{"method": "ssf"}], 1e-2),
                                 ("full fine-tuning", [{"method": "full"}], 1e-3)):
        runs = [bench.run(varied(read("ssf"), seed, rate, methods), f"ssf-{title.replace(' ', '_')}-{seed}")
                for seed in range(1, bench.seeds + 1)]
        rows.append((title, f"{rate:g}", f"{runs[0]['trainedParameters']:.0f}",
                     ", ".join(f"{r['heldOut.accuracy']:.3f}" for r in runs)))
    table("SSF on new classes in another light (card: probe < SSF <= full, at least half of the gap)",
          ("method", "learning rate", "trained", "right, each seed"), rows)


EXPERIMENTS = {"ssf": ssf, "half": half, "mam": mam, "lt_sft": lt_sft, "masked_thought": masked_thought}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("names", nargs="*", choices=[[], *EXPERIMENTS])
    options = parser.parse_args()
    bench = Bench(options.cli, options.folder, options.seeds)
    for name in options.names or EXPERIMENTS:
        if name != "ssf":
            bench.prepare_tasks()
        EXPERIMENTS[name](bench)


if __name__ == "__main__":
    main()
