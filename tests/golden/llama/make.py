# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes llama.safetensors and configs.json: logits, losses and LoRA gradients of tiny Llama models from
transformers and PEFT. Weights follow a formula that the test repeats, so that only results are stored.

    python make.py    # made with torch 2.11.0, transformers 5.17.0, peft 0.21.2
"""
import json, os, warnings

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
BASE = dict(vocab_size=61, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=False)
ROPE = dict(rope_theta=10000.0)
VARIANTS = {
    "grouped": {},
    "tied": dict(tie_word_embeddings=True),
    "full_heads": dict(num_key_value_heads=4),
    "one_kv_head": dict(num_key_value_heads=1),
    "attention_bias": dict(attention_bias=True),
    "mlp_bias": dict(mlp_bias=True),
    "wide_heads": dict(head_dim=12),
    "theta": dict(rope_parameters=dict(rope_type="default", rope_theta=500000.0)),
    "linear": dict(rope_parameters=dict(rope_type="linear", factor=4.0, **ROPE)),
    "dynamic": dict(rope_parameters=dict(rope_type="dynamic", factor=2.0, **ROPE), max_position_embeddings=8),
    "llama3": dict(rope_parameters=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                        original_max_position_embeddings=32, **ROPE), max_position_embeddings=256),
    "yarn": dict(rope_parameters=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16, **ROPE)),
}
IDS = [(7 * i * i + 3 * i + 5) % 61 for i in range(20)]
# Packed rows of the training case: ids, and whether each token is a target.
ROWS = [(IDS[:9], [0] * 3 + [1] * 6), (IDS[4:7], [0, 1, 1]), (IDS[2:16], [0] * 8 + [1] * 6)]


def value(name, shape):
    """sum over bytes of the name as phase, then a quasi-random walk in [-1, 1)."""
    phase = sum(ord(c) * (i + 1) for i, c in enumerate(name)) % 1000
    n = torch.arange(torch.Size(shape).numel(), dtype=torch.float64)
    return (torch.frac((n + 1) * 0.6180339887498949 + phase * 0.001) * 2 - 1).reshape(shape).float()


def scaled(name, shape):
    v = value(name, shape)
    if len(shape) == 1:
        return 1 + 0.3 * v if name.endswith("norm.weight") else 0.3 * v
    return v * (0.8 if "embed" in name else 2.4 / shape[1] ** 0.5)


def fill(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(scaled(name, tuple(p.shape)))
    return model.eval()


def loss_of(model):
    total = 0
    for ids, trained in ROWS:
        labels = torch.tensor([[i if t else -100 for i, t in zip(ids, trained)]])
        logits = model(input_ids=torch.tensor([ids])).logits[:, :-1].float()
        total = total + torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1), reduction="sum", ignore_index=-100)
    return total


tensors, configs = {}, {}
for name, changes in VARIANTS.items():
    config = LlamaConfig(**{**BASE, **changes})
    model = fill(LlamaForCausalLM(config))
    configs[name] = json.loads(config.to_json_string(use_diff=False))
    configs[name]["architectures"] = ["LlamaForCausalLM"]
    tensors[f"{name}.logits"] = model(input_ids=torch.tensor([IDS])).logits[0].detach().clone()

model = get_peft_model(fill(LlamaForCausalLM(LlamaConfig(**BASE))), LoraConfig(r=4, lora_alpha=6, target_modules="all-linear", task_type="CAUSAL_LM"))
with torch.no_grad():
    for name, p in model.named_parameters():
        if p.requires_grad:
            p.copy_(0.2 * value(name.replace(".default", ""), tuple(p.shape)))
loss = loss_of(model)
(loss * 0.5).backward()
tensors["lora.loss"] = loss.detach().reshape(1)
for name, p in model.named_parameters():
    if p.requires_grad:
        tensors["lora.grad." + name.replace(".default", "")] = p.grad.clone()
save_file(tensors, f"{HERE}/llama.safetensors")
open(f"{HERE}/configs.json", "w").write(json.dumps(configs, indent=1) + "\n")
