# SPDX-License-Identifier: GPL-3.0-or-later
"""Losses of ten steps of each objective: TRL's and transformers' own trainers on the tiny Llama of tests/golden/training, rows in
order, four a step, AdamW at 2e-3 without a schedule, clipping at 1, float32, LoRA from that golden's adapter.

    python make.py        writes <objective>.json beside itself: rows as ids, what the trainer saw, and its losses
"""
import json, os, pathlib, random, sys, warnings

os.environ["CUDA_VISIBLE_DEVICES"] = ""
warnings.filterwarnings("ignore")
import peft, torch, transformers, trl
from datasets import Dataset
from torch.nn import functional as F
from torch.utils.data import SequentialSampler

HERE = pathlib.Path(__file__).parent
BASE = HERE.parent / "training"
STEPS, BATCH, RATE = 10, 4, 2e-3
torch.set_num_threads(1)
tokenizer = transformers.AutoTokenizer.from_pretrained(BASE / "model")
words = "red green blue one two three four cat dog bird runs sleeps sings over under beside".split()
VERSIONS = {m.__name__: m.__version__ for m in (torch, transformers, peft, trl)}

def sentence(n):
    return " ".join(random.choice(words) for _ in range(n))

def base():
    return transformers.AutoModelForCausalLM.from_pretrained(BASE / "model", dtype=torch.float32)

def adapted(model=None):
    return peft.PeftModel.from_pretrained(model or base(), BASE / "adapter", is_trainable=True)

COMMON = dict(output_dir="/tmp/attune-golden", per_device_train_batch_size=BATCH, max_steps=STEPS, learning_rate=RATE, lr_scheduler_type="constant",
              warmup_steps=0, max_grad_norm=1.0, logging_steps=1, report_to=[], use_cpu=True, bf16=False, fp16=False, optim="adamw_torch", save_strategy="no",
              gradient_checkpointing=False, seed=1, weight_decay=0.0, disable_tqdm=True)

def sequential(cls):
    class Ordered(cls):
        def _get_train_sampler(self, *args):
            return SequentialSampler(self.train_dataset)
    return Ordered

def run(trainer):
    batches = [b for _, b in zip(range(STEPS), trainer.get_train_dataloader())]
    trainer.train()
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    assert len(losses) == STEPS, losses
    return batches, losses, trainer

def rows_of(ids, attention, trained):
    out = []
    for i, a, t in zip(ids.tolist(), attention.tolist(), trained.tolist()):
        keep = [k for k, on in enumerate(a) if on]
        out.append({"ids": [i[k] for k in keep], "trained": [int(t[k]) for k in keep]})
    return out

def write(name, rows, losses, **more):
    (HERE / f"{name}.json").write_text(json.dumps({"versions": VERSIONS, "rows": rows, "losses": losses, **more}) + "\n")
    print(name, [round(x, 5) for x in losses])

def exact_losses(trainer):
    """log_history rounds to four places or more; keep what compute_loss returned."""
    original = trainer.compute_loss
    seen = []
    def compute(*args, **kwargs):
        out = original(*args, **kwargs)
        seen.append(float(out[0] if isinstance(out, tuple) else out))
        return out
    trainer.compute_loss = compute
    return seen

def train(trainer):
    seen = exact_losses(trainer)
    batches, _, _ = run(trainer)
    assert len(seen) == STEPS
    return batches, seen

random.seed(3)
pairs = [{"prompt": sentence(4) + " ->", "chosen": " " + sentence(random.randint(2, 4)), "rejected": " " + sentence(random.randint(2, 5))} for _ in range(STEPS * BATCH)]

def pair_rows(batches, ids, attention, trained):
    out = []
    for b in batches:
        rows = rows_of(b[ids], b[attention], b[trained])
        out += [[c, r] for c, r in zip(rows[:BATCH], rows[BATCH:])]
    return out

def dpo(name, loss_type, rows_from=None, **options):
    args = trl.DPOConfig(**COMMON, loss_type=loss_type, max_length=None, **options)
    batches, losses = train(sequential(trl.DPOTrainer)(model=adapted(), args=args, train_dataset=Dataset.from_list(pairs), processing_class=tokenizer))
    rows = pair_rows(batches, "input_ids", "attention_mask", "completion_mask")
    write(name, None if rows_from else rows, losses, options={"beta": args.beta, **options}, **({"rows_from": rows_from} if rows_from else {}))

def cpo_like(name, trainer, args):
    t = sequential(trainer)(model=adapted(), args=args, train_dataset=Dataset.from_list(pairs), processing_class=tokenizer)
    batches, losses = train(t)
    rows = []
    for b in batches:
        sides = [rows_of(b[f"{s}_input_ids"], b[f"{s}_attention_mask"], b[f"{s}_labels"] != -100) for s in ("chosen", "rejected")]
        rows += [[c, r] for c, r in zip(*sides)]
    return rows, losses

