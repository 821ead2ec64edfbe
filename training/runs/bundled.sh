#!/usr/bin/env bash
# The run behind model_server/bundled as one script, on two CPU cores in under two hours. The shipped
# weights come from a run steered by hand in these phases, so a new one will differ somewhat. Each step goes on from
# its checkpoint when started again; minutes count from the first start. LOG.md says why the shares change.
#   training/runs/bundled.sh DATA_DIR OUT_DIR
set -euo pipefail
data=$1 out=$2
export OMP_WAIT_POLICY=active
pre=(python -m training.pretrain --data "$data" --out "$out/pre")
sft=(python -m training.sft --data "$data" --model "$out/pre" --out "$out/sft" --top 0.45 --reading 2.5)

python -m training.encyclopedia --data "$data" --out search_adapters/encyclopedia
"${pre[@]}" --minutes 36 --fall-from 1 --passages 0.4 --reading 1 --quiz 0
"${pre[@]}" --minutes 64 --floor 0.35 --passages 0.1 --quiz 0.1 --mix '{"unanswerable": 0.38, "distractors": 1}'
python -m training.probe --data "$data" --model "$out/pre"
"${sft[@]}" --minutes 10 --mix '{"known": 0.6, "search": 0.48, "unanswerable": 0.46}'
"${sft[@]}" --minutes 27.5 --replay 0.04 --decision 4 --quiz 0.12 \
  --mix '{"known": 0.28, "search": 0.8, "talk": 0.12, "follow": 0.09, "unanswerable": 0.33, "distractors": 1}'
cp "$out/pre/verdicts.json" "$out/sft/"
python -m training.sft --data "$data" --model "$out/sft" --out "$out/sft2" --minutes 8 --top 0.24 --replay 0.04 \
  --reading 2.5 --quiz 0.15 --mix '{"known": 0.35, "search": 0.8, "talk": 0.1, "follow": 0.08, "unanswerable": 0.18,
  "distractors": 1, "failures": [28, 38, 28, 3, 3]}'
python -m training.export --model "$out/sft2" --out model_server/bundled
python -m training.agree --model model_server/bundled
python -m training.evaluate --data "$data" --model model_server/bundled --out "$out/results.json" --threads 2
