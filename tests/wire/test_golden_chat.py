"""Events -> chat completion chunks: golden streams of the scenarios that all formats share."""

import os
import re
from pathlib import Path

import pytest
from openai.types.chat import ChatCompletionChunk

from app.chat.events import Logprobs, TextDelta
from app.chat.token_logprob import TokenLogprob
from app.wire.openai.chat import DONE, Chunks
from tests.wire.scenarios import SCENARIOS

GOLDEN = Path(__file__).parent / "golden" / "chat"
SCORED = "with log-probabilities"
LIKELY = TokenLogprob("Paris", -0.25, (80, 97, 114, 105, 115), (TokenLogprob(" It", -1.5),))


def played(name: str) -> bytes:
    events = SCENARIOS["plain" if name == SCORED else name]
    if name == SCORED:
        events = (events[0], TextDelta("Paris"), Logprobs((LIKELY,)), *events[2:])
    raw = Chunks("m", include_usage=True, completion_id="chatcmpl-0").frames(events)
    return re.sub(rb'"created":\d+', b'"created":1700000000', raw)


@pytest.mark.parametrize("name", [*SCENARIOS, SCORED])
def test_the_golden_stream(name: str) -> None:
    """`ORSON_GOLDEN=write pytest` writes them anew; look at the difference before you keep it."""
    raw = played(name)
    path = GOLDEN / f"{name}.sse".replace(" ", "_")
    if os.environ.get("ORSON_GOLDEN") == "write":
        path.write_bytes(raw)
    assert raw == path.read_bytes()


@pytest.mark.parametrize("name", [*SCENARIOS, SCORED])
def test_every_chunk_is_what_the_official_client_expects(name: str) -> None:
    blocks = played(name).removesuffix(DONE).split(b"\n\n")[:-1]
    for block in blocks:
        data = block.removeprefix(b"data: ")
        if not data.startswith(b'{"error"'):
            ChatCompletionChunk.model_validate_json(data)
