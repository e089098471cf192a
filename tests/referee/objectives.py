# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten steps of every objective through `attune run start`, beside the trainers of TRL and transformers: losses within 1e-3.

Rows in order, four a step, AdamW at 2e-3, no schedule, clipping at 1, float32; LoRA from one adapter on the tiny Llama of
tests/golden/training, all weights of a tiny BERT and T5.

    python objectives.py [NAME ...]
"""
import random, shutil

import peft, torch, transformers, trl
from common import *
from datasets import Dataset
from torch.nn import functional as F
from torch.utils.data import SequentialSampler

GOLDEN = ROOT / "tests/golden/training"
STEPS, BATCH, RATE = 10, 4, 2e-3
torch.set_num_threads(1)
random.seed(5)
tokenizer = transformers.AutoTokenizer.from_pretrained(GOLDEN / "model")
words = "red green blue one two three four cat dog bird runs sleeps sings over under beside".split()
COMMON = dict(output_dir=str(TEMP / "trl"), per_device_train_batch_size=BATCH, max_steps=STEPS, learning_rate=RATE, lr_scheduler_type="constant", warmup_steps=0,
              max_grad_norm=1.0, logging_steps=1, report_to=[], use_cpu=True, bf16=False, fp16=False, optim="adamw_torch", save_strategy="no",
              gradient_checkpointing=False, seed=1, weight_decay=0.0, disable_tqdm=True)


def sentence(n):
    return " ".join(random.choice(words) for _ in range(n))


pairs = [{"prompt": sentence(4) + " ->", "chosen": " " + sentence(random.randint(2, 4)), "rejected": " " + sentence(random.randint(2, 5))} for _ in range(STEPS * BATCH)]
texts = [sentence(random.randint(3, 9)) for _ in range(STEPS * BATCH)]


def train(trainer_class, **arguments):
    """The losses that compute_loss returned, in full precision."""
    class Ordered(trainer_class):
        def _get_train_sampler(self, *args):
            return SequentialSampler(self.train_dataset)

        def compute_loss(self, *args, **kwargs):
            out = super().compute_loss(*args, **kwargs)
            seen.append(float(out[0] if isinstance(out, tuple) else out))
            return out
    seen = []
    trainer = Ordered(**arguments)
    trainer.remove_callback(transformers.trainer_callback.PrinterCallback)
    trainer.train()
    return seen


def run(name, base, data, objective, adapter=None, **training):
    """The losses of attune's own ten steps."""
    path = recipe("objective.json", name=name.replace(" ", "-"), seed=1, model={"base": str(base), "dtype": "float32", "adapter": str(adapter) if adapter else None},
                  data={"train": str(write_rows("rows.jsonl", data)), "template": "none", "eval_fraction": 0.0, "max_length": 64, "packing": False},
                  objective=objective, method={"type": "lora"} if adapter else {"type": "full"},
                  training={"max_steps": STEPS, "batch_size": BATCH, "learning_rate": RATE, "lr_scheduler": "constant", "warmup_ratio": 0.0, "weight_decay": 0.0,
                            "shuffle": False, **training}, runtime={"device": "cpu", "threads": 1, "deterministic": True})
    return [e["loss"] for e in events("run", "start", path) if e["event"] == "step"]


def llama(cls=transformers.AutoModelForCausalLM, folder=GOLDEN / "model", **more):
    model = cls.from_pretrained(folder, dtype=torch.float32, **more)
    config = peft.PeftConfig.from_pretrained(GOLDEN / "adapter")
    if cls is not transformers.AutoModelForCausalLM:
        config.task_type, config.inference_mode = None, False
    return peft.PeftModel.from_pretrained(model, GOLDEN / "adapter", is_trainable=True, config=config)


def headed(labels, cls=transformers.AutoModelForSequenceClassification, **more):
    """A folder of the Llama with a head of random scores, and the model with the adapter on it, the head trained."""
    torch.manual_seed(4)
    folder = TEMP / f"headed-{labels}-{cls.__name__}"
    model = cls.from_pretrained(GOLDEN / "model", dtype=torch.float32, num_labels=labels, id2label={i: chr(97 + i) for i in range(labels)},
                                label2id={chr(97 + i): i for i in range(labels)}, **more)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "score" in name:
                p.copy_(torch.randn(p.shape) * 0.3)
    model.config.pad_token_id = 0
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if hasattr(model, "dropout"):
        model.dropout.p = 0.0
    lora = llama(cls, folder)
    if hasattr(lora.base_model.model, "dropout"):
        lora.base_model.model.dropout.p = 0.0
    for name, p in lora.named_parameters():
        if "score" in name:
            p.requires_grad_(True)
    return folder, lora


