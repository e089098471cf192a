# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `attune` of this build and the reference stack (torch, transformers, PEFT) beside it. A check ends with done() or raises."""
import json, os, subprocess, sys, tempfile, warnings
from pathlib import Path

warnings.filterwarnings("ignore")
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_PROGRESS_BARS="1", CUDA_VISIBLE_DEVICES="")
ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("ATTUNE_BIN", ROOT / "build/release/bin/attune"))
DEPS = Path(os.environ.get("ATTUNE_DEPS_DIR", Path.home() / ".cache/attune/deps"))
GGUF = DEPS / "models/SmolLM2-135M-Instruct.Q4_1.gguf"
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_temporary = tempfile.TemporaryDirectory(prefix="attune-referee-")
TEMP = Path(_temporary.name)
WORKSPACE = TEMP / "workspace"


def attune(*args, stdin=None, check=True, flags=("--json",)):
    text = "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in stdin) if stdin is not None else None
    p = subprocess.run([str(BIN), "--workspace", str(WORKSPACE), *flags, *map(str, args)], input=text, capture_output=True, text=True)
    if check and p.returncode:
        sys.exit(f"attune {' '.join(map(str, args[:2]))}: exit {p.returncode}: {p.stderr.strip()[-400:]}")
    return p


def answer(*args, **options):
    return json.loads(attune(*args, **options).stdout)


def events(*args, **options):
    return [json.loads(line) for line in attune(*args, flags=("--jsonl",), **options).stdout.splitlines()]


def smollm2():
    """The dequantised model without its quantisation config."""
    import torch
    from transformers import AutoModelForCausalLM
    loaded = AutoModelForCausalLM.from_pretrained(GGUF.parent, gguf_file=GGUF.name, dtype=torch.float32)
    config = loaded.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model = AutoModelForCausalLM.from_config(config)
    model.load_state_dict(loaded.state_dict())
    model.tie_weights()
    return model.float().eval()


def tokenizer():
    """SmolLM2's tokenizer; transformers drops the digit split of `tokenizer.ggml.pre = smollm`, it is put back here."""
    from tokenizers import pre_tokenizers as pre
    from transformers import AutoTokenizer
    tok = AutoTokenizer.from_pretrained(GGUF.parent, gguf_file=GGUF.name)
    tok.backend_tokenizer.pre_tokenizer = pre.Sequence([pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False)])
    return tok


def lora(model, r=8, alpha=16, seed=1, b_scale=0.02):
    """A seeded LoRA adapter whose B is small but not zero."""
    import torch
    from peft import LoraConfig, get_peft_model
    torch.manual_seed(seed)
    model = get_peft_model(model, LoraConfig(r=r, lora_alpha=alpha, lora_dropout=0.0, target_modules=LINEARS, task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "lora_B" in name:
                p.normal_(0, b_scale)
    return model


def rows(name="train"):
    with open(ROOT / f"datasets/gsm8k/{name}.jsonl", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def write_rows(name, values):
    path = TEMP / name
    path.write_text("".join(json.dumps(v, ensure_ascii=False) + "\n" for v in values), encoding="utf-8")
    return path


def recipe(name, /, **sections):
    path = TEMP / name
    path.write_text(json.dumps({"attune_recipe": 1, **sections}))
    return path


def logits(model, sequences, *more):
    from safetensors.numpy import load_file
    out = TEMP / "logits.safetensors"
    attune("logits", "-m", model, "--dtype", "float32", "--out", out, *more, stdin=[{"ids": list(map(int, s))} for s in sequences], flags=())
    found = load_file(str(out))
    return [found[str(i)] for i in range(len(sequences))]


def check(holds, what):
    print(("ok    " if holds else "WRONG ") + what, flush=True)
    if not holds:
        sys.exit(1)
