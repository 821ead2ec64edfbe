#!/usr/bin/env bash
# The API by hand. ORSON_URL is the gateway's address.
set -euo pipefail
url=${ORSON_URL:-http://127.0.0.1:8000}
model=$(curl -s "$url/v1/models" | python3 -c 'import json,sys; print(json.load(sys.stdin)["data"][0]["id"])')

echo "# A whole answer"
curl -s "$url/v1/chat/completions" -H 'Content-Type: application/json' -d '{
  "model": "'"$model"'",
  "messages": [{"role": "user", "content": "Who is Orson Kovats?"}]
}'

echo; echo "# The same as a stream, with the search shown as it happens"
curl -sN "$url/v1/chat/completions" -H 'Content-Type: application/json' -d '{
  "model": "'"$model"'",
  "messages": [{"role": "user", "content": "Who is Orson Kovats?"}],
  "stream": true, "stream_options": {"include_usage": true}
}'

echo "# Without searching"
curl -s "$url/v1/chat/completions" -H 'Content-Type: application/json' -d '{
  "model": "'"$model"'",
  "messages": [{"role": "user", "content": "Who is Orson Kovats?"}],
  "search": {"policy": "never"}
}'
echo
