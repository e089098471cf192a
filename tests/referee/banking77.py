# SPDX-License-Identifier: GPL-3.0-or-later
"""MiniLM learns banking77: all weights, the same recipe in attune and in transformers' Trainer; test accuracies within a point.

    python banking77.py MODEL_FOLDER DATA_FOLDER [EPOCHS]      train.csv and test.csv with the columns text and category
"""
import csv, time

import numpy as np, torch, transformers
from common import *

model_folder, data_folder, epochs = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 3.0
RATE, BATCH, LENGTH = 1e-4, 32, 64
attune("data", "import", data_folder / "train.csv", "--name", "train")
attune("data", "import", data_folder / "test.csv", "--name", "test")
path = recipe("banking.json", name="banking", seed=7, model={"base": str(model_folder), "dtype": "float32"}, data={"train": "train", "eval_fraction": 0.0, "max_length": LENGTH, "packing": False},
              objective={"type": "classification"}, method={"type": "full"},
              training={"num_train_epochs": epochs, "batch_size": BATCH, "learning_rate": RATE, "lr_scheduler": "linear", "warmup_ratio": 0.06, "weight_decay": 0.01},
              eval={"metrics": ["loss", "accuracy"]}, checkpoints={"every_steps": 100000, "every_minutes": 600}, runtime={"device": "cpu"})
begin = time.monotonic()
finished = events("run", "start", path)[-1]
mine_seconds = time.monotonic() - begin
measured = answer("eval", "-m", finished["run"], "--data", "test", "--metrics", "accuracy,f1,loss")
mine = 100 * measured["metrics"]["accuracy"]
print(f"attune: {mine:.2f} % after {mine_seconds:.0f} s, {finished['peak_memory_bytes'] / 2**20:.0f} MiB", flush=True)

read = lambda name: list(csv.DictReader(open(data_folder / name, encoding="utf-8")))
train, test = read("train.csv"), read("test.csv")
labels = sorted({r["category"] for r in train})
tok = transformers.AutoTokenizer.from_pretrained(model_folder)
encode = lambda rows: [{**tok(r["text"], truncation=True, max_length=LENGTH), "labels": labels.index(r["category"])} for r in rows]
transformers.set_seed(7)
model = transformers.AutoModelForSequenceClassification.from_pretrained(model_folder, num_labels=len(labels), dtype=torch.float32)
args = transformers.TrainingArguments(output_dir=str(TEMP / "hf"), num_train_epochs=epochs, per_device_train_batch_size=BATCH, learning_rate=RATE, lr_scheduler_type="linear",
                                      warmup_ratio=0.06, weight_decay=0.01, report_to=[], use_cpu=True, save_strategy="no", disable_tqdm=True, logging_steps=1000, seed=7)
trainer = transformers.Trainer(model=model, args=args, train_dataset=encode(train), data_collator=transformers.DataCollatorWithPadding(tok))
begin = time.monotonic()
trainer.train()
theirs_seconds = time.monotonic() - begin
theirs = 100 * float((np.argmax(trainer.predict(encode(test)).predictions, -1) == [labels.index(r["category"]) for r in test]).mean())
print(f"transformers: {theirs:.2f} % after {theirs_seconds:.0f} s", flush=True)
check(abs(mine - theirs) <= 1.0, f"banking77, {epochs:g} epochs: accuracy {mine:.2f} %, transformers {theirs:.2f} % (within 1 point)")
