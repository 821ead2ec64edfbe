"""Events -> Anthropic's frames: golden streams, judged by Anthropic's own types."""

import base64
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.chat.access.rationed import LIMIT_REACHED
from app.chat.events import Cited, Event, Failed, Finished, Started, TextDelta, Usage
from app.errors import EngineUnavailable
from app.wire.anthropic.blocks import Shown
from app.wire.anthropic.messages import PING, MessageStream, WholeMessage
from tests.wire.anthropic_types import (
    assert_official,
    assert_official_message,
    frames_of,
    put_together,
)
from tests.wire.scenarios import DIED, ONE, SCENARIOS, SEARCHED, TWO, USAGE, search

GOLDEN = Path(__file__).parent / "golden" / "messages"
VIEWS = {
    "": Shown(searches=True, thinking="whole"),
    ".without_tool": Shown(),
}


def ids() -> Callable[[str], str]:
    """Ids that count up."""
    numbers = iter(range(100))
    return lambda prefix: f"{prefix}_{next(numbers):02}"


def stream(shown: Shown) -> MessageStream:
    return MessageStream("m", shown, request_id="req_1", ids=ids())


def played(events: tuple[Event, ...], shown: Shown) -> list[dict[str, Any]]:
    return frames_of(stream(shown).frames(events))


def whole(events: tuple[Event, ...], shown: Shown) -> dict[str, Any]:
    message = WholeMessage("m", shown, ids=ids())
    message.take(events)
    return message.body()


def content(events: tuple[Event, ...], shown: Shown = VIEWS[""]) -> list[Any]:
    out: list[Any] = put_together(played((Started(1), *events, Finished("stop", USAGE)), shown))[
        "content"
    ]
    return out


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("view", VIEWS)
def test_the_golden_stream(name: str, view: str) -> None:
    """`ORSON_GOLDEN=write pytest` writes them anew; look at the difference before you keep it."""
    raw = stream(VIEWS[view]).frames(SCENARIOS[name])
    path = GOLDEN / f"{name}{view}.sse".replace(" ", "_")
    if os.environ.get("ORSON_GOLDEN") == "write":
        path.write_bytes(raw)
    assert raw == path.read_bytes()


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("view", VIEWS)
def test_every_frame_is_what_the_official_client_expects(name: str, view: str) -> None:
    for frame in played(SCENARIOS[name], VIEWS[view]):
        assert_official(frame)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_stream_comes_to_the_whole_answer(name: str, view: str) -> None:
    events = SCENARIOS[name]
    together = put_together(played(events, VIEWS[view]))
    if isinstance(events[-1], Failed):
        with pytest.raises(EngineUnavailable):
            whole(events, VIEWS[view])
        return
    assert together == whole(events, VIEWS[view])
    assert_official_message(together)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("view", VIEWS)
def test_batches_make_no_difference_to_what_is_said(name: str, view: str) -> None:
    """One event at a time, or all at once: the texts, searches and citations are the same."""

    def told(message: dict[str, Any]) -> Any:
        blocks = message["content"]
        return (
            "".join(block.get("text", "") for block in blocks),
            [block["input"] for block in blocks if "input" in block],
            [each for block in blocks for each in block.get("citations", ())],
        )

    events = SCENARIOS[name]
    one_by_one = stream(VIEWS[view])
    raw = b"".join(one_by_one.frames((event,)) for event in events)
    assert told(put_together(frames_of(raw))) == told(put_together(played(events, VIEWS[view])))


def test_text_is_cut_behind_its_citations() -> None:
    blocks = content(
        (
            *search(0, "q", ONE, TWO),
            TextDelta("Born 1911 [1]. He "),
            Cited(ONE, 10, 13),
            TextDelta("wrote"),
            TextDelta(" [1][2], and"),
            Cited(ONE, 24, 27),
            Cited(TWO, 27, 30),
            TextDelta(" died."),
        )
    )
    told = [(b["text"], [c["url"][-1] for c in b.get("citations", ())]) for b in blocks[2:]]
    assert told == [
        ("Born 1911 [1].", ["1"]),
        (" He wrote [1][2],", ["1", "2"]),
        (" and died.", []),
    ]


