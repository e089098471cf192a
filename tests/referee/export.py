# SPDX-License-Identifier: GPL-3.0-or-later
"""The exported GGUF adapter on the base GGUF in llama-cpp-python gives the logits of HF + PEFT with the exported PEFT folder."""
import numpy as np, torch
from common import *
from peft import PeftModel
import llama_cpp

data = [{"prompt": r["question"], "completion": r["answer"]} for r in rows()[:64]]
attune("data", "import", write_rows("rows.jsonl", data), "--name", "rows", "--map", "prompt=prompt,completion=completion")
path = recipe("export.json", name="short", seed=3, model={"base": str(GGUF)}, data={"train": "rows", "eval_fraction": 0.0, "max_length": 512},
              method={"type": "lora", "r": 8, "lora_alpha": 32}, training={"max_steps": 8, "batch_size": 2, "learning_rate": 2e-3}, runtime={"device": "cpu"})
run = events("run", "start", path)[-1]["run"]
gguf, folder = TEMP / "adapter.gguf", TEMP / "peft"
result = answer("export", "gguf-lora", run, "--out", gguf)
check(result["verified"], f"export gguf-lora says verified, parity {result['parity']}")
result = answer("export", "peft", run, "--out", folder)
base = smollm2()
tok = tokenizer()
sequences = [tok(r["question"] + "\n" + r["answer"]).input_ids[:160] for r in rows("eval")[:4]]
with torch.no_grad():
    plain = [base(torch.tensor([s])).logits[0].float() for s in sequences]
    tuned = PeftModel.from_pretrained(base, folder)
    expected = [tuned(torch.tensor([s])).logits[0].float() for s in sequences]
llama = llama_cpp.Llama(str(GGUF), lora_path=str(gguf), logits_all=True, n_ctx=512, verbose=False)
kl, agree, counted, away = [], 0, 0, []
for s, e, p in zip(sequences, expected, plain):
    llama.reset(), llama.eval(s)
    mine = torch.tensor(llama.scores[: len(s)])
    kl.append((e.softmax(-1) * (e.log_softmax(-1) - mine.log_softmax(-1))).sum(-1))
    away.append((e.softmax(-1) * (e.log_softmax(-1) - p.log_softmax(-1))).sum(-1))
    top = e.topk(2).values
    clear = top[:, 0] - top[:, 1] >= 0.1
    agree += int((mine.argmax(-1) == e.argmax(-1))[clear].sum())
    counted += int(clear.sum())
kl, away = float(torch.cat(kl).mean()), float(torch.cat(away).mean())
check(kl <= 0.02 and agree >= 0.97 * counted, f"llama.cpp against HF + PEFT: mean KL {kl:.4f} (<= 0.02), top-1 {agree}/{counted} (>= 97 %)")
check(away > 5 * kl, f"and clearly not the base model: KL to it {away:.3f}")
