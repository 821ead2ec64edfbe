#!/usr/bin/env bash
# What reinforcement learning changes over fine-tuning: the bundled model practises on pages with invented names, answers
# made by the loop that serves, and is asked before and after about pages that no training shows.
#   training/runs/rl.sh DATA_DIR [OUT_DIR]        DATA_DIR as in docs/training.md
# Needs the extra `train`; STEPS=40 takes half an hour on two cores. Started again, it goes on from its last checkpoint.
set -euo pipefail
cd "$(dirname "$0")/../.."
data=$1 out=${2:-training/out/rl}
python=${PYTHON:-python3}
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false ORSON_ENCYCLOPEDIA=off
mkdir -p "$out"
"$python" -m model_server.unpack model_server/bundled "$out/sft"
[ -e "$out/questions.jsonl" ] || "$python" -m training.pages.handout --data "$data" --out "$out" --each 4
"$python" -m app.cli train rl "$out/questions.jsonl" --model "$out/sft" --documents "$out/documents" --out "$out/rl" \
  --steps "${STEPS:-40}" --prompts 8 --group 8 --rate "${RATE:-1e-5}" --results 1 --tokens 48 --kept 100 --checkpoint-steps 10
