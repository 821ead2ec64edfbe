#!/usr/bin/env bash
# Measures how often a fact is read against knowing it and against refusing it: docs/claims/exposures.{json,svg}.
#   training/runs/exposures.sh [BASE_DIR]     the pretrained base of all four claims, made there if it isn't (ten minutes of CPU)
set -euo pipefail
cd "$(dirname "$0")/../.."
exec "${PYTHON:-python3}" -m training.claims.exposures --base "${1:-training/out/claims}" "${@:2}"
