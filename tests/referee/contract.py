# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line's contract where runs are needed, and its rules: fields, types, exit codes, errors as JSON, an empty stdout on errors.

Runs on the tiny Llama of tests/golden/training, so that it takes about a minute. Prints what is wrong and counts what was looked at.
"""
import re, signal, time

from common import *

GOLDEN = ROOT / "tests/golden/training"
MODEL, ROWS = GOLDEN / "model", GOLDEN / "rows.jsonl"
NUMBER = (int, float)
looked, wrong = 0, []


def expect(holds, what):
    global looked
    looked += 1
    if not holds:
        wrong.append(what)
        print("WRONG", what, flush=True)


def fields(value, kinds, what):
    for name, kind in kinds.items():
        if name not in value:
            expect(False, f"{what}: {name} is missing")
        else:
            kind = kind if isinstance(kind, tuple) else (kind,)
            given = value[name]
            good = (given is None and None in kind) or (isinstance(given, tuple(k for k in kind if k is not None)) and (not isinstance(given, bool) or bool in kind))
            expect(good, f"{what}: {name} is {str(given)[:50]!r}")


def refused(args, code, *says, stdin=None):
    """Both with --json and as words: the exit code, an empty stdout, one JSON object on stderr, the wrong value in the message."""
    what = "attune " + " ".join(str(a).rsplit("/", 1)[-1] for a in args)
    p = attune(*args, stdin=stdin, check=False)
    expect(p.returncode == code, f"{what}: exit {p.returncode}, wanted {code}: {p.stderr.strip()[-160:]}")
    expect(not p.stdout, f"{what}: stdout has {p.stdout[:50]!r}")
    try:
        lines = p.stderr.strip().splitlines()
        error = json.loads(lines[-1])["error"]
        fields(error, {"code": str, "message": str, "hint": str, "where": (str, None)}, what)
        expect(re.fullmatch(r"E-\d{3}", error["code"]), f"{what}: code {error['code']}")
        expect(error["message"] and error["hint"], f"{what}: message or hint is empty: {error}")
        text = json.dumps(error, ensure_ascii=False)
        for say in says:
            expect(say in text, f"{what}: does not say {say!r}: {text[:300]}")
    except (ValueError, KeyError, IndexError, TypeError):
        expect(False, f"{what}: no JSON error: {p.stderr[-200:]!r}")
        return {}
    p = attune(*args, stdin=stdin, check=False, flags=())
    expect(p.returncode == code and not p.stdout and not p.stderr.lstrip().startswith("{"), f"{what} without --json: exit {p.returncode}, {p.stderr[:60]!r}")
    return error


def tiny(name="m", steps=6, **more):
    values = dict(name=name, seed=3, model={"base": str(MODEL), "dtype": "float32"},
                  data={"train": str(ROWS), "template": "none", "eval_fraction": 0.2, "max_length": 64, "packing": False}, method={"type": "lora", "r": 4},
                  training={"max_steps": steps, "batch_size": 2, "learning_rate": 1e-2, "warmup_ratio": 0.0}, eval={"every_steps": 3, "metrics": ["loss", "perplexity"], "sample_prompts": ["dog"]},
                  checkpoints={"every_steps": 3}, runtime={"device": "cpu", "threads": 1})
    for key, value in more.items():
        values[key] = {**values.get(key, {}), **value} if isinstance(value, dict) else value
    return recipe(name + ".json", **values)


def section(name):
    print("--", name, flush=True)


section("events of a run")
log = events("run", "start", tiny())
kinds = [e["event"] for e in log]
EVENTS = {
    "started": {"run": str, "folder": str, "steps_total": int, "trainable_parameters": int, "estimate_bytes": int, "device": str},
    "phase": {"name": str, "done": int, "total": int},
    "step": {"step": int, "epoch": NUMBER, "loss": NUMBER, "learning_rate": NUMBER, "grad_norm": NUMBER, "tokens": int, "trained_tokens": int, "tokens_per_second": NUMBER,
             "memory_bytes": int, "seconds": NUMBER},
    "eval": {"step": int, "metrics": dict}, "sample": {"step": int, "prompt": str, "text": str}, "checkpoint": {"step": int, "path": str, "best": bool},
    "alert": {"level": str, "title": str, "evidence": str, "likely": str, "try": str},
    "finished": {"status": str, "run": str, "steps_done": int, "train_loss": NUMBER, "eval_loss": NUMBER, "best_step": (int, None), "tokens": int, "seconds": NUMBER,
                 "peak_memory_bytes": int, "adapter": str},
}
for e in log:
    expect(e["event"] in EVENTS, f"event {e['event']}")
    fields(e, EVENTS.get(e["event"], {}), f"event {e['event']}")
expect(kinds[0] == "started" and kinds[-1] == "finished", f"events begin with {kinds[0]} and end with {kinds[-1]}")
for kind in ("step", "eval", "sample", "checkpoint"):
    expect(kind in kinds, f"no {kind} event")
steps = [e for e in log if e["event"] == "step"]
run_id, finished = log[0]["run"], log[-1]
expect([s["step"] for s in steps] == list(range(1, 7)), f"steps {[s['step'] for s in steps]}")
expect(re.fullmatch(r"m-\d+", run_id), f"id {run_id}")
expect(finished["tokens"] == sum(s["tokens"] for s in steps), "finished.tokens is the sum of the steps'")
expect((Path(finished["adapter"]) / "adapter_model.safetensors").exists(), "finished.adapter holds the adapter")
expect(all(set(e["metrics"]) == {"loss", "perplexity"} for e in log if e["event"] == "eval"), "eval events hold the recipe's metrics")

section("runs")
RUN = {"id": str, "name": str, "status": str, "recipe": (dict, str), "model": str, "method": str, "dataset": str, "steps_done": int, "steps_total": int, "tokens": int, "train_loss": NUMBER,
       "eval_loss": NUMBER, "best_step": (int, None), "tokens_per_second": NUMBER, "peak_memory_bytes": int, "estimate_bytes": int, "started": (str, int, float), "seconds": NUMBER,
       "folder": str, "error": (str, dict, None)}
second = answer("run", "start", tiny("second", method={"r": 2}), "--name", "other")
fields(second, RUN, "run start --json")
expect(second["name"] == "other", f"--name gives {second['name']}")
for command in (("run", "show", run_id), ("run", "show", "m")):
    fields(answer(*command), RUN, " ".join(command))
listed = answer("run", "list")
expect(isinstance(listed, list) and len(listed) == 2, "run list is an array of both")
for r in listed:
    fields(r, RUN, "run list")
metrics = answer("run", "metrics", run_id)
for row in metrics:
    fields(row, {"step": int, "epoch": NUMBER, "split": str, "name": str, "value": NUMBER, "tokens": int, "seconds": NUMBER}, "run metrics")
keys = [(m["step"], m["split"], m["name"]) for m in metrics]
expect(len(keys) == len(set(keys)), "run metrics has a row twice")
expect({m["name"] for m in metrics if m["split"] == "train"} >= {"loss", "learning_rate", "grad_norm", "tokens_per_second", "memory_bytes"}, f"names {sorted({m['name'] for m in metrics})}")
expect({m["name"] for m in metrics if m["split"] == "eval"} == {"loss", "perplexity"}, "metrics of evaluations")
losses = [m for m in metrics if m["name"] == "loss" and m["split"] == "train"]
expect([m["value"] for m in losses] == [s["loss"] for s in steps], "run metrics has the losses of the events")
expect(losses[-1]["tokens"] == sum(s["tokens"] for s in steps), "tokens is cumulative")
text = attune("run", "metrics", run_id, "--format", "csv", flags=()).stdout.splitlines()
expect(text[0] == "step,epoch,split,name,value,tokens,seconds" and len(text) == len(metrics) + 1, f"csv begins {text[0]}")
expect(len([json.loads(l) for l in attune("run", "metrics", run_id, "--format", "jsonl", flags=()).stdout.splitlines()]) == len(metrics), "jsonl of metrics")
both = answer("run", "compare", run_id, second["id"])
fields(both, {"config": list, "metrics": list, "curves": (list, dict)}, "run compare")
for row in both["config"]:
    expect(len(row["values"]) == 2, "two values a key")
differing = answer("run", "compare", run_id, second["id"], "--differences-only")
expect(any(r["key"] == "method.r" for r in differing["config"]) and len(differing["config"]) < len(both["config"]), "--differences-only")
expect(all(r["values"][0] != r["values"][1] for r in differing["config"]), "--differences-only holds equal rows")

section("stop, pause, resume from another process")
def background(name, steps=4000):
    path = tiny(name, steps, eval={"every_steps": 0, "sample_prompts": []}, checkpoints={"every_steps": 1000})
    p = subprocess.Popen([str(BIN), "--workspace", str(WORKSPACE), "--jsonl", "run", "start", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = json.loads(p.stdout.readline())
    while json.loads(p.stdout.readline())["event"] != "step":
        pass
    return p, first["run"]
p, r = background("stopped")
fields(answer("run", "stop", r), {**RUN, "eval_loss": (int, float, None)}, "run stop")
out = [json.loads(l) for l in p.communicate(timeout=60)[0].splitlines()]
expect(p.returncode == 0 and out[-1]["event"] == "finished" and out[-1]["status"] == "stopped", f"stopped from outside: exit {p.returncode}, {out[-1]}")
expect(any(e["event"] == "checkpoint" for e in out), "a stop writes a checkpoint")
done = answer("run", "show", r)["steps_done"]
resumed = events("run", "resume", r, "--set", f"training.max_steps={done + 3}") if "--set" in attune("run", "resume", "--help", flags=()).stdout else None
if resumed:
    expect(resumed[0]["event"] == "started" and resumed[-1]["status"] == "completed", f"resumed: {resumed[0]['event']} {resumed[-1]}")
p, r = background("interrupted")
p.send_signal(signal.SIGINT)
out = [json.loads(l) for l in p.communicate(timeout=60)[0].splitlines()]
expect(p.returncode == 130 and any(e["event"] == "checkpoint" for e in out), f"Ctrl-C: exit {p.returncode}")
p, r = background("locked")
refused(("run", "resume", r), 9, r)
refused(("run", "rm", r), 9, r)
answer("run", "pause", r)
for _ in range(100):
    if answer("run", "show", r)["status"] == "paused":
        break
    time.sleep(0.1)
expect(answer("run", "show", r)["status"] == "paused", f"paused: {answer('run', 'show', r)['status']}")
answer("run", "resume", r)
time.sleep(0.5)
expect(answer("run", "show", r)["status"] in ("running", "training"), f"woken: {answer('run', 'show', r)['status']}")
answer("run", "stop", r)
p.communicate(timeout=60)
p, r = background("killed", 40)
p.kill(), p.communicate()
status = answer("run", "show", r)["status"]
expect(status not in ("running", "training"), f"after kill -9 the run is {status}")
again = events("run", "resume", r)
expect(again[0]["event"] == "started" and again[-1]["status"] == "completed", f"resume after kill -9: {again[-1]}")
doubled = [(m["step"], m["split"], m["name"]) for m in answer("run", "metrics", r)]
expect(len(doubled) == len(set(doubled)) and max(m[0] for m in doubled) == 40, "after a resume metrics are there once")
answer("run", "rm", r)
refused(("run", "show", r), 4, r)
refused(("run", "show", "nosuch-run"), 4, "nosuch-run")

section("using a run")
fields(answer("eval", "-m", run_id, "--data", ROWS, "--metrics", "loss,perplexity"), {"metrics": {}.__class__, "rows": int, "seconds": NUMBER}, "eval")
refused(("eval", "-m", run_id, "--data", ROWS, "--metrics", "los"), 2, "los", "loss")
fields(answer("generate", "-m", run_id, "--prompt", "dog", "--max-tokens", 4), {"text": str, "tokens": int, "tokens_per_second": NUMBER}, "generate")
one, two = (answer("generate", "-m", run_id, "--raw", "dog", "--max-tokens", 5, "--temperature", 0)["text"] for _ in range(2))
expect(one == two, "greedy answers repeat")
expect(answer("generate", "-m", run_id, "--raw", "dog", "--max-tokens", 5, "--temperature", 0, "--adapter-scale", 0)["text"]
       == answer("generate", "-m", MODEL, "--raw", "dog", "--max-tokens", 5, "--temperature", 0)["text"], "--adapter-scale 0 is the base")
messages = write_rows("messages.json", [[{"role": "user", "content": "dog"}]])
EXPORT = {"path": str, "bytes": int, "sha256": str, "verified": bool, "parity": (dict, None)}
for target, name in (("peft", "p"), ("merged", "merged")):
    out = TEMP / f"export-{name}"
    made = answer("export", target, run_id, "--out", out)
    fields(made, EXPORT, f"export {target}")
    expect(out.is_dir(), f"export {target} --out is a folder")
    if made.get("parity"):
        fields(made["parity"], {"tokens": int, "mean_kl": NUMBER, "top1_agreement": NUMBER, "max_abs_diff": NUMBER}, f"export {target} parity")
unverified = answer("export", "merged", run_id, "--out", TEMP / "plain", "--no-verify")
expect(unverified["verified"] is False and unverified["parity"] is None, f"--no-verify: {unverified}")
for checkpoint in ("last", "3"):
    answer("export", "peft", run_id, "--out", TEMP / f"at-{checkpoint}", "--checkpoint", checkpoint)
refused(("export", "peft", run_id, "--out", TEMP / "at-7", "--checkpoint", "7"), 4, "7")
refused(("export", "gguf", run_id, "--out", TEMP / "x.gguf", "--type", "Q9_Z"), 2, "Q9_Z")

section("recipes")
schema = answer("recipe", "schema")
expect(isinstance(schema, list), "recipe schema is an array")
for option in schema:
    for key in ("key", "type", "default", "label", "help"):
        expect(key in option, f"schema of {option.get('key')}: {key} is missing")
new = attune("recipe", "new", flags=()).stdout
expect("#" in new and "attune_recipe: 1" in new, "recipe new is commented YAML")
import yaml
loaded = yaml.safe_load(new)
expect(isinstance(loaded["training"]["learning_rate"], float), f"PyYAML reads the rate as {loaded['training']['learning_rate']!r}")
ok = answer("recipe", "check", tiny("checked"))
fields(ok, {"ok": bool, "warnings": list, "steps_total": int, "steps_exact": bool, "trainable_parameters": int, "estimate_bytes": int}, "recipe check")
started = next(e for e in events("run", "start", tiny("checked", 2)) if e["event"] == "started")
expect(ok["trainable_parameters"] == started["trainable_parameters"], "check and run count the same parameters")
for extra, says in ((["--set", "method.rr=4"], "method.r"), (["--set", "training.lerning_rate=1"], "training.learning_rate"), (["--set", "method.r=-1"], "method.r"),
                    (["--set", "model.dtype=bfloat"], "bfloat16"), (["--set", "training.batch_size=lots"], "training.batch_size"), (["--set", "eval.metrics=los"], "loss"),
                    (["--set", "method.type=lorra"], "lora"), (["--set", "objective.type=dpoo"], "dpo"), (["--set", "objective.type=dpo"], "chosen"),
                    (["--set", "objective.type=mlm"], "mlm"), (["--set", "objective.type=classification"], "label"), (["--set", "model.quantization=keep"], "GGUF"),
                    (["--set", "method.type=full", "--set", "model.quantization=nf4"], "nf4"), (["--set", "objective.type=distill"], "teacher"),
                    (["--set", "method.target_modules=q_prj"], "q_proj"), (["--set", "data.max_length=0"], "data.max_length"), (["--set", "training.learning_rate=nan"], "learning_rate")):
    refused(("recipe", "check", tiny("bad"), *extra), 3, says)
many = refused(("recipe", "check", recipe("many.json", model={"base": str(MODEL)}, data={"train": str(ROWS)}, method={"rr": 1}, trainin={"max_steps": 3})), 3)
expect(len(many.get("errors", [])) == 2, f"all errors of a recipe: {many.get('errors')}")
for e in many.get("errors", []):
    fields(e, {"key": str, "message": str, "hint": str}, "errors")
refused(("recipe", "check", TEMP / "nosuch.yaml"), 3, "nosuch.yaml")
(TEMP / "broken.yaml").write_text("model: [unclosed\n  : :")
refused(("recipe", "check", TEMP / "broken.yaml"), 3, "broken.yaml")
minimal = answer("recipe", "check", recipe("minimal.json", model={"base": str(MODEL)}, data={"train": str(ROWS), "template": "none"}))
expect(minimal["ok"] is True, "model.base and data.train are enough")
(TEMP / "number.yaml").write_text(f"attune_recipe: 1\nmodel: {{base: {MODEL}}}\ndata: {{train: {ROWS}, template: none}}\ntraining: {{learning_rate: 2e-4, epochs: 1}}\n")
expect(answer("recipe", "check", TEMP / "number.yaml")["ok"] is True, "2e-4 and an alias are accepted")
refused(("recipe", "check", recipe("nomodel.json", model={"base": "nosuch-model"}, data={"train": str(ROWS)})), 4, "nosuch-model")
refused(("recipe", "check", recipe("nodata.json", model={"base": str(MODEL)}, data={"train": "nosuch-data"})), 4, "nosuch-data")

section("usage")
for args, says in ((("rnu", "list"), "run"), (("run", "lst"), "list"), (("run", "list", "--jsn"), "--json"), (("data", "import", ROWS, "--name", "a b"), "a b"),
                   (("data", "import", ROWS, "--name", "../x"), "../x"), (("run", "start", tiny("named"), "--name", "a/b"), "a/b"), (("model", "add", MODEL, "--name", "x" * 101), "x" * 101),
                   (("export", "pefft", run_id, "--out", "x"), "peft")):
    refused(args, 2, says)
expect(not any(d["name"] in ("a b", "../x") for d in answer("data", "list")), "a bad name writes nothing")

section("models")
(TEMP / "alien").mkdir()
(TEMP / "alien/config.json").write_text(json.dumps({"architectures": ["MambaForCausalLM"], "model_type": "mamba", "hidden_size": 8}))
import numpy as np
from safetensors.numpy import save_file
save_file({"backbone.layers.0.mixer.A_log": np.zeros((2, 2), np.float32)}, TEMP / "alien/model.safetensors")
alien = answer("model", "info", TEMP / "alien")
expect(alien["trainable"] is False and "MambaForCausalLM" in alien["reason"], f"unknown architecture: {alien['reason']}")
refused(("run", "start", recipe("alien.json", model={"base": str(TEMP / "alien")}, data={"train": str(ROWS)})), 4, "MambaForCausalLM")
(TEMP / "cut.gguf").write_bytes(GGUF.read_bytes()[:100_000])
refused(("model", "info", TEMP / "cut.gguf"), 4, "cut.gguf")
refused(("model", "info", TEMP / "nosuch.gguf"), 4, "nosuch.gguf")
refused(("logits", "-m", MODEL, "--out", TEMP / "l.safetensors"), 4, "99999", stdin=[{"ids": [1, 99999]}])
refused(("tokenize", "-m", MODEL), 4, "text", stdin=[{"txt": "a"}])

section("adapters for another base")
refused(("logits", "-m", GGUF, "--adapter", finished["adapter"], "--out", TEMP / "l.safetensors"), 4, "layers", stdin=[{"ids": [1, 2]}])

section("preferences and labels")
pairs = [{"prompt": f"say {i}", "chosen": " yes", "rejected": "" if i == 7 else " no"} for i in range(24)]
told = answer("recipe", "check", tiny("pairs", data={"train": str(write_rows("pairs.jsonl", pairs))}, objective={"type": "dpo"}, eval={"metrics": ["loss"], "sample_prompts": []}))
expect(any("rejected" in w and "7" in w for w in told["warnings"]), f"a row without a rejected answer is named: {told['warnings']}")
labelled = [{"text": f"row {i}", "label": "maybe" if i == 5 else "yes" if i % 2 else "no"} for i in range(24)]
refused(("recipe", "check", tiny("labels", data={"train": str(write_rows("labels.jsonl", labelled))}, objective={"type": "classification", "labels": ["yes", "no"]},
                                 eval={"metrics": ["loss"], "sample_prompts": []})), 4, "maybe")

check(not wrong, f"{looked} facts looked at, {len(wrong)} wrong")
