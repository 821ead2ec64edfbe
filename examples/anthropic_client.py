"""Ask a running gateway through the official `anthropic` client, streaming.

    python examples/anthropic_client.py "Who is Orson Kovats?"

ORSON_URL is the gateway's address, http://127.0.0.1:8000 by default.
"""

import os
import sys

from anthropic import Anthropic

QUESTIONS = sys.argv[1:] or ["What is the capital of France?", "Who is Orson Kovats?"]

client = Anthropic(
    base_url=os.environ.get("ORSON_URL", "http://127.0.0.1:8000"),
    api_key=os.environ.get("ORSON_API_KEY", "none"),
)
model = client.models.list().data[0].id

for question in QUESTIONS:
    print(f"> {question}")
    with client.messages.stream(
        model=model,
        max_tokens=500,
        messages=[{"role": "user", "content": question}],
        tools=[{"type": "web_search_20250305", "name": "web_search", "max_uses": 2}],
    ) as stream:
        for event in stream:
            if event.type == "text":
                print(event.text, end="", flush=True)
            elif (
                event.type == "content_block_stop" and event.content_block.type == "server_tool_use"
            ):
                print(f"  [searching: {event.content_block.input['query']}]")
            elif event.type == "citation":
                print(f"\n  source: {event.citation.title} <{event.citation.url}>", end="")
        usage = stream.get_final_message().usage
    print(
        f"\n  {usage.output_tokens} tokens generated, "
        f"{usage.server_tool_use.web_search_requests} searches\n"
    )
