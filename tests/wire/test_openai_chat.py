"""Events -> chat completion frames, as a table."""

import json
from typing import Any

import pytest

from app.chat.events import (
    Cited,
    Event,
    Failed,
    Finished,
    LegUsage,
    QueryDelta,
    QueryOpened,
    ReasoningDelta,
    SearchFinished,
    SearchStarted,
    Started,
    TextDelta,
    Usage,
)
from app.dialect.results import Numbered
from app.errors import EngineUnavailable
from app.wire.openai.chat import DONE, KEEPALIVE, Chunks, Completion, new_id
from search_adapters.protocol import Passage

SOURCE = Numbered(
    1, Passage("A page", "https://example.org/1", "Text.", "example.org", "2026-01-31")
)
USAGE = Usage(
    prompt=10,
    legs=(LegUsage(10, 4, 5, 20), LegUsage(35, 32, 6, 0, 1.2345)),
    searches=1,
    hidden=0.0456,
    dropped_citations=2,
    stray_markers=3,
)
USAGE_BODY = {
    "prompt_tokens": 10,
    "completion_tokens": 11,
    "total_tokens": 21,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 0},
    "generated_tokens": 11,
    "injected_tokens": 20,
    "searches": 1,
    "search_hidden_ms": 45.6,
    "dropped_citations": 2,
    "stray_markers": 3,
    "legs": [
        {
            "prompt_tokens": 10,
            "cached_tokens": 4,
            "generated_tokens": 5,
            "injected_tokens": 20,
            "resume_ms": None,
            "retried": False,
        },
        {
            "prompt_tokens": 35,
            "cached_tokens": 32,
            "generated_tokens": 6,
            "injected_tokens": 0,
            "resume_ms": 1.23,
            "retried": False,
        },
    ],
}
ANNOTATION = {
    "type": "url_citation",
    "url_citation": {
        "start_index": 3,
        "end_index": 6,
        "title": "A page",
        "url": "https://example.org/1",
    },
}
FOUND = SearchFinished(0, ("q",), (SOURCE,), "mock", None, 0.01234, "fresh", 0.0456)
FOUND_BODY = {
    "type": "finished",
    "index": 0,
    "queries": ["q"],
    "provider": "mock",
    "failure": None,
    "elapsed_ms": 12.3,
    "hidden_ms": 45.6,
    "cached": "fresh",
    "results": [
        {
            "number": 1,
            "title": "A page",
            "url": "https://example.org/1",
            "site": "example.org",
            "date": "2026-01-31",
            "text": "Text.",
        }
    ],
}


def parsed(raw: bytes) -> list[Any]:
    """What a client reads: `data:` lines up to a blank one, by the letter of the format."""
    assert not raw or raw.endswith(b"\n\n")
    out = []
    for block in raw.split(b"\n\n")[:-1]:
        assert block.startswith(b"data: ")
        assert b"\n" not in block
        assert b"\r" not in block
        data = block[6:].decode()
        out.append(data if data == "[DONE]" else json.loads(data))
    return out


