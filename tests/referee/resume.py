# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 in the middle of a run, then `run resume`: bit-identical adapter, one metrics row per step, database intact."""
import os, signal, sqlite3, time
from common import *

data = [{"prompt": r["question"], "completion": r["answer"]} for r in rows()[:120]]
attune("data", "import", write_rows("rows.jsonl", data), "--name", "rows", "--map", "prompt=prompt,completion=completion")
STEPS = 24
path = recipe("resume.json", name="killed", seed=5, model={"base": str(GGUF)}, data={"train": "rows", "eval_fraction": 0.0, "max_length": 256},
              method={"type": "lora", "r": 4, "lora_dropout": 0.1}, training={"max_steps": STEPS, "batch_size": 1}, checkpoints={"every_steps": 5}, runtime={"device": "cpu"})
whole = events("run", "start", path)[-1]
p = subprocess.Popen([str(BIN), "--workspace", str(WORKSPACE), "--jsonl", "run", "start", str(path)], stdout=subprocess.PIPE, text=True)
run = None
for line in p.stdout:
    e = json.loads(line)
    run = e.get("run", run)
    if e["event"] == "step" and e["step"] == 13:
        os.kill(p.pid, signal.SIGKILL)
        break
p.wait()
check(answer("run", "show", run)["status"] == "interrupted", "a killed run shows as interrupted")
done = events("run", "resume", run)[-1]
check(done["status"] == "completed", "it resumes and completes")
a, b = ((Path(x["adapter"]) / "adapter_model.safetensors").read_bytes() for x in (whole, done))
check(a == b, "its adapter is bit-identical to the uninterrupted run's")
metrics = [m for m in answer("run", "metrics", run) if m["name"] == "loss" and m["split"] == "train"]
check([m["step"] for m in metrics] == list(range(1, STEPS + 1)), "one loss row per step")
check(sqlite3.connect(WORKSPACE / "attune.sqlite").execute("pragma integrity_check").fetchone()[0] == "ok", "the database is intact")
