#!/usr/bin/env bash
# Measures what a model invents before it is taught, after "I don't know" data and after search data: docs/claims/hallucination.{json,svg}.
#   training/runs/hallucination.sh [BASE_DIR]     the pretrained base of all four claims, made there if it isn't (ten minutes of CPU)
set -euo pipefail
cd "$(dirname "$0")/../.."
exec "${PYTHON:-python3}" -m training.claims.hallucination --base "${1:-training/out/claims}" "${@:2}"
