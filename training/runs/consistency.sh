#!/usr/bin/env bash
# Measures whether samples that agree are right, for k = 1, 3, 5, 9: docs/claims/consistency.{json,svg}.
#   training/runs/consistency.sh [BASE_DIR]     the pretrained base of all four claims, made there if it isn't (ten minutes of CPU)
set -euo pipefail
cd "$(dirname "$0")/../.."
exec "${PYTHON:-python3}" -m training.claims.consistency --base "${1:-training/out/claims}" "${@:2}"
