# SPDX-License-Identifier: Apache-2.0
"""The peer of bench_train: Transformers + PEFT on the same work. SmolLM2-135M in float32 (dequantised from the sample
GGUF), LoRA on all seven linear modules, random tokens, AdamW. Prints tokens/s of each step and the peak memory.

    python peer_step.py MODEL.gguf [rows = 4] [tokens per row = 512] [steps = 3] [rank = 16] [threads = 2]
"""
import pathlib
import resource
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

file = pathlib.Path(sys.argv[1])
rows, tokens, steps, rank, threads = (int(a) for a in sys.argv[2:] + ["4", "512", "3", "16", "2"][len(sys.argv) - 2:])
torch.set_num_threads(threads)
torch.manual_seed(7)
base = AutoModelForCausalLM.from_pretrained(str(file.parent), gguf_file=file.name, dtype=torch.float32)
model = get_peft_model(base, LoraConfig(
    task_type="CAUSAL_LM", r=rank, lora_alpha=2 * rank,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]))
model.train()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-4)
ids = torch.randint(0, base.config.vocab_size, (rows, tokens))
speeds = []
for step in range(steps + 1):
    start = time.perf_counter()
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    seconds = time.perf_counter() - start
    if step > 0:  # the first one warms up
        speeds.append(rows * tokens / seconds)
        print(f"peer step {step}: loss {loss.item():.4f}, {speeds[-1]:.1f} tokens/s", flush=True)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 ** 2
print(f"peer: {sorted(speeds)[len(speeds) // 2]:.1f} tokens/s (median), peak {peak:.2f} GiB")
