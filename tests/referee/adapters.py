# SPDX-License-Identifier: GPL-3.0-or-later
"""Adapters that PEFT made, all weights random, on tiny models of many families: `attune logits --adapter` gives PEFT's logits (<= 1e-4).

    python adapters.py [FAMILY ...]
"""
import numpy as np, peft, torch, transformers
from common import *
from families_models import BASES, IDS, build
from safetensors.numpy import load_file


def configs(task, last, names):
    """Every kind of adapter, with task type and modules to save as PEFT wants them for this model."""
    common = dict(task_type=task)
    linear = dict(common, target_modules="all-linear")
    return {
        "lora": peft.LoraConfig(r=3, lora_alpha=5, **linear), "rslora": peft.LoraConfig(r=4, lora_alpha=6, use_rslora=True, **linear),
        "lora patterns": peft.LoraConfig(r=3, lora_alpha=5, rank_pattern={last: 2}, alpha_pattern={last: 9}, **linear), "dora": peft.LoraConfig(r=3, use_dora=True, **linear),
        "lora saved": peft.LoraConfig(r=3, modules_to_save=names["save"], **linear) if names["save"] else None,
        "ia3": peft.IA3Config(target_modules=names["ia3"], feedforward_modules=names["ff"], **common), "vera": peft.VeraConfig(r=8, target_modules=names["vera"], **common),
        "layernorm": peft.LNTuningConfig(target_modules=names["norms"], **common),
        "prompt": peft.PromptTuningConfig(num_virtual_tokens=5, **common), "prefix": peft.PrefixTuningConfig(num_virtual_tokens=5, **common),
        "p_tuning": peft.PromptEncoderConfig(num_virtual_tokens=5, encoder_hidden_size=16, **common),
    }


wrong, tried = [], 0
for family, (name, values, task, names) in BASES.items():
    if sys.argv[1:] and family not in sys.argv[1:]:
        continue
    base = build(name, values)
    folder = TEMP / family
    base.save_pretrained(folder)
    load = lambda: type(base).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    ids = torch.tensor([IDS])
    extra = dict(labels=ids) if base.config.is_encoder_decoder else {}
    with torch.no_grad():
        plain = base(input_ids=ids, **extra).logits[0]
    for kind, config in configs(task, names["last"], names).items():
        if config is None or kind in names["not"]:
            continue
        try:
            model = peft.get_peft_model(load(), config).eval()
            torch.manual_seed(len(kind))
            with torch.no_grad():
                for key, p in model.named_parameters():
                    if p.requires_grad:
                        p.add_(torch.randn_like(p) * (0.3 if p.dim() == 1 or "ia3" in key or "prompt" in key else 0.5 / p.shape[-1] ** 0.5))
                model.save_pretrained(TEMP / "adapter")
                wanted = model(input_ids=ids, attention_mask=torch.ones_like(ids), **extra).logits[0]
                if wanted.dim() == 2:
                    wanted = wanted[-len(IDS):]
        except Exception as error:
            print("      PEFT itself fails:", family, kind, str(error).splitlines()[0][:100] if str(error) else type(error), flush=True)
            continue
        tried += 1
        out = TEMP / "out.safetensors"
        out.unlink(missing_ok=True)
        done = attune("logits", "-m", folder, "--adapter", TEMP / "adapter", "--dtype", "float32", "--out", out, stdin=[{"ids": IDS}], flags=(), check=False)
        if done.returncode:
            print("WRONG", family, kind, done.stderr.strip()[-300:], flush=True)
            wrong.append(f"{family} {kind}")
            continue
        found = load_file(str(out))
        mine = found["0" if "0" in found else "0.logits"]
        worst = float(np.abs(mine - wanted.numpy()).max()) if mine.shape == tuple(wanted.shape) else float("inf")
        moved = float((wanted - plain).abs().max())
        good = worst <= 1e-4 and moved > 1e-3
        print("ok   " if good else "WRONG", f"{family} {kind}: {worst:.1e}; the adapter moves logits by {moved:.2f}", flush=True)
        if not good:
            wrong.append(f"{family} {kind}")
check(not wrong and tried, f"{tried} adapters: " + (", ".join(wrong) or "all within 1e-4"))
