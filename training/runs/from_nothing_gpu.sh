#!/usr/bin/env bash
# A model from nothing on a GPU: pretrain, probe, fine-tune and export by the clock, in ten minutes or as long as you give.
#   training/runs/from_nothing_gpu.sh --prepare DATA_DIR READY_DIR   once, without a GPU: 12 MB with all that training reads
#   training/runs/from_nothing_gpu.sh READY_DIR OUT_DIR [SECONDS]    the run; 540 s in all unless told otherwise
# Needs torch, numpy, tokenizers and safetensors; gguf for the GGUF, which can be made elsewhere too.
# Each stage goes on from its checkpoint when the script is started again with the same SECONDS; one that is done takes
# a few seconds. A short run (SECONDS=60) proves a machine. Without a GPU it is far too slow for these sizes; set smaller ones:
#   WIDTH=64 LAYERS=2 VOCAB=1024 ROWS=4 LENGTH=513 WORKERS=1 COMPILE=no training/runs/from_nothing_gpu.sh READY_DIR OUT_DIR 60
# Its fine-tuning has run on an H100 and an H200 (bundled.sh), this script as a whole only in that small form.
set -euo pipefail
python=${PYTHON:-python3}
export TOKENIZERS_PARALLELISM=false PYTHONPATH=${PYTHONPATH:-$(cd "$(dirname "$0")/../.." && pwd)}
if [ "$1" = --prepare ]; then
  exec "$python" -m training.prepare --data "$2" --out "$3" --vocab "${VOCAB:-4096}"
fi
ready=$1 out=$2 total=${3:-540}
cores=$(nproc)
workers=${WORKERS:-$((cores > 10 ? 8 : cores > 2 ? cores - 2 : 1))}
shared=(--data "$ready" --device "${DEVICE:-auto}" --workers "$workers" --rows "${ROWS:-64}" --length "${LENGTH:-1025}" --save-every 60)
[ "${COMPILE:-yes}" = yes ] || shared+=(--no-compile)
share() { "$python" -c 'import sys; print(float(sys.argv[1]) * float(sys.argv[2]) / 60)' "$total" "$1"; }
step() { printf '\n==> %s (%s s)\n' "$*" "$SECONDS"; }

step "pretraining"
mkdir -p "$out/pre" "$out/sft" "$out/release" "$out/parcel"
cp "$ready/tokenizer.json" "$out/pre/tokenizer.json"
"$python" -m training.pretrain "${shared[@]}" --out "$out/pre" --minutes "$(share 0.64)" --early "${EARLY:-6000000}" \
  --vocab "${VOCAB:-4096}" --width "${WIDTH:-256}" --layers "${LAYERS:-9}" \
  --warmup "${WARMUP:-200}" --fall-from 0.4 --floor 0.15 --passages 0.1 --reading 2 --quiz 0.12 \
  --mix '{"known": 0.4, "search": 0.55, "unanswerable": 0.3, "drills": 0.4}'

step "probing"
[ "$out/pre/verdicts.json" -nt "$out/pre/checkpoint.pt" ] ||
  "$python" -m training.probe --data "$ready" --model "$out/pre" --device "${DEVICE:-auto}" --rows 4096 --pad 16

step "fine-tuning"
"$python" -m training.sft "${shared[@]}" --model "$out/pre" --out "$out/sft" --minutes "$(share 0.26)" \
  --top 0.3 --floor 0.01 --replay 0.05 --quiz 0.12 --reading 2.5 --decision 3 \
  --mix '{"known": 0.32, "search": 0.8, "talk": 0.08, "general": 0.04, "follow": 0.07, "chain": 0.1, "recall": 0.03,
  "unanswerable": 0.2, "drills": 0.35, "failures": [20, 20, 45, 10, 5], "distractors": 2}'

step "exporting"
"$python" -c 'import gguf' 2>/dev/null && gguf=() || gguf=(--no-gguf)
"$python" -m training.export --model "$out/sft" --out "$out/release" --half "${gguf[@]}"
"$python" -m training.export --model "$out/pre" --out "$out/pre/export" --half --no-gguf >/dev/null

# What is worth carrying home from a lent machine, in three files: `training.export` makes the GGUF from these.
cp "$out/release/model.safetensors" "$out/parcel/model.safetensors"
cp "$out/pre/export/model.safetensors" "$out/parcel/pretrained.safetensors"
cp "$out/pre/log.jsonl" "$out/release/pretrain.jsonl"
cp "$out/sft/log.jsonl" "$out/release/sft.jsonl"
cp "$out/pre/verdicts.json" "$out/release/verdicts.json"
tar -czf "$out/parcel/rest.tar.gz" -C "$out/release" --exclude='*.safetensors' --exclude='*.gguf' .
ls -l "$out/parcel"
step "done"
