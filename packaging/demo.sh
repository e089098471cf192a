#!/usr/bin/env bash
# The whole road without a window: import, train, evaluate, export, run the result in llama.cpp.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
attune="$here/../build/release/bin/attune"
share="$here/../build/release/share/attune"
workspace="${ATTUNE_DEMO_WORKSPACE:-$(mktemp -d -t attune-demo-XXXXXX)}"
say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
a() { "$attune" --workspace "$workspace" "$@"; }
# field NAME: the text or number of a field in a line of JSON
field() { sed -n "s/.*\"$1\":\"\\{0,1\\}\\([^\",}]*\\).*/\\1/p" | head -n 1; }

say "Model and data"
a model list --json | grep -q '"name":"smollm2-135m-instruct"' || a model add "$share/models/SmolLM2-135M-Instruct.Q4_1.gguf" --name smollm2-135m-instruct
a data list --json | grep -q '"name":"gsm8k"' || a data import "$share/datasets/gsm8k/train.jsonl" --name gsm8k
a data list --json | grep -q '"name":"gsm8k-eval"' || a data import "$share/datasets/gsm8k/eval.jsonl" --name gsm8k-eval
recipe="$workspace/demo.yaml"
cat > "$recipe" <<'YAML'
attune_recipe: 1
name: demo
seed: 42
model:
  base: smollm2-135m-instruct
data:
  train: gsm8k
  eval: gsm8k-eval
  max_length: 512
method:
  type: lora
  r: 16
  lora_alpha: 32
training:
  max_steps: 20
  batch_size: 4
  learning_rate: 5.0e-04
eval:
  every_steps: 10
  max_rows: 32
  sample_prompts: ["Tom has 3 boxes with 4 pencils each. How many pencils has he?"]
YAML
a recipe check "$recipe"
say "Training: LoRA, 20 steps of 2 048 tokens"
events="$workspace/demo-events.jsonl"
a run start "$recipe" --jsonl | tee "$events" | while IFS= read -r line; do
    case "$line" in
        *'"event":"step"'*) printf '  step %s  loss %s  %s tokens/s\n' "$(field step <<<"$line")" "$(field loss <<<"$line")" "$(field tokens_per_second <<<"$line")" >&2 ;;
        *'"event":"eval"'*) printf '  eval %s\n' "$line" >&2 ;;
    esac
done
run=$(grep '"event":"started"' "$events" | field run)
grep -q '"event":"finished".*"status":"completed"' "$events" || { echo "The run did not complete; see $workspace/runs/$run/log.txt" >&2; exit 1; }
say "Evaluating the base model and the run on rows it has not seen"
a eval -m smollm2-135m-instruct --data gsm8k-eval --metrics loss,perplexity --limit 32
a eval -m "$run" --data gsm8k-eval --metrics loss,perplexity --limit 32
say "Exporting a GGUF adapter and checking it in llama.cpp"
adapter="$workspace/exports/demo-lora.gguf"
mkdir -p "$workspace/exports"
rm -f "$adapter"
result=$(a --json export gguf-lora "$run" --out "$adapter")
echo "$result"
[[ "$result" == *'"verified":true'* ]] || { echo "The adapter was not verified." >&2; exit 1; }
say "Asking it in llama.cpp"
a generate -m smollm2-135m-instruct --adapter "$adapter" --engine llama --max-tokens 80 \
    --prompt "Tom has 3 boxes with 4 pencils each. How many pencils has he?"
say "Done"
cat >&2 <<TEXT
workspace   $workspace
run         $workspace/runs/$run
adapter     $adapter
base model  $share/models/SmolLM2-135M-Instruct.Q4_1.gguf
TEXT
