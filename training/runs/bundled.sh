#!/usr/bin/env bash
# The whole run behind model_server/bundled, on two CPU cores in about an hour and a half.
#   training/runs/bundled.sh DATA_DIR OUT_DIR
set -euo pipefail
data=$1 out=$2
python -m training.encyclopedia --data "$data" --out search_adapters/encyclopedia
python -m training.pretrain --data "$data" --out "$out/pre" --minutes "${PRETRAIN_MINUTES:-62}"
python -m training.probe --data "$data" --model "$out/pre"
python -m training.sft --data "$data" --model "$out/pre" --out "$out/sft" --minutes "${SFT_MINUTES:-22}"
python -m training.export --model "$out/sft" --out model_server/bundled
python -m training.agree --model model_server/bundled
python -m training.evaluate --data "$data" --model model_server/bundled --out "$out/results.json"
