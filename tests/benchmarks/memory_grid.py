#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory forecast beside what runs really took: method x length x batch x precision x quantisation, two models.

    python3 tests/benchmarks/memory_grid.py [--attune build/release/bin/attune] [--only lora] [--model tiny|starter] [--steps 3]

Each configuration is a short run in a process and a workspace of its own, so that nothing learned earlier helps. Prints a table
and, last, the median and the worst error. Nothing is asserted: a benchmark informs, tests judge (tests/core/planner).
"""
import argparse, itertools, json, os, statistics, subprocess, sys, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
DEPS = Path(os.environ.get("ATTUNE_DEPS_DIR", Path.home() / ".cache/attune/deps"))
MODELS = {"tiny": HERE / "tests/golden/training/model", "starter": DEPS / "models/SmolLM2-135M-Instruct.Q4_1.gguf"}
ROWS = HERE / "datasets/gsm8k/train.jsonl"
GIB = 1 << 30

LORA = {"type": "lora", "r": 16, "lora_alpha": 32, "lora_dropout": 0.0, "target_modules": "all-linear"}


def grid():
    """(model, name, recipe changes): what changes the memory of a run, alone and together."""
    for length, batch, dtype in itertools.product((256, 512, 1024), (1, 4, 8), ("bfloat16", "float32")):
        if (length, batch) != (1024, 8):
            yield "starter", "lora", {"method": LORA, "data": {"max_length": length}, "training": {"batch_size": batch}, "model": {"dtype": dtype}}
    for dtype, optimizer in itertools.product(("bfloat16", "float32"), ("adamw", "adamw_8bit", "lion", "adafactor", "sgd")):
        yield "starter", "full", {"method": {"type": "full"}, "data": {"max_length": 256}, "training": {"batch_size": 2, "optimizer": optimizer}, "model": {"dtype": dtype}}
    yield "starter", "full", {"method": {"type": "full"}, "data": {"max_length": 512}, "training": {"batch_size": 4}, "model": {"dtype": "bfloat16"}}
    for quantization, length in itertools.product(("nf4", "int8", "keep"), (256, 512)):
        yield "starter", "lora " + quantization, {"method": LORA, "data": {"max_length": length}, "training": {"batch_size": 2}, "model": {"dtype": "bfloat16", "quantization": quantization}}
    for rank, accumulation in ((4, 1), (64, 4), (128, 1)):
        yield "starter", f"lora r{rank}", {"method": {**LORA, "r": rank}, "data": {"max_length": 512}, "training": {"batch_size": 2, "gradient_accumulation_steps": accumulation}, "model": {"dtype": "bfloat16"}}
    for method in ({"type": "dora", "r": 16}, {"type": "ia3"}, {"type": "freeze"}, {"type": "bottleneck"}, {"type": "vera"}, {"type": "prompt"}, {"type": "prefix"},
                   {"type": "p_tuning"}, {"type": "layernorm"}, {**LORA, "lora_dropout": 0.1}):
        for length, dtype in ((256, "float32"), (512, "bfloat16")):
            yield "starter", method["type"], {"method": method, "data": {"max_length": length}, "training": {"batch_size": 2}, "model": {"dtype": dtype}}
    for method in ({"type": "dora", "r": 16}, {"type": "ia3"}):  # all others were with "auto", which recomputes here
        yield "starter", method["type"] + " kept", {"method": method, "data": {"max_length": 512}, "training": {"batch_size": 2, "gradient_checkpointing": "false"}, "model": {"dtype": "bfloat16"}}
    for method in (LORA, {"type": "full"}, {"type": "ia3"}, {"type": "prompt"}):
        for length, batch in ((256, 8), (1024, 4)):
            yield "tiny", method["type"], {"method": method, "data": {"max_length": length}, "training": {"batch_size": batch}, "model": {"dtype": "float32"}}


def merged(a, b):
    return {k: merged(a[k], b[k]) if isinstance(a.get(k), dict) and isinstance(b.get(k), dict) else b.get(k, a.get(k)) for k in {**a, **b}}


def measure(attune, folder, model, changes, steps):
    """(forecast, measured peak) in bytes, or a sentence."""
    recipe = merged({"attune_recipe": 1, "name": "grid", "seed": 1, "model": {"base": str(MODELS[model])},
                     "data": {"train": str(folder / "rows.jsonl"), "template": "model" if model == "starter" else "none", "train_on": "completion", "eval_fraction": 0.0},
                     "training": {"max_steps": steps, "learning_rate": 1e-4}, "checkpoints": {"every_steps": 0}, "runtime": {"device": "cpu"}}, changes)
    path = folder / "recipe.json"
    path.write_text(json.dumps(recipe))
    with tempfile.TemporaryDirectory(prefix="attune-grid-") as space:
        p = subprocess.run([attune, "--workspace", space, "--jsonl", "run", "start", str(path)], capture_output=True, text=True)
    events = [json.loads(line) for line in p.stdout.splitlines()]
    if p.returncode:
        return p.stderr.strip().splitlines()[-1][:160] if p.stderr.strip() else f"exit {p.returncode}"
    started, finished = (next(e for e in events if e["event"] == kind) for kind in ("started", "finished"))
    return started["estimate_bytes"], finished["peak_memory_bytes"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attune", default=str(HERE / "build/release/bin/attune"))
    parser.add_argument("--only", default="", help="configurations whose name holds this")
    parser.add_argument("--model", choices=sorted(MODELS))
    parser.add_argument("--steps", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{'model':<8} {'method':<14} {'length':>6} {'batch':>5} {'dtype':<9} {'optimizer':<9} {'forecast':>9} {'measured':>9} {'error':>7}", flush=True)
    errors = []
    with tempfile.TemporaryDirectory(prefix="attune-grid-") as name:
        folder = Path(name)
        rows = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
        (folder / "rows.jsonl").write_text("".join(json.dumps({"prompt": r["question"], "completion": r["answer"]}) + "\n" for r in rows))
        for model, what, changes in grid():
            if arguments.only not in what or (arguments.model or model) != model:
                continue
            head = (f"{model:<8} {what:<14} {changes['data']['max_length']:>6} {changes['training']['batch_size']:>5} {changes['model']['dtype']:<9} "
                    f"{changes['training'].get('optimizer', 'adamw'):<9}")
            result = measure(arguments.attune, folder, model, changes, arguments.steps)
            if isinstance(result, str):
                print(f"{head} {result}", flush=True)
                continue
            errors.append(result[0] / result[1] - 1)
            print(f"{head} {result[0] / GIB:>8.3f}G {result[1] / GIB:>8.3f}G {100 * errors[-1]:>6.1f}%", flush=True)
    if errors:
        print(f"{len(errors)} runs: median error {100 * statistics.median(map(abs, errors)):.1f} %, worst {100 * max(map(abs, errors)):.1f} %")


if __name__ == "__main__":
    sys.exit(main())
