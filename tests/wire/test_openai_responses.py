"""Events -> Responses frames: golden streams, judged by OpenAI's own types."""

import os
from pathlib import Path
from typing import Any

import pytest

from app.chat.events import Cited, Event, Failed, Finished, SearchFinished, Started, TextDelta
from app.errors import EngineUnavailable, Overloaded
from app.wire.openai.output import OWN, RESULTS, SOURCES, shown_body
from app.wire.openai.response_body import head
from app.wire.openai.responses import ResponseStream
from tests.wire.openai_types import assert_official, assert_official_response, frames_of
from tests.wire.scenarios import DIED, SCENARIOS, USAGE, search

GOLDEN = Path(__file__).parent / "golden" / "responses"
ID = "resp_" + "0123456789abcdef" * 3
EVERYTHING = (SOURCES, RESULTS, OWN)


def stream(include: tuple[str, ...] = ()) -> ResponseStream:
    return ResponseStream(head(ID, 1_700_000_000, "m"), include, lambda: 1_700_000_009.5)


def played(events: tuple[Event, ...], include: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return frames_of(stream(include).frames(events))


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("include", [(), EVERYTHING], ids=["plain", "everything"])
def test_the_golden_stream(name: str, include: tuple[str, ...]) -> None:
    """`ORSON_GOLDEN=write pytest` writes them anew; look at the difference before you keep it."""
    raw = stream(include).frames(SCENARIOS[name])
    path = GOLDEN / f"{name}{'.everything' if include else ''}.sse".replace(" ", "_")
    if os.environ.get("ORSON_GOLDEN") == "write":
        path.write_bytes(raw)
    assert raw == path.read_bytes()


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("include", [(), EVERYTHING], ids=["plain", "everything"])
def test_every_frame_is_what_the_official_client_expects(
    name: str, include: tuple[str, ...]
) -> None:
    frames = played(SCENARIOS[name], include)
    for frame in frames:
        assert_official(frame)
    assert [frame["sequence_number"] for frame in frames] == list(range(len(frames)))
    ours = {frame["type"] for frame in frames if frame["type"].startswith("orson.")}
    searched = any(isinstance(event, SearchFinished) for event in SCENARIOS[name])
    assert ("orson.search.finished" in ours) == (bool(include) and searched)
    assert include or not ours


@pytest.mark.parametrize("name", SCENARIOS)
def test_items_open_and_close_one_after_the_other(name: str) -> None:
    """What a client puts together from the events is what the last one says."""
    items: list[dict[str, Any]] = []
    open_: dict[str, Any] | None = None
    for frame in played(SCENARIOS[name], EVERYTHING):
        match frame["type"].removeprefix("response."):
            case "output_item.added":
                assert open_ is None
                open_ = frame["item"]
                assert frame["output_index"] == len(items)
            case "content_part.added":
                assert open_ is not None
                open_["content"].append(frame["part"])
            case "reasoning_summary_part.added":
                assert open_ is not None
                open_["summary"].append(frame["part"])
            case "output_text.delta":
                assert open_ is not None
                open_["content"][0]["text"] += frame["delta"]
            case "reasoning_summary_text.delta":
                assert open_ is not None
                open_["summary"][0]["text"] += frame["delta"]
            case "output_text.annotation.added":
                assert open_ is not None
                notes, cited = open_["content"][0]["annotations"], frame["annotation"]
                assert frame["annotation_index"] == len(notes)
                notes.append(cited)
                marker = open_["content"][0]["text"][cited["start_index"] : cited["end_index"]]
                assert marker.startswith("[")
                assert marker.endswith("]")
            case "output_item.done":
                assert open_ is not None
                assert frame["item"]["id"] == open_["id"]
                for field in ("content", "summary"):
                    assert frame["item"].get(field) == open_.get(field)
                items.append(frame["item"])
                open_ = None
            case "completed" | "incomplete" | "failed":
                assert open_ is None
                assert frame["response"]["output"] == items
        if open_ is not None and "item_id" in frame:
            assert frame["item_id"] == open_["id"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_text_is_lost_and_no_message_is_empty(name: str) -> None:
    events = SCENARIOS[name]
    whole = stream()
    whole.take(events)
    said = "".join(event.text for event in events if isinstance(event, TextDelta))
    texts = [item["content"][0]["text"] for item in whole.output if item["type"] == "message"]
    assert "".join(texts) == said
    assert all(texts)


@pytest.mark.parametrize("name", [name for name in SCENARIOS if "died" not in name])
def test_a_whole_answer_is_the_last_frame_of_the_stream(name: str) -> None:
    whole = stream(EVERYTHING)
    for event in SCENARIOS[name]:
        whole.take([event])
    assert whole.ended
    body = whole.body()
    assert body == played(SCENARIOS[name], EVERYTHING)[-1]["response"]
    assert_official_response(body)


def test_a_whole_answer_that_broke_off_raises_and_is_kept_as_failed() -> None:
    whole = stream()
    whole.take(SCENARIOS["the engine died in mid-word"])
    with pytest.raises(EngineUnavailable):
        whole.body()
    record = whole.record()
    assert (record["status"], record["error"]["message"]) == ("failed", DIED.message)
    assert record["output"][0]["status"] == "incomplete"
    assert record["usage"]["output_tokens"] == 5
    assert_official_response(record)


def test_what_a_client_did_not_ask_for_is_kept_and_not_shown() -> None:
    one = stream()
    one.take(SCENARIOS["searched in mid-sentence"])
    call = one.body()["output"][1]
    assert set(call) == {"id", "type", "status", "action"}
    assert call["action"] == {
        "type": "search", "query": "Orson Kovats", "queries": ["Orson Kovats"]
    }  # fmt: skip
    seen = shown_body(one.record(), EVERYTHING)["output"][1]
    assert [source["url"] for source in seen["action"]["sources"]] == [
        "https://example.org/1",
        "https://example.org/2",
    ]
    assert seen["results"] == seen["search"]["results"]
    assert (seen["search"]["provider"], seen["search"]["elapsed_ms"]) == ("mock", 12.3)
    assert one.body()["output"][1] == call, "showing leaves what is kept alone"


def test_an_answer_in_the_background() -> None:
    one = stream()
    frames = one.queued()
    assert one.status == "queued"
    frames += one.numbered([Started(3), TextDelta("Half an")])
    assert one.status == "in_progress"
    assert not one.ended
    assert one.output == []
    frames += one.cancelled(USAGE)
    assert (one.status, one.ended) == ("cancelled", True)
    assert one.cancelled() == one.broke_off(DIED) == [], "it ends once"
    parsed = [frames_of(raw)[0] for _, raw in frames]
    assert [number for number, _ in frames] == [f["sequence_number"] for f in parsed]
    assert [frame["type"] for frame in parsed[:3]] == [
        "response.created", "response.queued", "response.in_progress"
    ]  # fmt: skip
    assert parsed[0]["response"]["status"] == "queued"
    assert parsed[-1]["type"] == "response.incomplete"
    assert parsed[-1]["response"]["status"] == "cancelled"
    assert parsed[-1]["response"]["output"][0]["status"] == "incomplete"
    assert parsed[-1]["response"]["usage"]["output_tokens"] == 5
    for frame in parsed:
        assert_official(frame)


def test_an_error_that_is_no_event_says_nothing_of_its_inside() -> None:
    one = stream()
    one.take([Started(3), TextDelta("Half an")])
    (*_, last) = frames_of(one.failed(RuntimeError("secret")))
    assert last["type"] == "response.failed"
    assert last["response"]["error"] == {
        "code": "server_error",
        "message": "The gateway failed while answering.",
        "type": "internal_error",
    }
    assert_official(last)


def test_an_answer_refused_for_load_says_so() -> None:
    one = stream()
    one.queued()
    (*_, (_, raw)) = one.broke_off(Overloaded("Full."))
    assert frames_of(raw)[0]["response"]["error"]["code"] == "rate_limit_exceeded"


def test_batches_make_no_difference() -> None:
    events = SCENARIOS["searched in mid-sentence"]
    one = stream()
    assert b"".join(one.frames([event]) for event in events) == stream().frames(events)


def test_offsets_count_code_points_of_their_own_message() -> None:
    text = "🙂🙂 [1]."
    before = "é" * 5
    source = next(e.source for e in SCENARIOS["thought first"] if isinstance(e, Cited))
    events = [Started(1), TextDelta(before), *search(0, "q", source), TextDelta(text),
              Cited(source, 8, 11), Finished("stop", USAGE)]  # fmt: skip
    one = stream()
    one.take(events)
    part = one.body()["output"][2]["content"][0]
    (note,) = part["annotations"]
    assert part["text"][note["start_index"] : note["end_index"]] == "[1]"


def test_an_answer_that_failed_keeps_what_was_complete() -> None:
    one = stream()
    one.take([*SCENARIOS["searched at once, twice"][:-1], Failed(DIED, USAGE)])
    assert [item["type"] for item in one.output] == [
        "web_search_call", "web_search_call", "message"
    ]  # fmt: skip
    assert [item["status"] for item in one.output] == ["completed", "completed", "incomplete"]