def make_dpo():
    dpo("dpo", "sigmoid")
    for loss_type in ("hinge", "robust", "exo_pair", "nca_pair", "bco_pair", "sppo_hard", "apo_zero", "apo_down", "discopop", "sigmoid_norm"):
        args = trl.DPOConfig(**COMMON, loss_type=loss_type, max_length=None, label_smoothing=0.1 if loss_type in ("robust", "exo_pair") else 0.0)
        _, losses = train(sequential(trl.DPOTrainer)(model=adapted(), args=args, train_dataset=Dataset.from_list(pairs), processing_class=tokenizer))
        write("dpo_" + loss_type, None, losses, rows_from="dpo", options={"beta": args.beta, "loss_type": loss_type, "label_smoothing": args.label_smoothing})

def make_ipo():
    dpo("ipo", "ipo", rows_from="dpo")

def make_orpo():
    from trl.experimental.orpo import ORPOConfig, ORPOTrainer
    rows, losses = cpo_like("orpo", ORPOTrainer, ORPOConfig(**COMMON, beta=0.1, max_length=256))
    write("orpo", rows, losses, options={"beta": 0.1})

def make_simpo():
    from trl.experimental.cpo import CPOConfig, CPOTrainer
    for name, alpha in (("simpo", 0.0), ("simpo_cpo", 0.5)):
        rows, losses = cpo_like(name, CPOTrainer, CPOConfig(**COMMON, beta=2.0, loss_type="simpo", simpo_gamma=0.6, cpo_alpha=alpha, max_length=256))
        write(name, None if alpha else rows, losses, options={"beta": 2.0, "simpo_gamma": 0.6, "cpo_alpha": alpha}, **({"rows_from": "simpo"} if alpha else {}))

def make_kto():
    rows = []
    for i, p in enumerate(pairs):
        good = i % 3 != 0
        rows.append({"prompt": p["prompt"], "completion": p["chosen" if good else "rejected"], "label": good})
    args = trl.KTOConfig(**COMMON, desirable_weight=1.0, undesirable_weight=1.5, max_length=256)
    batches, losses = train(sequential(trl.KTOTrainer)(model=adapted(), args=args, train_dataset=Dataset.from_list(rows), processing_class=tokenizer))
    out = []
    for b in batches:
        labels = [float(x) for x in b["label"]]
        out += [[{**r, "labels": [l]}] for r, l in zip(rows_of(b["input_ids"], b["attention_mask"], b["completion_mask"]), labels)]
    write("kto", out, losses, options={"beta": args.beta, "desirable_weight": 1.0, "undesirable_weight": 1.5})

def headed(cls, labels, **config):
    torch.manual_seed(4)
    model = cls.from_pretrained(BASE / "model", dtype=torch.float32, num_labels=labels, **config)
    with torch.no_grad():
        model.score.weight.copy_(torch.randn(model.score.weight.shape) * 0.3)
    for p in model.parameters():
        p.requires_grad_(False)
    model.config.pad_token_id = 0
    config = peft.PeftConfig.from_pretrained(BASE / "adapter")
    config.task_type, config.inference_mode = None, False
    lora = peft.PeftModel.from_pretrained(model, BASE / "adapter", is_trainable=True, config=config)
    lora.base_model.model.score.weight.requires_grad_(True)
    return lora, model.score.weight.detach().clone().tolist()

def make_reward():
    model, score = headed(transformers.AutoModelForSequenceClassification, 1)
    args = trl.RewardConfig(**COMMON, center_rewards_coefficient=0.05, max_length=256)
    rows = [{"chosen": p["prompt"] + p["chosen"], "rejected": p["prompt"] + p["rejected"]} for p in pairs]
    batches, losses = train(sequential(trl.RewardTrainer)(model=model, args=args, train_dataset=Dataset.from_list(rows), processing_class=tokenizer))
    write("reward", pair_rows([{**b, "trained": b["attention_mask"]} for b in batches], "input_ids", "attention_mask", "trained"), losses,
          options={"center_rewards_coefficient": 0.05}, score=score)

def collate(batch):
    width = max(len(r["ids"]) for r in batch)
    pad = lambda key, fill: torch.tensor([r[key] + [fill] * (width - len(r[key])) for r in batch])
    out = {"input_ids": pad("ids", 0), "attention_mask": torch.tensor([[1] * len(r["ids"]) + [0] * (width - len(r["ids"])) for r in batch])}
    if "token_labels" in batch[0]:
        out["labels"] = pad("token_labels", -100)
    elif "trained" in batch[0]:
        out["labels"] = torch.tensor([[i if t else -100 for i, t in zip(r["ids"], r["trained"])] + [-100] * (width - len(r["ids"])) for r in batch])
    else:
        out["labels"] = torch.tensor([r["label"] for r in batch])
    return out

