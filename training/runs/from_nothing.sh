#!/usr/bin/env bash
# The run behind the releases before the pretrained base, as one script: 2 million parameters from nothing. The first was
# trained on two CPU cores in under two hours, steered by hand in the phases of `first`; `second` goes on from its exported weights
# on one core and counts tokens, not minutes; `third` likewise, on texts of random words. A new run will differ somewhat. Each step
# goes on from its checkpoint when started again; minutes count from the first start. LOG.md says why the shares change.
#   training/runs/from_nothing.sh DATA_DIR OUT_DIR          from nothing
#   training/runs/from_nothing.sh DATA_DIR OUT_DIR RELEASE  on from the first release, a folder with its export
#
# `first` reads the texts and wordings of this checkout, which are more than those the first release saw.
set -euo pipefail
data=$1 out=$2 release=${3:-}
export OMP_WAIT_POLICY=active

first() {
  local pre=(python -m training.pretrain --data "$data" --out "$out/pre")
  local sft=(python -m training.sft --data "$data" --model "$out/pre" --out "$out/sft" --top 0.45 --reading 2.5)
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
  python -m training.export --model "$out/sft2" --out "$out/release"
}

second() {
  local on=(python -m training.sft --data "$data")
  # Stopped at 613,300 of 3,000,000 tokens, when the new texts were ready.
  "${on[@]}" --model "$release" --out "$out/run0" --tokens 613300 --fall-from 1 --top 0.45 --seed 201 \
    --replay 0.08 --passages 0.05 --quiz 0.15 --reading 2.5 --decision 3 \
    --mix '{"known": 0.35, "search": 0.8, "unanswerable": 0.35, "failures": [15, 20, 50, 10, 5]}'
  local mix='"search": 0.8, "talk": 0.1, "general": 0.04, "follow": 0.07, "chain": 0.1, "recall": 0.03,
    "unanswerable": 0.2, "failures": [15, 15, 55, 10, 5], "distractors": 1}'
  # The first 0.29 million of these saw two distractors and --passages 0.05.
  "${on[@]}" --model "$out/run0" --out "$out/run1" --tokens 9000000 --fall-from 1 --top 0.6 --seed 202 \
    --replay 0.08 --passages 0.03 --quiz 0.12 --reading 2.5 --decision 3 --mix '{"known": 0.3, '"$mix"
  "${on[@]}" --model "$out/run1" --out "$out/run2" --tokens 1100000 --fall-from 0 --floor 0.02 --top 0.5 --seed 203 \
    --replay 0.06 --quiz 0.12 --reading 2.5 --decision 3 --mix '{"known": 0.32, '"$mix"
  # compose.py had 40 % of conversations without tools here, and 1.6 for 0.7 as the share of "off".
  "${on[@]}" --model "$out/run2" --out "$out/run3" --tokens 230000 --fall-from 0 --floor 0.02 --top 0.2 --seed 204 \
    --replay 0.02 --quiz 0.08 --reading 2.5 --decision 4 --mix '{"known": 0.32, "search": 0.9, "talk": 0.06, "general": 0.04,
    "follow": 0.04, "chain": 0.1, "recall": 0.02, "unanswerable": 0.35, "failures": [25, 15, 50, 7, 3], "distractors": 1}'
  python -m training.soup --first "$release" --second "$out/run3" --share 0.7 --out "$out/final"
}

third() {
  # The first 0.37 million saw a plan of 2.4 million tokens; what `second` shipped is the other part of the mean.
  python -m training.sft --data "$data" --model "$out/final" --out "$out/run4" --tokens 1700000 --fall-from 0.35 --floor 0.02 \
    --top 0.6 --seed 301 --replay 0.05 --passages 0.03 --quiz 0.12 --reading 2.5 --decision 3 \
    --mix '{"known": 0.3, "search": 0.8, "talk": 0.06, "general": 0.04, "follow": 0.06, "chain": 0.12, "recall": 0.03,
    "unanswerable": 0.2, "drills": 0.4, "failures": [15, 15, 55, 10, 5], "distractors": 1}'
  # Planned for four million; its first half million had drills at 0.4.
  python -m training.sft --data "$data" --model "$out/run4" --out "$out/run5" --tokens 1902000 --fall-from 0.25 --floor 0.02 \
    --top 0.6 --seed 302 --replay 0.05 --passages 0.03 --quiz 0.12 --reading 2.5 --decision 3 \
    --mix '{"known": 0.3, "search": 0.8, "talk": 0.06, "general": 0.04, "follow": 0.06, "chain": 0.12, "recall": 0.03,
    "unanswerable": 0.2, "drills": 0.22, "failures": [15, 15, 55, 10, 5], "distractors": 1}'
  python -m training.soup --first "$out/final" --second "$out/run5" --share 0.8 --out "$out/final2"
}

if [ -z "$release" ]; then
  first
  release=$out/release
fi
second
third
python -m training.export --model "$out/final2" --out "$out/release"
python -m training.agree --model "$out/release"
python -m training.evaluate --data "$data" --model "$out/release" --out "$out/results.json" --threads 2
