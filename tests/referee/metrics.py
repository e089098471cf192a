# SPDX-License-Identifier: GPL-3.0-or-later
"""What `attune eval` says beside sacrebleu, rouge_score and scikit-learn on the same answers and classes (<= 1e-6)."""
import numpy as np, sacrebleu, torch, transformers
from common import *
from rouge_score import rouge_scorer
from sklearn import metrics as sk

GOLDEN = ROOT / "tests/golden/training"
found = []


def same(name, mine, theirs):
    good = abs(mine - theirs) <= 1e-6 * max(1.0, abs(theirs))
    print("ok   " if good else "WRONG", f"{name}: {mine:.9f}, reference {theirs:.9f}", flush=True)
    found.append(good)


def runs(name, rows, objective, metric, steps=30, **training):
    path = recipe(f"{name}.json", name=name, seed=2, model={"base": str(GOLDEN / "model"), "dtype": "float32"},
                  data={"train": str(write_rows(f"{name}.jsonl", rows)), "template": "none", "eval_fraction": 0.0, "max_length": 64, "packing": False}, objective=objective,
                  method={"type": "lora", "r": 4}, training={"max_steps": steps, "batch_size": 8, "learning_rate": 1e-2, "warmup_ratio": 0.0, **training}, runtime={"device": "cpu", "threads": 1})
    run = events("run", "start", path)[-1]["run"]
    return run, answer("eval", "-m", run, "--data", TEMP / f"{name}.jsonl", "--template", "none", "--max-length", 64, "--metrics", ",".join(metric), "--dtype", "float32")


tok = transformers.AutoTokenizer.from_pretrained(GOLDEN / "model")
words = "red green blue one two three four cat dog bird".split()
rng = np.random.default_rng(3)

# ---- texts: answers of `generate` and those that `eval` made are the same, greedy ones
rows = [{"prompt": " ".join(rng.choice(words, 3)) + " ->", "completion": " " + " ".join(rng.choice(words, int(rng.integers(1, 6))))} for _ in range(24)]
names = ["bleu", "chrf", "rouge1", "rouge2", "rougeL", "rougeLsum", "exact_match"]
run, measured = runs("texts", rows, {"type": "sft"}, names, 60)
longest = max(len(tok(r["completion"])["input_ids"]) for r in rows)
answers = measured.get("answers")
if answers is None:
    answers = [answer("generate", "-m", run, "--raw", r["prompt"], "--temperature", 0, "--max-tokens", 256, "--dtype", "float32")["text"] for r in rows]
references = [r["completion"] for r in rows]
mine = measured["metrics"]
print({k: round(v, 4) for k, v in mine.items()}, answers[:3], references[:3])
clean = [[a.strip() for a in answers], [r.strip() for r in references]]
same("bleu", mine["bleu"], sacrebleu.corpus_bleu(answers, [references]).score)
same("chrf", mine["chrf"], sacrebleu.corpus_chrf(answers, [references]).score)
for name in ("rouge1", "rouge2", "rougeL", "rougeLsum"):
    scorer = rouge_scorer.RougeScorer([name])
    same(name, mine[name], float(np.mean([scorer.score(r, a)[name].fmeasure for a, r in zip(answers, references)])))
same("exact_match", mine["exact_match"], float(np.mean([a == r for a, r in zip(*clean)])))

# ---- classes
labelled = [{"text": " ".join(rng.choice(words, 4)), "label": str(rng.choice(["a", "b", "c", "d"], p=[0.5, 0.3, 0.15, 0.05]))} for _ in range(80)]
names = ["accuracy", "precision", "recall", "f1", "mcc", "precision_macro", "recall_macro", "f1_macro", "f1_micro", "f1_weighted"]
run, measured = runs("classes", labelled, {"type": "classification"}, names, 12)
labels = sorted({r["label"] for r in labelled})
from safetensors.numpy import load_file
attune("logits", "-m", run, "--dtype", "float32", "--out", TEMP / "classes.safetensors", stdin=[{"ids": tok(r["text"])["input_ids"]} for r in labelled], flags=())
scores = load_file(str(TEMP / "classes.safetensors"))
predicted = [labels[int(scores[f"{i}.logits"].argmax())] for i in range(len(labelled))]
actual = [r["label"] for r in labelled]
mine = measured["metrics"]
print({k: round(v, 4) for k, v in mine.items()})
same("accuracy", mine["accuracy"], sk.accuracy_score(actual, predicted))
same("mcc", mine["mcc"], sk.matthews_corrcoef(actual, predicted))
for name, function in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
    for average in ("macro", "micro", "weighted"):
        if f"{name}_{average}" in mine:
            same(f"{name}_{average}", mine[f"{name}_{average}"], function(actual, predicted, average=average, zero_division=0))
if "confusion_matrix" in measured:
    check((np.array(measured["confusion_matrix"]) == sk.confusion_matrix(actual, predicted, labels=labels)).all(), "confusion matrix as scikit-learn's")

# ---- numbers
numbers = [{"text": " ".join(rng.choice(words, 4)), "label": float(round(rng.normal(), 3))} for _ in range(40)]
run, measured = runs("numbers", numbers, {"type": "regression"}, ["mse", "mae", "pearson", "spearman"], 12)
attune("logits", "-m", run, "--dtype", "float32", "--out", TEMP / "numbers.safetensors", stdin=[{"ids": tok(r["text"])["input_ids"]} for r in numbers], flags=())
scores = load_file(str(TEMP / "numbers.safetensors"))
predicted, actual = np.array([float(scores[f"{i}.logits"][0]) for i in range(len(numbers))]), np.array([r["label"] for r in numbers])
from scipy import stats
mine = measured["metrics"]
for name, value in (("mse", sk.mean_squared_error(actual, predicted)), ("mae", sk.mean_absolute_error(actual, predicted)), ("pearson", stats.pearsonr(actual, predicted)[0]),
                    ("spearman", stats.spearmanr(actual, predicted)[0])):
    same(name, mine[name], float(value))
check(all(found), f"{len(found)} metrics equal the references to 1e-6")