def delta(delta: Any, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {"choices": [choice], **fields}


def framed(event: Event, **options: Any) -> list[Any]:
    chunks = Chunks("m", **options)
    frames = parsed(chunks.frames([event]))
    for frame in frames:
        if frame == "[DONE]" or "error" in frame:
            continue
        head = {name: frame.pop(name) for name in ("id", "object", "created", "model")}
        assert head["id"] == chunks.id
        assert (head["object"], head["model"]) == ("chat.completion.chunk", "m")
        assert isinstance(head["created"], int)
    return frames


@pytest.mark.parametrize(
    ("event", "frames"),
    [
        (Started(10), [delta({"role": "assistant", "content": "", "refusal": None})]),
        (TextDelta("Hi"), [delta({"content": "Hi"})]),
        (QueryOpened(0), [delta({}, search={"type": "opened", "index": 0})]),
        (QueryDelta(0, "q"), []),
        (
            SearchStarted(0, ("q", "r")),
            [delta({}, search={"type": "searching", "index": 0, "queries": ["q", "r"]})],
        ),
        (FOUND, [delta({}, search=FOUND_BODY)]),
        (Cited(SOURCE, 3, 6), []),
        (Finished("stop", USAGE), [delta({}, "stop"), "[DONE]"]),
        (Finished("length", USAGE), [delta({}, "length"), "[DONE]"]),
        (
            Failed(EngineUnavailable("It died."), USAGE),
            [
                {
                    "error": {
                        "message": "It died.",
                        "type": "server_error",
                        "param": None,
                        "code": "engine_unavailable",
                    }
                },
                "[DONE]",
            ],
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_event_and_its_frames(event: Event, frames: list[Any]) -> None:
    assert framed(event) == frames


def test_with_usage_each_chunk_says_that_it_has_none_until_the_last() -> None:
    assert framed(TextDelta("Hi"), include_usage=True) == [delta({"content": "Hi"}, usage=None)]
    assert framed(Finished("stop", USAGE), include_usage=True) == [
        delta({}, "stop", usage=None),
        {"choices": [], "usage": USAGE_BODY},
        "[DONE]",
    ]


@pytest.mark.parametrize("last", [Finished("stop", USAGE), Failed(EngineUnavailable("x"), USAGE)])
def test_annotations_leave_before_the_end(last: Event) -> None:
    chunks = Chunks("m")
    first = parsed(chunks.frames([Started(1), TextDelta("He [1]"), Cited(SOURCE, 3, 6)]))
    assert len(first) == 2
    annotated, *_ = parsed(chunks.frames([last]))
    assert annotated["choices"][0] == delta({"annotations": [ANNOTATION]})["choices"][0]


def test_an_unforeseen_error_tells_nothing_of_the_inside() -> None:
    error, done = parsed(Chunks("m").failed(KeyError("secret path")))
    assert done == "[DONE]"
    assert error["error"]["code"] == "internal_error"
    assert "secret" not in json.dumps(error)


@pytest.mark.parametrize(
    "text",
    [
        "\u2028 and \u2029",
        "😀👩‍🚀🏳️‍🌈",
        'She said "no" \\ and left',
        "one\ntwo\r\nthree\n\nfour",
        "\x00\x1f\x7f\x85",
        "data: [DONE]\n\n",
        '"content":0',
        "</script><!--",
    ],
)
def test_text_arrives_as_it_was(text: str) -> None:
    (frame,) = framed(TextDelta(text))
    assert frame == delta({"content": text})
    (frame,) = parsed(Chunks(f"m{text}").frames([TextDelta(text)]))
    assert frame["model"] == f"m{text}"
    assert frame["choices"][0]["delta"]["content"] == text


def test_a_batch_is_its_events_one_after_the_other() -> None:
    events: list[Event] = [Started(1), TextDelta("a"), QueryOpened(0), TextDelta("b")]
    together, apart = Chunks("m", completion_id="x"), Chunks("m", completion_id="x")
    assert together.frames(events) == b"".join(apart.frames([event]) for event in events)
    assert Chunks("m").frames([]) == b""


def test_ids_are_new_each_time() -> None:
    assert len({new_id() for _ in range(100)}) == 100


def test_the_frames_that_never_change() -> None:
    assert DONE == b"data: [DONE]\n\n"
    assert KEEPALIVE.startswith(b":")
    assert KEEPALIVE.endswith(b"\n\n")


WHOLE: list[Event] = [
    Started(10),
    TextDelta("He"),
    QueryOpened(0),
    QueryDelta(0, "q"),
    SearchStarted(0, ("q",)),
    FOUND,
    TextDelta(" [1]"),
    Cited(SOURCE, 3, 6),
]


def test_a_whole_answer() -> None:
    completion = Completion("m")
    for event in [*WHOLE, Finished("stop", USAGE)]:
        assert not completion.ended
        completion.take([event])
    assert completion.ended
    body = json.loads(json.dumps(completion.body()))
    assert isinstance(body.pop("created"), int)
    message = {
        "role": "assistant",
        "content": "He [1]",
        "refusal": None,
        "annotations": [ANNOTATION],
    }
    assert body == {
        "id": completion.id,
        "object": "chat.completion",
        "model": "m",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": USAGE_BODY,
        "search": [FOUND_BODY],
    }
    assert completion.record(Usage(0))["status"] == "completed"


def test_a_whole_answer_that_failed_raises_its_error() -> None:
    completion = Completion("m")
    completion.take([*WHOLE, Failed(EngineUnavailable("It died."), USAGE)])
    with pytest.raises(EngineUnavailable, match=r"It died\."):
        completion.body()
    record = completion.record(Usage(0))
    assert (record["status"], record["error"]["message"]) == ("failed", "It died.")
    assert record["choices"][0]["finish_reason"] is None
    assert record["usage"] == USAGE_BODY


def test_the_record_of_an_answer_that_was_cut_off() -> None:
    completion = Completion("m")
    assert not completion.begun
    completion.take(WHOLE)
    record = completion.record(Usage(10, (LegUsage(10, None, 5, 2),)))
    assert record["status"] == "cancelled"
    assert record["usage"]["completion_tokens"] == 5
    assert record["choices"][0]["message"]["content"] == "He [1]"


def test_reasoning_is_apart_from_the_answer() -> None:
    events = [
        Started(10),
        ReasoningDelta("Who? "),
        QueryOpened(0),
        ReasoningDelta("Ana."),
        TextDelta("Ana"),
        Finished("stop", Usage(prompt=10, legs=(LegUsage(10, None, 9, 0),), reasoning=6)),
    ]
    chunks, whole = Chunks("m", include_usage=True), Completion("m")
    frames = chunks.frames(events)
    sent = [json.loads(line[6:]) for line in frames.split(b"\n\n") if line.startswith(b"data: {")]
    deltas = [choice["delta"] for body in sent for choice in body["choices"]]
    thought = "".join(delta.get("reasoning_content", "") for delta in deltas)
    assert (thought, "".join(delta.get("content") or "" for delta in deltas)) == (
        "Who? Ana.",
        "Ana",
    )
    assert sent[-1]["usage"]["completion_tokens_details"] == {"reasoning_tokens": 6}
    whole.take(events)
    (choice,) = whole.body()["choices"]
    assert choice["message"]["reasoning_content"] == "Who? Ana."
    assert choice["message"]["content"] == "Ana"


def test_an_answer_without_reasoning_has_no_such_field() -> None:
    whole = Completion("m")
    whole.take([Started(10), TextDelta("Ana"), Finished("stop", USAGE)])
    assert "reasoning_content" not in whole.body()["choices"][0]["message"]
