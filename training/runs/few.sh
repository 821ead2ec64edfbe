#!/usr/bin/env bash
# Measures how few examples are enough, for when and for how to search: docs/claims/few.{json,svg}.
#   training/runs/few.sh [BASE_DIR]     the pretrained base of all four claims, made there if it isn't (ten minutes of CPU)
set -euo pipefail
cd "$(dirname "$0")/../.."
exec "${PYTHON:-python3}" -m training.claims.few --base "${1:-training/out/claims}" "${@:2}"
