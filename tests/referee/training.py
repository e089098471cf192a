# SPDX-License-Identifier: GPL-3.0-or-later
"""12 float32 LoRA steps from the same initial PEFT adapter: losses within 1e-3 of a plain torch + PEFT loop, the same final update."""
import numpy as np, torch
from common import *
from safetensors.torch import load_file

STEPS, BATCH, RATE = 12, 4, 1e-3
tok = tokenizer()
data = [{"prompt": r["question"], "completion": r["answer"]} for r in rows() if len(r["question"]) + len(r["answer"]) < 500][: STEPS * BATCH]
peft = lora(smollm2())
start = TEMP / "start"
peft.save_pretrained(start)

attune("data", "import", write_rows("rows.jsonl", data), "--name", "rows", "--map", "prompt=prompt,completion=completion")
path = recipe("training.json", name="twelve", seed=1, model={"base": str(GGUF), "dtype": "float32"},
              data={"train": "rows", "eval_fraction": 0.0, "template": "none", "train_on": "completion", "max_length": 1024, "packing": False},
              method={"type": "lora", "r": 8, "lora_alpha": 16, "lora_dropout": 0.0},
              training={"max_steps": STEPS, "batch_size": BATCH, "learning_rate": RATE, "lr_scheduler": "constant", "warmup_ratio": 0.0, "weight_decay": 0.0, "shuffle": False},
              runtime={"device": "cpu"})
log = events("run", "start", path, "--init-adapter", start)
mine = [e["loss"] for e in log if e["event"] == "step"]
finished = log[-1]

encoded = []
for r in data:
    a, b = (tok(r[k], add_special_tokens=False).input_ids for k in ("prompt", "completion"))
    encoded.append((a + b + [tok.eos_token_id], [-100] * len(a) + b + [tok.eos_token_id]))
parameters = [p for p in peft.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0)
peft.train()
theirs = []
for i in range(STEPS):
    batch = encoded[i * BATCH:(i + 1) * BATCH]
    width = max(len(ids) for ids, _ in batch)
    ids, labels, mask = (torch.tensor([row + [fill] * (width - len(row)) for row in part]) for part, fill in
                         ((([x for x, _ in batch]), 0), ([y for _, y in batch], -100), ([[1] * len(x) for x, _ in batch], 0)))
    out = peft(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
    loss = torch.nn.functional.cross_entropy(out.reshape(-1, out.shape[-1]), labels[:, 1:].reshape(-1), ignore_index=-100)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step(), optimizer.zero_grad(set_to_none=True)
    theirs.append(loss.item())
worst = max(abs(a - b) / b for a, b in zip(mine, theirs))
check(len(mine) == STEPS and worst <= 1e-3, f"losses of {len(mine)} steps within {worst:.1e} (<= 1e-3): {mine[0]:.4f} … {mine[-1]:.4f}")
before, after = (load_file(str(f / "adapter_model.safetensors")) for f in (start, Path(finished["adapter"])))
reference = TEMP / "reference"
peft.save_pretrained(reference)
expected = load_file(str(reference / "adapter_model.safetensors"))
check(set(after) == set(expected), "the adapter has PEFT's tensor names")
ours, want = (torch.cat([(x[k].float() - before[k].float()).flatten() for k in sorted(before)]) for x in (after, expected))
cosine = float(torch.nn.functional.cosine_similarity(ours, want, dim=0))
check(cosine >= 0.999, f"the final update points the same way: cosine {cosine:.6f}")
