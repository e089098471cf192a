# SPDX-License-Identifier: GPL-3.0-or-later
"""Reward margins of DPO, step by step, beside TRL's DPOTrainer: the same pairs in the same order, one adapter to start from, float32.

    python dpo.py [MODEL_FOLDER ADAPTER_FOLDER]      default: the tiny Llama of tests/golden/training
"""
import random

import peft, torch, transformers, trl
from common import *
from datasets import Dataset
from torch.utils.data import SequentialSampler

GOLDEN = ROOT / "tests/golden/training"
base, adapter = (Path(sys.argv[1]), Path(sys.argv[2])) if len(sys.argv) > 2 else (GOLDEN / "model", GOLDEN / "adapter")
STEPS, BATCH, RATE, BETA, HELD_OUT = 32, 4, 2e-3, 0.1, 16
TOLERANCE = 1e-3
torch.set_num_threads(1)
random.seed(11)
colours, animals, others = "red green blue".split(), "cat dog bird".split(), "one two three four runs sleeps sings over under beside".split()
some = lambda words, n: " ".join(random.choice(words) for _ in range(n))
# What is preferred can be learnt: answers of colours, not of animals.
pairs = [{"prompt": some(others, 4) + " ->", "chosen": " " + some(colours, random.randint(2, 4)), "rejected": " " + some(animals, random.randint(2, 4))}
         for _ in range(STEPS * BATCH + HELD_OUT)]
train, held_out = pairs[HELD_OUT:], pairs[:HELD_OUT]


def theirs():
    class Ordered(trl.DPOTrainer):
        def _get_train_sampler(self, *args):
            return SequentialSampler(self.train_dataset)
    plain = transformers.AutoTokenizer.from_pretrained(base)
    plain.bos_token = None  # TRL puts it before prompts, whatever the tokenizer does
    model = peft.PeftModel.from_pretrained(transformers.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), adapter, is_trainable=True)
    config = trl.DPOConfig(output_dir=str(TEMP / "trl"), per_device_train_batch_size=BATCH, per_device_eval_batch_size=BATCH, max_steps=STEPS, learning_rate=RATE, lr_scheduler_type="constant",
                           warmup_steps=0, max_grad_norm=1.0, logging_steps=1, eval_strategy="steps", eval_steps=1, report_to=[], use_cpu=True, bf16=False, fp16=False, optim="adamw_torch",
                           save_strategy="no", gradient_checkpointing=False, seed=1, weight_decay=0.0, disable_tqdm=True, beta=BETA, loss_type="sigmoid", max_length=None)
    trainer = Ordered(model=model, args=config, train_dataset=Dataset.from_list(train), eval_dataset=Dataset.from_list(held_out), processing_class=plain)
    trainer.remove_callback(transformers.trainer_callback.PrinterCallback)
    trainer.train()
    log = trainer.state.log_history
    return [row["loss"] for row in log if "loss" in row], {key: [row[f"eval_rewards/{key}"] for row in log if f"eval_rewards/{key}" in row] for key in ("margins", "accuracies")}


def mine():
    path = recipe("dpo.json", name="dpo", seed=1, model={"base": str(base), "dtype": "float32", "adapter": str(adapter)},
                  data={"train": str(write_rows("train.jsonl", train)), "eval": str(write_rows("eval.jsonl", held_out)), "template": "none", "max_length": 64, "packing": False},
                  objective={"type": "dpo", "beta": BETA}, method={"type": "lora"},
                  training={"max_steps": STEPS, "batch_size": BATCH, "learning_rate": RATE, "lr_scheduler": "constant", "warmup_ratio": 0.0, "weight_decay": 0.0, "shuffle": False},
                  eval={"every_steps": 1, "metrics": ["loss", "reward_margin", "reward_accuracy"]}, runtime={"device": "cpu", "threads": 1, "deterministic": True})
    seen = events("run", "start", path)
    measured = {e["step"]: e["metrics"] for e in seen if e["event"] == "eval" and e["step"] > 0}
    steps = sorted(measured)
    return ([e["loss"] for e in seen if e["event"] == "step"], {"margins": [measured[s]["reward_margin"] for s in steps], "accuracies": [measured[s]["reward_accuracy"] for s in steps]})


their_losses, their_rewards = theirs()
my_losses, my_rewards = mine()
print("step   loss attune      TRL   margin attune      TRL   accuracy attune   TRL")
for step, row in enumerate(zip(my_losses, their_losses, my_rewards["margins"], their_rewards["margins"], my_rewards["accuracies"], their_rewards["accuracies"]), 1):
    print("{:4d} {:13.5f} {:8.5f} {:15.5f} {:8.5f} {:17.3f} {:5.3f}".format(step, *row))
margins, reference = my_rewards["margins"], their_rewards["margins"]
check(len(margins) == len(reference) == STEPS and len(my_losses) == len(their_losses) == STEPS, f"{STEPS} steps on both sides")
apart = max(abs(a - b) for a, b in zip(margins, reference))
check(margins[-1] > margins[0] + 0.1 and reference[-1] > reference[0] + 0.1, f"margins rise: attune {margins[0]:.4f} to {margins[-1]:.4f}, TRL {reference[0]:.4f} to {reference[-1]:.4f}")
check(apart <= TOLERANCE * max(1.0, max(map(abs, reference))), f"margins of all steps within {apart:.1e} (limit {TOLERANCE:g})")
check(my_rewards["accuracies"] == their_rewards["accuracies"] or max(abs(a - b) for a, b in zip(my_rewards["accuracies"], their_rewards["accuracies"])) <= 1 / HELD_OUT, "reward accuracies within one pair")