def collate(batch):
    width = max(len(r["ids"]) for r in batch)
    fill = lambda key, value: torch.tensor([r[key] + [value] * (width - len(r[key])) for r in batch])
    out = {"input_ids": fill("ids", 0), "attention_mask": torch.tensor([[1] * len(r["ids"]) + [0] * (width - len(r["ids"])) for r in batch])}
    out["labels"] = fill("targets", -100) if "targets" in batch[0] else torch.tensor([r["label"] for r in batch])
    return out


def hf(model, rows, **options):
    args = transformers.TrainingArguments(**COMMON, remove_unused_columns=False, **options)
    return train(transformers.Trainer, model=model, args=args, train_dataset=rows, data_collator=collate)


def dpo_like(cls, config, objective, data=pairs, **more):
    plain = transformers.AutoTokenizer.from_pretrained(GOLDEN / "model")
    plain.bos_token = None  # TRL's older trainers put it before every prompt, whatever the tokenizer does
    theirs = train(cls, model=llama(), args=config, train_dataset=Dataset.from_list(data), processing_class=plain)
    return theirs, run(objective["type"], GOLDEN / "model", data, objective, GOLDEN / "adapter", **more)


def answers():
    rows = []
    for p in pairs:
        a, b = tokenizer(p["prompt"])["input_ids"], tokenizer(p["chosen"])["input_ids"] + [tokenizer.eos_token_id]
        rows.append({"ids": a + b, "targets": [-100] * len(a) + b})
    return rows, [{"prompt": p["prompt"], "completion": p["chosen"]} for p in pairs]


def case_sft():
    rows, data = answers()
    return hf(llama(), rows), run("sft", GOLDEN / "model", data, {"type": "sft"}, GOLDEN / "adapter")


def case_sft_smoothed():
    rows, data = answers()
    return hf(llama(), rows, label_smoothing_factor=0.1), run("smoothed", GOLDEN / "model", data, {"type": "sft"}, GOLDEN / "adapter", label_smoothing=0.1)


def case_dpo():
    return dpo_like(trl.DPOTrainer, trl.DPOConfig(**COMMON, loss_type="sigmoid", max_length=None), {"type": "dpo"})


def case_ipo():
    return dpo_like(trl.DPOTrainer, trl.DPOConfig(**COMMON, loss_type="ipo", max_length=None), {"type": "ipo"})


def case_orpo():
    from trl.experimental.orpo import ORPOConfig, ORPOTrainer
    return dpo_like(ORPOTrainer, ORPOConfig(**COMMON, beta=0.1, max_length=256), {"type": "orpo"})


def case_simpo():
    from trl.experimental.cpo import CPOConfig, CPOTrainer
    return dpo_like(CPOTrainer, CPOConfig(**COMMON, beta=2.0, loss_type="simpo", simpo_gamma=0.6, cpo_alpha=0.0, max_length=256), {"type": "simpo", "beta": 2.0, "simpo_gamma": 0.6})


def case_kto():
    data = [{"prompt": p["prompt"], "completion": p["chosen" if i % 3 else "rejected"], "label": bool(i % 3)} for i, p in enumerate(pairs)]
    return dpo_like(trl.KTOTrainer, trl.KTOConfig(**COMMON, undesirable_weight=1.5, max_length=256), {"type": "kto", "undesirable_weight": 1.5}, data)


def case_reward():
    folder, model = headed(1)
    data = [{"prompt": p["prompt"], "chosen": p["chosen"], "rejected": p["rejected"]} for p in pairs]
    theirs = train(trl.RewardTrainer, model=model, args=trl.RewardConfig(**COMMON, center_rewards_coefficient=0.05, max_length=256), processing_class=tokenizer,
                   train_dataset=Dataset.from_list([{"chosen": p["prompt"] + p["chosen"], "rejected": p["prompt"] + p["rejected"]} for p in pairs]))
    return theirs, run("reward", folder, data, {"type": "reward", "center_rewards_coefficient": 0.05}, GOLDEN / "adapter")


def labelled(label):
    return [{"ids": tokenizer(t)["input_ids"], "label": label(i)} for i, t in enumerate(texts)]


def case_classification():
    folder, model = headed(3, problem_type="single_label_classification")
    rows = labelled(lambda i: i * 7 % 3)
    data = [{"text": t, "label": chr(97 + r["label"])} for t, r in zip(texts, rows)]
    return hf(model, rows), run("classes", folder, data, {"type": "classification", "labels": ["a", "b", "c"]}, GOLDEN / "adapter")


