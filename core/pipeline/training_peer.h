// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What `bench training` asks of a Python that has transformers and PEFT; each script prints numbers.
namespace attune::pipeline {

/// argv: model (GGUF or folder), target folder. Saves the model in bfloat16 with its tokenizer, once.
inline constexpr const char* kPeerModel = R"py(import os, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
model, out = sys.argv[1:]
if model.endswith(".gguf"):
    place = dict(pretrained_model_name_or_path=os.path.dirname(model), gguf_file=os.path.basename(model))
else:
    place = dict(pretrained_model_name_or_path=model)
loaded = AutoModelForCausalLM.from_pretrained(dtype=torch.float32, **place)
if hasattr(loaded.config, "quantization_config"): del loaded.config.quantization_config
net = AutoModelForCausalLM.from_config(loaded.config); net.load_state_dict(loaded.state_dict()); net.tie_weights()
net.to(torch.bfloat16).save_pretrained(out); AutoTokenizer.from_pretrained(**place).save_pretrained(out)
print(1)
)py";

/// argv: folder, rows, batch size, dtype, method, steps. Prints a line of useful, loss-bearing and padded tokens for each step.
inline constexpr const char* kPeerTrainer = R"py(import json, sys, torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForSeq2Seq, Trainer, TrainerCallback, TrainingArguments
folder, rows, batch, dtype = sys.argv[1], sys.argv[2], int(sys.argv[3]), getattr(torch, sys.argv[4])
STEPS = int(sys.argv[6])
tok = AutoTokenizer.from_pretrained(folder); net = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
if sys.argv[5] == "lora": net = get_peft_model(net, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
data, useful, trained, padded, done = [], [], [], [], []
for r in [json.loads(l) for l in open(rows, encoding="utf-8")]:
    head = tok.apply_chat_template([{"role": "user", "content": r["prompt"]}], tokenize=False, add_generation_prompt=True)
    a, b = (tok(t, add_special_tokens=False).input_ids for t in (head, head + r["completion"] + tok.eos_token + "\n"))
    data.append({"input_ids": b, "attention_mask": [1] * len(b), "labels": [-100] * len(a) + b[len(a):]})
collate = DataCollatorForSeq2Seq(tok, label_pad_token_id=-100)
def counted(part):
    useful.append(sum(len(x["input_ids"]) for x in part)); trained.append(sum(y != -100 for x in part for y in x["labels"]))
    made = collate(part); padded.append(made["input_ids"].numel()); return made
class Clock(TrainerCallback):
    def on_step_end(self, *_, **__):
        i = len(done); done.append(i); print("step", useful[i], trained[i], padded[i], flush=True)
Trainer(model=net, data_collator=counted, train_dataset=data, callbacks=[Clock()], args=TrainingArguments(output_dir=folder + "/out",
    per_device_train_batch_size=batch, max_steps=STEPS, learning_rate=2e-4, logging_steps=1, report_to=[], save_strategy="no",
    use_cpu=True, bf16=dtype == torch.bfloat16, disable_tqdm=True)).train()
)py";

/// argv: dtype, tokens, then "outputs x inputs x times" of each product of a pass. Prints operations a second, the best of the tries.
inline constexpr const char* kPeerProducts = R"py(import sys, time, torch
dtype, tokens, shapes, work, seconds = getattr(torch, sys.argv[1]), int(sys.argv[2]), sys.argv[3:], 0.0, 0.0
for outputs, inputs, times in (map(int, s.split("x")) for s in shapes):
    x, w = torch.randn(tokens, inputs).to(dtype), torch.randn(outputs, inputs).to(dtype)
    out, best, total = x @ w.T, 1e9, 0.0
    while total < 0.2:
        begin = time.perf_counter(); torch.mm(x, w.T, out=out); took = time.perf_counter() - begin
        best, total = min(best, took), total + took
    work += 2.0 * times * tokens * inputs * outputs; seconds += times * best
print(work / seconds)
)py";

}
