# SPDX-License-Identifier: GPL-3.0-or-later
"""An adapter trained on a GGUF file's own blocks (model.quantization keep) and one trained on its dequantised bfloat16 weights, both on that file in llama.cpp.

Reports how far llama.cpp's logits lie from those that each run computed with in training, and the runs' peak memory: keep is nearer and smaller.

    python keep.py [STEPS]
"""
import re

import numpy as np
from common import *

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
if not GGUF.exists():
    print(f"skip  keep: there is no {GGUF}")
    sys.exit(0)
import llama_cpp

data = [{"prompt": r["question"], "completion": r["answer"]} for r in rows()[:300]]
attune("data", "import", write_rows("rows.jsonl", data), "--name", "rows", "--map", "prompt=prompt,completion=completion")
path = recipe("keep.json", name="keep", seed=3, model={"base": str(GGUF)}, data={"train": "rows", "eval_fraction": 0.0, "max_length": 256}, method={"type": "lora", "r": 8, "lora_alpha": 16},
              training={"max_steps": STEPS, "batch_size": 2, "learning_rate": 1e-3}, checkpoints={"every_steps": 100000, "every_minutes": 600}, runtime={"device": "cpu"})


def train(quantization, *settings):
    """The run's id and the peak of its whole process in MiB."""
    command = [str(BIN), "--workspace", str(WORKSPACE), "--jsonl", "run", "start", str(path), "--set", f"model.quantization={quantization}", *settings]
    p = subprocess.run(["/usr/bin/time", "-v", *command], capture_output=True, text=True)
    if p.returncode:
        sys.exit(f"run start: exit {p.returncode}: {p.stderr[-600:]}")
    finished = json.loads(p.stdout.splitlines()[-1])
    return finished["run"], int(re.search(r"Maximum resident set size \(kbytes\): (\d+)", p.stderr).group(1)) / 1024


def probabilities(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def distance(run, dtype):
    """Mean KL and the share of equal likeliest tokens between the run's own logits and llama.cpp's with the exported adapter."""
    from safetensors.numpy import load_file
    adapter, out = TEMP / f"{run}.gguf", TEMP / f"{run}.safetensors"
    report = answer("export", "gguf-lora", run, "--out", adapter)
    check(report["verified"], f"{run}: the export is verified; parity {report['parity']['mean_kl']:.2e}")
    attune("logits", "-m", GGUF, "--adapter", run, "--dtype", dtype, "--out", out, stdin=[{"ids": s} for s in sequences], flags=())
    own = load_file(str(out))
    model = llama_cpp.Llama(str(GGUF), lora_path=str(adapter), logits_all=True, n_ctx=256, verbose=False)
    kl, same = [], []
    for i, ids in enumerate(sequences):
        model.reset(), model.eval(ids)
        a, b = probabilities(own[str(i)].astype(np.float64)), probabilities(np.array(model.scores[: len(ids)], dtype=np.float64))
        kl.append((np.exp(a) * (a - b)).sum(-1))
        same.append(a.argmax(-1) == b.argmax(-1))
    return float(np.concatenate(kl).mean()), float(np.concatenate(same).mean()), len(np.concatenate(kl)), report["parity"]["mean_kl"]


tok = tokenizer()
sequences = [tok(r["question"] + "\n" + r["answer"]).input_ids[:120] for r in rows("eval")[:4]]
kept, kept_mib = train("keep")
plain, plain_mib = train("none", "--set", "model.dtype=bfloat16")
kept_kl, kept_same, positions, kept_parity = distance(kept, "float32")
plain_kl, plain_same, _, plain_parity = distance(plain, "bfloat16")
print(f"            {'keep':>10} {'bfloat16':>10}   over {positions} positions\nmean KL     {kept_kl:10.5f} {plain_kl:10.5f}\nsame token  {100 * kept_same:9.1f}% {100 * plain_same:9.1f}%\n"
      f"parity      {kept_parity:10.2e} {plain_parity:10.2e}\npeak MiB    {kept_mib:10.0f} {plain_mib:10.0f}", flush=True)
check(kept_kl < plain_kl and kept_parity < plain_parity, "the adapter trained on the file's own blocks is nearer to it in llama.cpp")
check(kept_mib < plain_mib, "and was trained in less memory")
