#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a run ten times at random moments (SIGKILL), resumes it each time, and compares losses and adapter with those
of an uninterrupted run, byte by byte. Usage: kill_and_resume.py CLI EXPERIMENT.json FOLDER [SEED]"""
import hashlib
import json
import pathlib
import random
import subprocess
import sys
import time


def losses(cli, project):
    text = subprocess.run([cli, "curves", "--project", project, "--run", "1"], check=True, capture_output=True, text=True).stdout
    # Wall-clock quantities differ between any two runs.
    return "\n".join(line for line in text.splitlines()
                     if not any(word in line for word in ("seconds", "tokens_per_s", "tokensPerSecond", "memory")))


def adapter_hash(project):
    files = sorted(pathlib.Path(project, "runs", "1", "adapter").glob("*"))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def main():
    cli, experiment, folder = sys.argv[1:4]
    random.seed(int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    straight, broken = str(pathlib.Path(folder, "straight")), str(pathlib.Path(folder, "broken"))
    start = time.monotonic()
    subprocess.run([cli, "run", experiment, "--project", straight], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    length = time.monotonic() - start
    print(f"uninterrupted: {length:.1f} s")

    command = [cli, "run", experiment, "--project", broken]
    for kill in range(10):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pause = random.uniform(0.02, 0.25) * length  # short, so that ten kills meet a run that still goes
        try:
            code = process.wait(timeout=pause)
            print(f"kill {kill + 1}: ended by itself after less than {pause:.1f} s with {code}")
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            print(f"kill {kill + 1}: after {pause:.1f} s")
        if pathlib.Path(broken, "runs").exists():
            command = [cli, "resume", "--project", broken, "--run", "1"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    same_losses = losses(cli, straight) == losses(cli, broken)
    same_adapter = adapter_hash(straight) == adapter_hash(broken)
    print("losses identical:", same_losses)
    print("adapter identical:", same_adapter, json.dumps(adapter_hash(broken)))
    sys.exit(0 if same_losses and same_adapter else 1)


main()
