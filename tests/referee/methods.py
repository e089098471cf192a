# SPDX-License-Identifier: GPL-3.0-or-later
"""For every method of PEFT: attune trains a few steps on a tiny random Llama, PEFT loads what it saved, and both give the same logits."""
import shutil

import numpy as np, peft, torch
from common import *
from transformers import AutoModelForCausalLM

GOLDEN = ROOT / "tests/golden"
base = TEMP / "base"
shutil.copytree(GOLDEN / "methods/biased", base)
for name in ("tokenizer.json", "tokenizer_config.json"):
    shutil.copy(GOLDEN / "training/model" / name, base / name)
METHODS = {
    "lora": {"type": "lora", "r": 4, "rank_pattern": {"mlp_down": 2}, "use_rslora": True}, "lora embeddings": {"type": "lora", "r": 4, "target_modules": ["embed_tokens", "v_proj"]},
    "lora modules_to_save": {"type": "lora", "r": 4, "modules_to_save": ["lm_head", "norm"]}, "lora pissa": {"type": "lora", "r": 4, "init_lora_weights": "pissa"},
    "dora": {"type": "dora", "r": 4}, "ia3": {"type": "ia3"}, "vera": {"type": "vera", "r": 8}, "vera drawn": {"type": "vera", "r": 8, "save_projection": False},
    "prompt": {"type": "prompt", "num_virtual_tokens": 4}, "prefix": {"type": "prefix", "num_virtual_tokens": 4},
    "prefix projection": {"type": "prefix", "num_virtual_tokens": 4, "projection": True, "encoder_hidden_size": 12}, "p_tuning": {"type": "p_tuning", "num_virtual_tokens": 4},
    "p_tuning lstm": {"type": "p_tuning", "num_virtual_tokens": 4, "encoder_reparameterization_type": "LSTM", "encoder_hidden_size": 8}, "bitfit": {"type": "bitfit"},
    "layernorm": {"type": "layernorm"},
}
sequence = [5, 17, 200, 33, 90, 41, 8, 120, 77, 5, 64, 31]
plain = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager").eval()
untouched = plain(torch.tensor([sequence])).logits[0].detach().numpy()
for name, method in METHODS.items():
    path = recipe("method.json", name="m", seed=3, model={"base": str(base), "dtype": "float32"},
                  data={"train": str(GOLDEN / "training/rows.jsonl"), "template": "none", "eval_fraction": 0.0, "max_length": 64}, method=method,
                  training={"max_steps": 4, "batch_size": 2, "learning_rate": 1e-2, "lr_scheduler": "constant", "warmup_ratio": 0.0}, runtime={"device": "cpu"})
    run = events("run", "start", path)[-1]["run"]
    out = TEMP / name.replace(" ", "-")
    answer("export", "peft", run, "--out", out)
    mine = logits(base, [sequence], "--adapter", out)[0]
    model = peft.PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager"), out).eval()
    with torch.no_grad():
        theirs = model(torch.tensor([sequence])).logits[0, -len(sequence):].numpy()
    worst, moved = float(np.abs(mine - theirs).max()), float(np.abs(mine - untouched).max())
    check(worst <= 1e-4 and moved > 1e-3, f"{name}: PEFT's logits within {worst:.1e} (<= 1e-4); training moved them by {moved:.2f}")
