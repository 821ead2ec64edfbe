"""Ask a running gateway through the official `openai` client, streaming.

    python examples/openai_client.py "Who is Orson Kovats?"

ORSON_URL is the gateway's address, http://127.0.0.1:8000 by default.
"""

import os
import sys

from openai import OpenAI

QUESTIONS = sys.argv[1:] or ["What is the capital of France?", "Who is Orson Kovats?"]

client = OpenAI(
    base_url=os.environ.get("ORSON_URL", "http://127.0.0.1:8000") + "/v1",
    api_key=os.environ.get("ORSON_API_KEY", "none"),
)
model = client.models.list().data[0].id

for question in QUESTIONS:
    print(f"> {question}")
    stream = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": question}],
        stream=True,
        stream_options={"include_usage": True},
        extra_body={"search": {"policy": "auto", "max_searches": 2}},
    )
    for chunk in stream:
        # Searches, as they happen: a field of Orson's that other clients don't see.
        search = (chunk.model_extra or {}).get("search")
        if search and search["type"] == "searching":
            print(f"  [searching: {', '.join(search['queries'])}]")
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
            for note in (choice.delta.model_extra or {}).get("annotations") or ():
                citation = note["url_citation"]
                print(f"\n  source: {citation['title']} <{citation['url']}>", end="")
        if chunk.usage:
            extra = chunk.usage.model_extra or {}
            print(
                f"\n  {chunk.usage.completion_tokens} tokens generated, "
                f"{extra['injected_tokens']} injected, {extra['searches']} searches\n"
            )
