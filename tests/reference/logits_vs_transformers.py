#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares tunewright-cli with Transformers on the same dequantised GGUF weights: logits and 30 greedy tokens.

Needs torch, transformers, gguf and safetensors. Usage: logits_vs_transformers.py CLI MODEL.gguf
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import gguf
import numpy as np
import torch
from safetensors.torch import load_file
from transformers import LlamaConfig, LlamaForCausalLM

NAMES = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
}


def unpermuted(weight, heads):
    """GGUF interleaves the two halves of each head's rotary pairs; Hugging Face keeps them apart."""
    return weight.reshape(heads, -1, 2, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def reference(path):
    reader = gguf.GGUFReader(path)
    key = lambda name: reader.fields["llama." + name].contents()
    heads, kv_heads = key("attention.head_count"), key("attention.head_count_kv")
    config = LlamaConfig(
        vocab_size=49152, hidden_size=key("embedding_length"), intermediate_size=key("feed_forward_length"),
        num_hidden_layers=key("block_count"), num_attention_heads=heads, num_key_value_heads=kv_heads,
        rms_norm_eps=key("attention.layer_norm_rms_epsilon"), rope_theta=key("rope.freq_base"),
        max_position_embeddings=key("context_length"), tie_word_embeddings=True)
    state = {}
    for tensor in reader.tensors:
        weight = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if tensor.name == "token_embd.weight":
            state["model.embed_tokens.weight"] = state["lm_head.weight"] = weight
        elif tensor.name == "output_norm.weight":
            state["model.norm.weight"] = weight
        else:
            _, layer, name, _ = tensor.name.split(".")
            if name in ("attn_q", "attn_k"):
                weight = unpermuted(weight, heads if name == "attn_q" else kv_heads)
            state[f"model.layers.{layer}.{NAMES[name]}.weight"] = weight
    model = LlamaForCausalLM(config).float().eval()
    model.load_state_dict({name: torch.tensor(weight) for name, weight in state.items()})
    return model


def main():
    cli, path = sys.argv[1:3]
    model = reference(path)
    torch.manual_seed(1)
    ids = torch.randint(3, 49152, (2, 96))
    mask = torch.ones_like(ids)
    mask[1, 70:] = 0
    with tempfile.TemporaryDirectory() as folder:
        inputs, out = pathlib.Path(folder, "in.json"), pathlib.Path(folder, "out.safetensors")
        inputs.write_text(json.dumps({"input_ids": ids.tolist(), "attention_mask": mask.tolist()}))
        subprocess.run([cli, "logits", path, "--inputs", str(inputs), "--out", str(out)], check=True)
        ours = load_file(out)["logits"]
    with torch.no_grad():
        theirs = model(ids, attention_mask=mask).logits
    difference = (ours - theirs).abs()[mask.bool()].max().item()
    print(f"largest difference of {mask.sum().item()} x 49152 logits: {difference:.2e}")

    text = "Once upon a time, by the sea, there was"
    answer = subprocess.run([cli, "tokenize", path, "--text", text, "--json"], check=True, capture_output=True, text=True)
    prompt = json.loads(answer.stdout)["ids"]
    with torch.no_grad():
        expected = model.generate(torch.tensor([prompt]), max_new_tokens=30, do_sample=False,
                                  eos_token_id=2, pad_token_id=2)[0, len(prompt):].tolist()
    answer = subprocess.run([cli, "generate", path, "--ids", ",".join(map(str, prompt)), "--max-tokens", "30", "--greedy",
                             "--json"], check=True, capture_output=True, text=True)
    same = json.loads(answer.stdout)["ids"] == expected
    print(f"{len(expected)} greedy tokens identical:", same)
    sys.exit(0 if difference <= 1e-4 and same else 1)


if __name__ == "__main__":
    main()
