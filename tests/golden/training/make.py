# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden of tests/cli/training_test.cpp: a tiny random Llama, a PEFT adapter to start from, rows, and what 12 steps of a
plain torch + PEFT loop do with them. Run with a Python that has torch, transformers, peft and tokenizers; it writes beside itself.

Batches of four rows in file order, no template, AdamW at a constant rate, clipping at 1, float32: the loop that
`packing: false, shuffle: false, template: none` stands for.
"""
import json, pathlib, random

import peft, torch, transformers
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

HERE = pathlib.Path(__file__).parent
STEPS, BATCH, RATE = 12, 4, 2e-3
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
torch.set_num_threads(1)

letters = sorted(pre_tokenizers.ByteLevel.alphabet())
vocabulary = {w: i for i, w in enumerate(["<pad>", "<s>", "</s>", "<unk>"] + letters)}
raw = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
raw.pre_tokenizer, raw.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>")

torch.manual_seed(1)
config = transformers.LlamaConfig(vocab_size=len(vocabulary), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                                  num_key_value_heads=2, max_position_embeddings=256, tie_word_embeddings=True, bos_token_id=1, eos_token_id=2, pad_token_id=0)
model = transformers.LlamaForCausalLM(config).eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        p.copy_(1 + 0.2 * torch.randn(p.shape) if p.ndim < 2 else torch.randn(p.shape) * (0.5 if "embed" in name else 1.2 / p.shape[1] ** 0.5))
model.save_pretrained(HERE / "model")
tokenizer.save_pretrained(HERE / "model")

random.seed(5)
words = "red green blue one two three four cat dog bird runs sleeps sings over under beside".split()
rows = []
for _ in range(64):
    question = [random.choice(words) for _ in range(random.randint(2, 6))]
    rows.append({"prompt": " ".join(question) + " ->", "completion": " " + " ".join(reversed(question[: random.randint(1, len(question))]))})
(HERE / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))

torch.manual_seed(2)
model = peft.get_peft_model(model, peft.LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=LINEARS, task_type="CAUSAL_LM"))
with torch.no_grad():
    for name, p in model.named_parameters():
        if "lora_B" in name:
            p.normal_(0, 0.02)
model.save_pretrained(HERE / "adapter")


def encode(row):
    prompt, answer = (tokenizer(row[k], add_special_tokens=False).input_ids for k in ("prompt", "completion"))
    answer = answer + [tokenizer.eos_token_id]
    return prompt + answer, [-100] * len(prompt) + answer


parameters = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0)
losses, norms = [], []
for step in range(STEPS):
    batch = [encode(r) for r in rows[step * BATCH:(step + 1) * BATCH]]
    width = max(len(i) for i, _ in batch)
    pad = lambda part, fill: torch.tensor([x + [fill] * (width - len(x)) for x in part])
    ids, labels, mask = pad([i for i, _ in batch], 0), pad([l for _, l in batch], -100), pad([[1] * len(i) for i, _ in batch], 0)
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
    loss = torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1), ignore_index=-100)
    loss.backward()
    norms.append(float(torch.nn.utils.clip_grad_norm_(parameters, 1.0)))
    optimizer.step(), optimizer.zero_grad(set_to_none=True)
    losses.append(float(loss))
model.save_pretrained(HERE / "after")
before, after = (load_file(str(HERE / f / "adapter_model.safetensors")) for f in ("adapter", "after"))
save_file({k: after[k] for k in sorted(after)}, str(HERE / "after.safetensors"))
for f in (HERE / "after").iterdir():
    f.unlink()
(HERE / "after").rmdir()
for folder in ("model", "adapter"):
    for f in (HERE / folder).glob("*.md"):
        f.unlink()
versions = {m.__name__: m.__version__ for m in (torch, transformers, peft)}
(HERE / "expected.json").write_text(json.dumps({"versions": versions, "losses": losses, "grad_norms": norms}, indent=1) + "\n")
