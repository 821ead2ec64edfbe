#!/usr/bin/env bash
# A tiny model from nothing to measured, with the code and the commands that a large one takes: pretrained on people
# who never lived, probed, taught by its own verdicts, served and asked. Needs no GPU.
#   training/runs/quick.sh [OUT_DIR]          the size that could learn something (21 minutes on two busy cores)
#   training/runs/quick.sh --short [OUT_DIR]  the same steps on a world that is too small to learn well, for CI (a minute and a half)
# Each step goes on where it was, or is left out, when the script is started again. Needs the extra `train`.
set -euo pipefail
cd "$(dirname "$0")/../.."
size=full
if [ "${1:-}" = --short ]; then size=short; shift; fi
out=${1:-training/out/quick}
python=${PYTHON:-python3}
case $size in
  full)  world=(--shape small --often 200 --grade 8 --exercises 0.5 --tail 1500 --famous 20); count=1500 epochs=4 each=40 ;;
  short) world=(--shape tiny --often 24 --grade 1 --exercises 0.7 --tail 50 --famous 4); count=160 epochs=2 each=8 ;;
esac
mkdir -p "$out"
out=$(cd "$out" && pwd)
orson() { "$python" -m app.cli "$@"; }
step() { printf '\n==> %s (%s s)\n' "$*" "$SECONDS"; }

# What a gateway on a model of ours is told; everything else is its default.
export ORSON_TEACHING=trained ORSON_TEMPERATURE=0 ORSON_MAX_TOKENS=64 ORSON_RESULTS_TOKENS=256 \
  ORSON_RESULTS_PER_QUERY=2 ORSON_SEARCH=local ORSON_ENCYCLOPEDIA=off ORSON_LOG_LEVEL=warning \
  HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false

# served MODEL FOLDER COMMAND...: a gateway on a model, for as long as the command runs
served() {
  local model=$1 data=$2 port
  shift 2
  port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  ORSON_MODEL=$model ORSON_DATA_DIR=$data "$python" -m app.cli serve --port "$port" >"$out/serve.log" 2>&1 &
  server=$!
  trap 'kill $server 2>/dev/null || true' EXIT
  for _ in $(seq 600); do
    if "$python" -c 'import sys, urllib.request as u
u.build_opener(u.ProxyHandler({})).open(sys.argv[1], timeout=2)' "http://127.0.0.1:$port/readyz" 2>/dev/null; then break; fi
    kill -0 $server 2>/dev/null || { tail -20 "$out/serve.log" >&2; return 1; }
    sleep 0.5
  done
  ORSON_DATA_DIR=$data "$@" --url "http://127.0.0.1:$port"
  kill $server
  wait $server 2>/dev/null || true
  trap - EXIT
}

step "pretraining"
"$python" -m training.claims.base_model --out "$out/base" "${world[@]}" --plain
[ -e "$out/hf/orson-nano.gguf" ] || "$python" -m training.export --model "$out/base" --out "$out/hf"
"$python" -m training.claims.handout --base "$out/base" --out "$out/handout" --each $each

step "questions"
orson data questions --documents "$out/handout/facts.jsonl" --templates "$out/handout/wordings.json" \
  --dev 5 --test 0 --out "$out/questions.jsonl"

step "probe: what does it know?"
served "$out/hf/orson-nano.gguf" "$out/base-data" orson probe "$out/questions.jsonl" --system '' --out "$out/verdicts.jsonl"

step "conversations"
orson data compose "$out/verdicts.jsonl" --documents "$out/handout/documents" --tokenizer "$out/hf" \
  --templates "$out/handout/wordings.json" --results 2 --results-tokens 256 --count $count --out "$out/conversations.jsonl"

step "fine-tuning"
[ -e "$out/sft/summary.json" ] || orson train sft "$out/conversations.jsonl" --model "$out/hf" --out "$out/sft" \
  --epochs $epochs --rate 2e-3 --batch 8 --longest 512

step "before and after, through running gateways"
for model in base sft; do
  case $model in
    base) gguf=$out/hf/orson-nano.gguf ;;
    sft) gguf=$out/sft/model/sft.gguf ;;
  esac
  ORSON_DATA_DIR="$out/$model-data" orson index "$out/handout/documents" >/dev/null
  served "$gguf" "$out/$model-data" orson eval --suite "$out/handout/suite.jsonl" --fresh --json >"$out/$model.json"
done
"$python" - "$out" <<'PY'
import json, sys
from pathlib import Path

found = [json.loads(Path(sys.argv[1], f"{name}.json").read_text()) for name in ("base", "sft")]
found = [body[0] if isinstance(body, list) else body for body in found]
print(f"{'':32}{'before':>10}{'after':>10}")
for name in found[1]["metrics"]:
    print(f"{name:32}" + "".join(f"{body['metrics'].get(name, float('nan')) or 0:10.3f}" for body in found))
PY
step "done"