def hf(model, rows, trainer=transformers.Trainer, **options):
    args = transformers.TrainingArguments(**COMMON, remove_unused_columns=False, **options)
    return train(sequential(trainer)(model=model, args=args, train_dataset=rows, data_collator=collate))[1]

texts = [tokenizer(sentence(random.randint(2, 7)))["input_ids"] for _ in range(STEPS * BATCH)]

def make_classification():
    rows = [{"ids": t, "label": random.randrange(3)} for t in texts]
    out = lambda key: [[{"ids": r["ids"], "trained": [0] * len(r["ids"]), "labels": key(r)}] for r in rows]
    model, score = headed(transformers.AutoModelForSequenceClassification, 3, problem_type="single_label_classification")
    write("classification", out(lambda r: [r["label"]]), hf(model, rows), score=score, labels=["a", "b", "c"])
    weights = [1.0, 3.0, 0.5]
    class Weighted(transformers.Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
            labels = inputs.pop("labels")
            return F.cross_entropy(model(**inputs).logits, labels, weight=torch.tensor(weights))
    model, score = headed(transformers.AutoModelForSequenceClassification, 3, problem_type="single_label_classification")
    write("classification_weighted", None, hf(model, rows, Weighted), rows_from="classification", score=score, labels=["a", "b", "c"], options={"class_weights": {"b": 3.0, "c": 0.5}})
    model, score = headed(transformers.AutoModelForSequenceClassification, 3, problem_type="single_label_classification")
    write("classification_smoothed", None, hf(model, rows, label_smoothing_factor=0.1), rows_from="classification", score=score, labels=["a", "b", "c"], label_smoothing=0.1)
    for r in rows:
        r["label"] = [float(random.random() < 0.4) for _ in range(3)]
    model, score = headed(transformers.AutoModelForSequenceClassification, 3, problem_type="multi_label_classification")
    write("classification_multi", out(lambda r: r["label"]), hf(model, rows), score=score, labels=["a", "b", "c"], multi_label=True)
    for r in rows:
        r["label"] = random.gauss(0, 1)
    model, score = headed(transformers.AutoModelForSequenceClassification, 1, problem_type="regression")
    write("regression", out(lambda r: [r["label"]]), hf(model, rows), score=score)

def make_token_classification():
    rows = [{"ids": t, "token_labels": [random.choice([-100, 0, 1, 2]) for _ in t]} for t in texts]
    model, score = headed(transformers.AutoModelForTokenClassification, 3)
    model.base_model.model.score.bias.requires_grad_(True)
    with torch.no_grad():
        model.base_model.model.score.bias.zero_()
    model.base_model.model.dropout.p = 0.0
    write("token_classification", [[{"ids": r["ids"], "trained": [0] * len(r["ids"]), "labels": r["token_labels"]}] for r in rows], hf(model, rows), score=score, labels=["a", "b", "c"])

answers = []
for p in pairs:
    a, b = tokenizer(p["prompt"])["input_ids"], tokenizer(p["chosen"])["input_ids"] + [tokenizer.eos_token_id]
    answers.append({"ids": a + b, "trained": [0] * len(a) + [1] * len(b)})

def make_sft():
    write("sft_smoothed", [[r] for r in answers], hf(adapted(), answers, label_smoothing_factor=0.1), label_smoothing=0.1)

def make_distill():
    """The teacher is the base itself: another distribution than the adapted student's."""
    big = base().eval()
    for name, kind, options in (("distill", "forward_kl", {"alpha": 0.7, "temperature": 2.0}), ("distill_reverse", "reverse_kl", {"alpha": 0.5, "temperature": 1.5}),
                                ("distill_jsd", "jsd", {"alpha": 1.0, "temperature": 0.9, "jsd_beta": 0.3})):
        class Distill(transformers.Trainer):
            def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
                labels = inputs.pop("labels")[:, 1:]
                s = model(**inputs).logits[:, :-1][labels != -100]
                with torch.no_grad():
                    t = big(**inputs).logits[:, :-1][labels != -100]
                T, a = options["temperature"], options["alpha"]
                if kind == "jsd":
                    from trl.experimental.gkd import GKDTrainer
                    kd = GKDTrainer.generalized_jsd_loss(s, t, beta=options["jsd_beta"], temperature=T)
                else:
                    p, q = (t, s) if kind == "forward_kl" else (s, t)
                    kd = T * T * F.kl_div(F.log_softmax(q / T, -1), F.log_softmax(p / T, -1), log_target=True, reduction="batchmean")
                return a * kd + (1 - a) * F.cross_entropy(s, labels[labels != -100])
        write(name, None if name != "distill" else [[r] for r in answers], hf(adapted(), answers, Distill), **({} if name == "distill" else {"rows_from": "distill"}),
              options={"kd_loss": kind, **options})

for name in sys.argv[1:] or ["dpo", "ipo", "orpo", "simpo", "kto", "reward", "classification", "token_classification", "sft", "distill"]:
    globals()["make_" + name]()