def case_multi_label():
    folder, model = headed(3, problem_type="multi_label_classification")
    rows = labelled(lambda i: [float(i % 2), float(i % 3 == 0), float(i % 5 < 2)])
    data = [{"text": t, "label": [chr(97 + k) for k, on in enumerate(r["label"]) if on]} for t, r in zip(texts, rows)]
    return hf(model, rows), run("flags", folder, data, {"type": "classification", "problem_type": "multi_label_classification", "labels": ["a", "b", "c"]}, GOLDEN / "adapter")


def case_regression():
    folder, model = headed(1, problem_type="regression")
    rows = labelled(lambda i: (i % 9) / 3 - 1)
    return hf(model, rows), run("number", folder, [{"text": t, "label": r["label"]} for t, r in zip(texts, rows)], {"type": "regression"}, GOLDEN / "adapter")


def bert():
    """A tiny BERT with WordPiece of whole words and pieces."""
    folder = TEMP / "bert"
    if not folder.exists():
        vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words[:-2] + ["un", "##der", "be", "##side", "b", "##e", "##s", "##i", "##d"]
        folder.mkdir()
        (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(vocab)) + "\n")
        tok = transformers.BertTokenizerFast(str(folder / "vocab.txt"))
        tok.save_pretrained(folder)
        torch.manual_seed(2)
        config = transformers.BertConfig(vocab_size=len(tok), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64,
                                         hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.3)
        transformers.BertForMaskedLM(config).save_pretrained(folder)
    return folder, transformers.AutoTokenizer.from_pretrained(folder)


def bert_headed(cls, labels, **more):
    folder, tok = bert()
    torch.manual_seed(3)
    model = cls.from_pretrained(folder, dtype=torch.float32, num_labels=labels, id2label={i: chr(97 + i) for i in range(labels)}, label2id={chr(97 + i): i for i in range(labels)}, **more)
    target = TEMP / f"bert-{cls.__name__}-{labels}"
    model.save_pretrained(target)
    tok.save_pretrained(target)
    return target, cls.from_pretrained(target, dtype=torch.float32), tok


def case_bert_classification():
    folder, model, tok = bert_headed(transformers.BertForSequenceClassification, 3, problem_type="single_label_classification")
    rows = [{"ids": tok(t)["input_ids"], "label": i * 7 % 3} for i, t in enumerate(texts)]
    return hf(model, rows), run("bert-classes", folder, [{"text": t, "label": chr(97 + r["label"])} for t, r in zip(texts, rows)], {"type": "classification", "labels": ["a", "b", "c"]})


def case_bert_tokens():
    folder, model, tok = bert_headed(transformers.BertForTokenClassification, 3)
    rows, data = [], []
    for i, t in enumerate(texts):
        names = [(i + k) % 3 for k in range(len(t.split()))]
        encoded = tok(t.split(), is_split_into_words=True)
        targets, before = [], None
        for word in encoded.word_ids():
            targets.append(-100 if word is None or word == before else names[word])
            before = word
        rows.append({"ids": encoded["input_ids"], "targets": targets})
        data.append({"text": t.split(), "label": [chr(97 + n) for n in names]})
    return hf(model, rows), run("bert-words", folder, data, {"type": "token_classification", "labels": ["a", "b", "c"]})


def splitmix(state):
    mask = (1 << 64) - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        x = state
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
        yield x ^ (x >> 31)


def case_mlm():
    """The choice of tokens follows from seed, epoch and row as core/trainer/objectives/mlm.cpp says; here it is drawn once more."""
    folder, tok = bert()
    rows = []
    special = set(tok.all_special_ids)
    for index, t in enumerate(texts):
        ids = tok(t)["input_ids"]
        targets = [-100] * len(ids)
        random_values = splitmix((1 + 0x9E3779B97F4A7C15 * 2 + 0xBF58476D1CE4E5B9 * (index + 1)) & ((1 << 64) - 1))
        draw = lambda bound: below(random_values, bound)
        for k, token in enumerate(list(ids)):
            if token in special or draw(1 << 30) / (1 << 30) >= 0.3:
                continue
            targets[k] = token
            what = draw(1 << 30) / (1 << 30)
            if what < 0.8:
                ids[k] = tok.mask_token_id
            elif what < 0.9:
                ids[k] = draw(len(tok))
        rows.append({"ids": ids, "targets": targets})
    model = transformers.BertForMaskedLM.from_pretrained(folder, dtype=torch.float32)
    return hf(model, rows), run("mlm", folder, [{"text": t} for t in texts], {"type": "mlm", "mlm_probability": 0.3})