def test_a_client_that_did_not_ask_to_see_searches_gets_one_text() -> None:
    events = (*search(0, "q", ONE), TextDelta("Born 1911 [1]. He died."), Cited(ONE, 10, 13))
    (block,) = content(events, Shown())
    assert block["text"] == "Born 1911 [1]. He died."
    assert [each["url"] for each in block["citations"]] == ["https://example.org/1"]


def test_tokens_hold_what_they_stand_for() -> None:
    _, result, text = content((*search(0, "q", ONE), TextDelta("[1]"), Cited(ONE, 0, 3)))
    opened = json.loads(base64.urlsafe_b64decode(result["content"][0]["encrypted_content"]))
    assert opened == {"number": 1, "text": "Born 1911."}
    index = text["citations"][0]["encrypted_index"]
    assert json.loads(base64.urlsafe_b64decode(index)) == {"number": 1}
    assert text["citations"][0]["cited_text"] == "Born 1911."


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        ("timed out", "unavailable"),
        ("rate limited", "too_many_requests"),
        ("quota exhausted", "too_many_requests"),
        (LIMIT_REACHED, "too_many_requests"),
        ("query refused", "invalid_tool_input"),
    ],
)
def test_a_failed_search_has_a_code(failure: str, code: str) -> None:
    _, result = content(search(0, "q", failure=failure))
    assert result["content"] == {"type": "web_search_tool_result_error", "error_code": code}


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (Shown(searches=True), "invalid_tool_input"),
        (Shown(searches=True, max_uses=1), "max_uses_exceeded"),
        (Shown(searches=True, max_uses=2, max_query_chars=4), "query_too_long"),
    ],
)
def test_a_search_that_was_not_made_says_why(shown: Shown, code: str) -> None:
    again = search(1, "long")[:3]
    blocks = content((*search(0, "q", ONE), *again, TextDelta("So.")), shown)
    assert [block["type"] for block in blocks][2:] == [
        "server_tool_use",
        "web_search_tool_result",
        "text",
    ]
    assert blocks[3]["content"]["error_code"] == code
    assert blocks[3]["tool_use_id"] == blocks[2]["id"] != blocks[0]["id"]


def test_thinking_is_shown_as_asked() -> None:
    events = SCENARIOS["thought first"]
    hidden = put_together(played(events, Shown(searches=True)))["content"]
    assert "thinking" not in [block["type"] for block in hidden]
    omitted = put_together(played(events, Shown(thinking="signature")))["content"]
    seen = put_together(played(events, Shown(thinking="whole")))["content"]
    assert [b["type"] for b in omitted] == [b["type"] for b in seen] == ["thinking", "text"]
    assert (omitted[0]["thinking"], seen[0]["thinking"]) == ("", "Who is he? I see.")
    assert omitted[0]["signature"] == seen[0]["signature"]
    assert len(base64.b64decode(seen[0]["signature"])) == 32


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (Finished("stop", USAGE), ("end_turn", None)),
        (Finished("stop", USAGE, "END"), ("stop_sequence", "END")),
        (Finished("length", replace(USAGE, spent=("tokens",))), ("max_tokens", None)),
        (
            Finished("length", replace(USAGE, spent=("window",))),
            ("model_context_window_exceeded", None),
        ),
    ],
)
def test_why_it_stopped(end: Finished, reason: tuple[str, str | None]) -> None:
    body = whole((Started(10), TextDelta("x"), end), Shown())
    assert (body["stop_reason"], body["stop_sequence"]) == reason


def test_usage_counts_what_was_cached_apart() -> None:
    usage = whole((Started(10), Finished("stop", SEARCHED)), Shown())["usage"]
    assert usage["input_tokens"] + usage["cache_read_input_tokens"] == SEARCHED.prompt
    assert usage["output_tokens"] == SEARCHED.generated
    assert usage["output_tokens_details"] == {"thinking_tokens": 2}
    assert usage["server_tool_use"] == {"web_search_requests": 1, "web_fetch_requests": 0}
    assert usage["injected_tokens"] == 20


def test_an_error_ends_the_stream() -> None:
    error = played((Started(1), TextDelta("a"), Failed(DIED, Usage(1))), Shown())[-1]
    assert error == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "The engine died."},
        "request_id": "req_1",
    }
    unforeseen = frames_of(stream(Shown()).failed(ZeroDivisionError("secret")))
    assert unforeseen[-1]["error"]["type"] == "api_error"


def test_a_ping_is_a_frame() -> None:
    assert frames_of(PING) == [{"type": "ping"}]
