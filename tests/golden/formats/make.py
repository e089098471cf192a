# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the files beside it: what the reference programs make of small inputs.

  reference.safetensors   by safetensors' own writer
  ggml_types.safetensors  random blocks of every type and their values by gguf-py's numpy decoder
  tiny_llama/             LlamaForCausalLM saved by transformers (Llama-3 rope scaling, 2 layers)
  tiny_lora/              a LoRA adapter on it, saved by PEFT
  tiny_lora.gguf          the same adapter by llama.cpp's convert_lora_to_gguf.py

Run: python make.py LLAMA_CPP_SOURCE. Made with safetensors 0.8.0, gguf 0.19.0, transformers 5.23.0,
peft 0.21.2, torch 2.11.0, llama.cpp of llama-cpp-python 0.3.36.
"""
import shutil
import subprocess
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import quants
from peft import LoraConfig, get_peft_model
from safetensors.numpy import save_file as save_numpy
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).parent


def reference():
    g = torch.Generator().manual_seed(1)
    save_file(
        {
            "b.half": torch.randn(3, 5, generator=g).half(),
            "a.float": torch.randn(2, 3, generator=g),
            "brain": torch.randn(7, generator=g).bfloat16(),
            "z.bool": torch.tensor([True, False, True]),
            "a.bytes": torch.arange(5, dtype=torch.uint8),
            "long": torch.tensor([[1 << 40, -3]]),
            "double": torch.tensor(2.5, dtype=torch.float64),
            "empty": torch.zeros(0, 4),
            "e4m3": torch.tensor([0.5, -448.0, 0.0019531]).to(torch.float8_e4m3fn),
            "e5m2": torch.tensor([0.5, -57344.0, 1.5e-5]).to(torch.float8_e5m2),
            'name "quoted" ü': torch.ones(1),
        },
        HERE / "reference.safetensors",
        metadata={"format": "pt"},
    )


def ggml_types():
    rng = np.random.default_rng(2)
    tensors = {}
    for kind in sorted(quants._type_traits, key=lambda q: q.name):
        block, size = gguf.GGML_QUANT_SIZES[kind]
        rows = []
        while len(rows) < max(2, 64 // block):
            data = rng.integers(0, 256, size, dtype=np.uint8)
            with np.errstate(all="ignore"):
                values = quants.dequantize(data[None, :], kind).astype(np.float32)
            if np.isfinite(values).all() and np.abs(values).max() < 1e6:
                rows.append(data)
        data = np.stack(rows)
        tensors[f"{kind.name}.bytes"] = data.reshape(-1)
        tensors[f"{kind.name}.values"] = quants.dequantize(data, kind).astype(np.float32).reshape(-1)
    save_numpy(tensors, str(HERE / "ggml_types.safetensors"))


def tiny(llama_source):
    torch.manual_seed(3)
    rope = {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 1024}
    config = LlamaConfig(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=4096, rope_parameters=rope)
    model = LlamaForCausalLM(config)
    model.save_pretrained(HERE / "tiny_llama")
    (HERE / "tiny_llama" / "generation_config.json").unlink(missing_ok=True)
    adapter = get_peft_model(model, LoraConfig(r=4, lora_alpha=10, task_type="CAUSAL_LM", target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "down_proj"]))
    for name, p in adapter.named_parameters():
        if "lora_B" in name:
            p.data.normal_(0, 0.05)
    shutil.rmtree(HERE / "tiny_lora", ignore_errors=True)
    adapter.save_pretrained(HERE / "tiny_lora")
    (HERE / "tiny_lora" / "README.md").unlink(missing_ok=True)
    subprocess.run([sys.executable, f"{llama_source}/convert_lora_to_gguf.py", "--outtype", "f32", "--base", HERE / "tiny_llama", "--outfile", HERE / "tiny_lora.gguf", HERE / "tiny_lora"], check=True)


reference()
ggml_types()
tiny(sys.argv[1])