def below(values, bound):
    """core/base/random.h: the upper half of a product, without the few values that would make some results likelier."""
    while True:
        product = next(values) * bound
        if product % (1 << 64) >= (1 << 64) % bound:
            return product >> 64


def case_t5():
    folder = TEMP / "t5"
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, decoders
    vocab = {w: i for i, w in enumerate(["<pad>", "</s>", "<unk>"] + ["▁" + w for w in dict.fromkeys(words + ["->"])])}
    t = Tokenizer(models.Unigram([(w, -float(i)) for w, i in vocab.items()], unk_id=2, byte_fallback=False))
    t.pre_tokenizer, t.decoder = pre_tokenizers.Metaspace(prepend_scheme="always"), decoders.Metaspace()
    t.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    tok = transformers.PreTrainedTokenizerFast(tokenizer_object=t, eos_token="</s>", pad_token="<pad>", unk_token="<unk>")
    tok.save_pretrained(folder)
    torch.manual_seed(2)
    model = transformers.T5ForConditionalGeneration(transformers.T5Config(vocab_size=len(vocab), d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, dropout_rate=0.0,
                                                                          decoder_start_token_id=0, feed_forward_proj="gated-gelu"))
    model.save_pretrained(folder)
    rows = [{"ids": tok(p["prompt"].strip())["input_ids"], "targets": tok(p["chosen"].strip())["input_ids"]} for p in pairs]

    def batch(rows):
        pad = lambda key, value: torch.tensor([r[key] + [value] * (max(len(x[key]) for x in rows) - len(r[key])) for r in rows])
        return {"input_ids": pad("ids", 0), "attention_mask": (pad("ids", -1) >= 0).long(), "labels": pad("targets", -100)}
    args = transformers.TrainingArguments(**COMMON, remove_unused_columns=False)
    theirs = train(transformers.Trainer, model=model, args=args, train_dataset=rows, data_collator=batch)
    return theirs, run("t5", folder, [{"prompt": p["prompt"].strip(), "completion": p["chosen"].strip()} for p in pairs], {"type": "sft"})


def case_distill():
    rows, data = answers()
    teacher = transformers.AutoModelForCausalLM.from_pretrained(GOLDEN / "model", dtype=torch.float32).eval()

    class Distill(transformers.Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
            labels = inputs.pop("labels")[:, 1:]
            s = model(**inputs).logits[:, :-1][labels != -100]
            with torch.no_grad():
                t = teacher(**inputs).logits[:, :-1][labels != -100]
            kd = 4.0 * F.kl_div(F.log_softmax(s / 2, -1), F.log_softmax(t / 2, -1), log_target=True, reduction="batchmean")
            return 0.7 * kd + 0.3 * F.cross_entropy(s, labels[labels != -100])
    args = transformers.TrainingArguments(**COMMON, remove_unused_columns=False)
    theirs = train(Distill, model=llama(), args=args, train_dataset=rows, data_collator=collate)
    return theirs, run("distill", GOLDEN / "model", data, {"type": "distill", "teacher": str(GOLDEN / "model"), "alpha": 0.7, "temperature": 2.0}, GOLDEN / "adapter")


def case_pretrain():
    """Blocks of the context's length over all texts, each with its end token, as run_clm makes them."""
    stream = [i for t in texts * 8 for i in tokenizer(t)["input_ids"] + [tokenizer.eos_token_id]]
    blocks = [stream[k:k + 64] for k in range(0, len(stream) - 63, 64)]
    rows = [{"ids": b, "targets": list(b)} for b in blocks][: STEPS * BATCH]
    return hf(llama(), rows), run("pretrain", GOLDEN / "model", [{"text": t} for t in texts * 8], {"type": "pretrain"}, GOLDEN / "adapter")


CASES = {name.removeprefix("case_"): function for name, function in list(globals().items()) if name.startswith("case_")}
wrong = []
for name in sys.argv[1:] or CASES:
    theirs, mine = CASES[name]()
    worst = max((abs(a - b) / max(1.0, abs(b)) for a, b in zip(mine, theirs)), default=float("inf"))
    good = len(mine) == len(theirs) == STEPS and worst <= 1e-3
    print("ok   " if good else "WRONG", f"{name}: {len(mine)} steps within {worst:.1e}: {theirs[0]:.4f} … {theirs[-1]:.4f}" + ("" if good else f"\n      {theirs}\n      {mine}"), flush=True)
    if not good:
        wrong.append(name)
check(not wrong, "objectives: " + (", ".join(wrong) or "all within 1e-3"))
