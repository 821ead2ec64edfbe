"""Chat completions, Responses and Messages tell of an answer the same, whatever happened in it.

Streams of events are made up by the grammar (`app.chat.events`), given to each renderer in pieces,
and read back from the bytes as a client of each format would. What they come to must be one story:
what was thought and said, in order, what was searched in between and found, what was cited, how it
ended and what it cost.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

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
    check,
)
from app.dialect.results import Numbered
from app.wire.anthropic.blocks import Shown
from app.wire.anthropic.messages import MessageStream, WholeMessage
from app.wire.openai.chat import DONE, Chunks, Completion
from app.wire.openai.output import OWN, RESULTS
from app.wire.openai.response_body import head
from app.wire.openai.responses import ResponseStream
from search_adapters.protocol import Passage
from tests.wire import anthropic_types, openai_types
from tests.wire.scenarios import DIED

WORDS = st.text(st.sampled_from("ab.,;:)\"'\\\n\t é“”🙂[]1 \u2028"), min_size=1, max_size=12)
QUERY = st.text(st.sampled_from('ab"\\é🙂 '), min_size=1, max_size=10).filter(str.strip)
FAILURES = st.sampled_from(["timed out", "rate limited", "quota exhausted"])


@dataclass
class Story:
    """What a client of any format comes to know."""

    told: list[tuple[str, Any]] = field(default_factory=list)
    """Thoughts, texts and searches in order, less the white space around them."""
    text: str = ""
    thought: str = ""
    cited: list[tuple[str, str]] = field(default_factory=list)
    """Addresses, each with the marker in the text."""
    end: str = ""
    tokens: tuple[int, int, int] | None = None
    """Prompt, cached, generated; None for an answer that broke off without saying."""

    def add(self, kind: str, what: Any) -> None:
        if kind == "text":
            self.text += what
        elif kind == "thought":
            self.thought += what
        if kind != "search" and self.told and self.told[-1][0] == kind:
            self.told[-1] = (kind, self.told[-1][1] + what)
        else:
            self.told.append((kind, what))

    def settled(self) -> "Story":
        """Comparable: where white space stands between two pieces is the format's own affair."""
        joined: list[tuple[str, Any]] = []
        for kind, what in self.told:
            if kind != "search" and joined and joined[-1][0] == kind:
                joined[-1] = (kind, joined[-1][1] + what)
            elif kind == "search" or what.strip():
                joined.append((kind, what))
        told = [(kind, what if kind == "search" else what.strip()) for kind, what in joined]
        return Story(told, self.text.rstrip(), self.thought, self.cited, self.end, self.tokens)


# -- what happens ----------------------------------------------------------------------------


@st.composite
def searches(draw: st.DrawFn, index: int, first: int) -> tuple[list[Event], list[Numbered]]:
    """A search that is made, and what it brings."""
    query = draw(QUERY)
    cut = draw(st.integers(0, len(query)))
    events: list[Event] = [QueryOpened(index)]
    events += [QueryDelta(index, part) for part in (query[:cut], query[cut:]) if part]
    found = [
        Numbered(number, Passage(f"P{number}", f"https://a.example/{number}", "T " * number))
        for number in range(first, first + draw(st.integers(0, 3)))
    ]
    failure = None if found else draw(st.none() | FAILURES)
    queries = (query.strip(),)
    events += [
        SearchStarted(index, queries),
        SearchFinished(index, queries, tuple(found), "mock", failure, 0.1),
    ]
    return events, found


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """A stream that obeys the grammar."""
    events: list[Event] = [Started(7)]
    sources: list[Numbered] = []
    said, spans = 0, 0
    for kind in draw(st.lists(st.sampled_from("ttcrsu"), max_size=8)):
        if kind == "c" and not sources:
            continue
        match kind:
            case "t" | "c":
                before = draw(WORDS)
                if not said:
                    before = before.lstrip() or "x"  # the core takes leading space off
                cited: list[Event] = []
                if kind == "c":
                    numbers = draw(st.lists(st.sampled_from(sources), min_size=1, max_size=2))
                    for source in numbers:
                        marker = f"[{source.number}]"
                        start = said + len(before)
                        cited.append(Cited(source, start, start + len(marker)))
                        before += marker + draw(st.sampled_from(["", ", ", ". And"]))
                said += len(before)
                events += [TextDelta(before), *cited]
            case "r":
                events.append(ReasoningDelta(draw(WORDS)))
            case "s":
                made, found = draw(searches(spans, len(sources) + 1))
                events += made
                sources += found
                spans += 1
            case _:
                events += [QueryOpened(spans), QueryDelta(spans, draw(QUERY))]
                spans += 1
    usage = Usage(7, (LegUsage(7, draw(st.integers(0, 7)), 5, 3), LegUsage(15, None, 6, 0)), spans)
    if draw(st.booleans()):
        events.append(Finished(draw(st.sampled_from(("stop", "length"))), usage))
    else:
        if draw(st.booleans()):
            events += [QueryOpened(spans), QueryDelta(spans, "q"), SearchStarted(spans, ("q",))]
        events.append(Failed(DIED, usage))
    assert check(events) is None
    return events


@st.composite
def batches(draw: st.DrawFn) -> list[list[Event]]:
    """A stream in pieces; what a text cites comes with it, as from the core."""
    out: list[list[Event]] = []
    for event in draw(streams()):
        if not out or (not isinstance(event, Cited) and draw(st.booleans())):
            out.append([])
        out[-1].append(event)
    return out


# -- what a client of each format makes of it ------------------------------------------------


def chat(raw: bytes) -> Story:
    story, content = Story(), ""
    blocks = raw.split(b"\n\n")
    assert blocks[-1] == b""
    assert blocks[-2] + b"\n\n" == DONE
    annotations: list[Any] = []
    for block in blocks[:-2]:
        body = json.loads(block.removeprefix(b"data: "))
        if "error" in body:
            story.end = "failed"
            continue
        if usage := body.get("usage"):
            cached = usage["prompt_tokens_details"]["cached_tokens"]
            story.tokens = (usage["prompt_tokens"], cached, usage["completion_tokens"])
        for choice in body["choices"]:
            delta = choice["delta"]
            if text := delta.get("content"):
                content += text
                story.add("text", text)
            if thought := delta.get("reasoning_content"):
                story.add("thought", thought)
            annotations += delta.get("annotations", ())
            if choice["finish_reason"]:
                story.end = choice["finish_reason"]
        if (search := body.get("search")) and search["type"] == "finished":
            _searched(story, search)
    for each in annotations:
        cited = each["url_citation"]
        story.cited.append((cited["url"], content[cited["start_index"] : cited["end_index"]]))
    return story


def _searched(story: Story, search: dict[str, Any]) -> None:
    urls = [result["url"] for result in search["results"]]
    nothing = None if search["failure"] else []
    story.add("search", (" ".join(search["queries"]), urls or nothing))


def responses(raw: bytes) -> Story:
    frames = openai_types.frames_of(raw)
    story = _response(frames[-1]["response"])
    deltas = [f["delta"] for f in frames if f["type"] == "response.output_text.delta"]
    assert "".join(deltas) == story.text
    return story


def _response(body: dict[str, Any]) -> Story:
    story = Story()
    for item in body["output"]:
        match item["type"]:
            case "message":
                (part,) = item["content"]
                story.add("text", part["text"])
                for each in part["annotations"]:
                    marker = part["text"][each["start_index"] : each["end_index"]]
                    story.cited.append((each["url"], marker))
            case "reasoning":
                story.add("thought", item["summary"][0]["text"])
            case _:
                if "search" in item:
                    _searched(story, item["search"])
    story.end = {"completed": "stop", "incomplete": "length"}.get(body["status"], body["status"])
    usage = body["usage"]
    cached = usage["input_tokens_details"]["cached_tokens"]
    story.tokens = (usage["input_tokens"], cached, usage["output_tokens"])
    return story


def messages(raw: bytes) -> Story:
    frames = anthropic_types.frames_of(raw)
    story = _message(anthropic_types.put_together(frames))
    if frames[-1]["type"] == "error":
        story.end, story.tokens = "failed", None
    return story


def _message(message: dict[str, Any]) -> Story:
    story = Story()
    queries: dict[str, str] = {}
    for block in message["content"]:
        match block["type"]:
            case "text":
                story.add("text", block["text"])
                for each in block.get("citations", ()):
                    index = json.loads(base64.urlsafe_b64decode(each["encrypted_index"]))
                    marker = f"[{index['number']}]"
                    assert marker in block["text"]
                    story.cited.append((each["url"], marker))
            case "thinking":
                story.add("thought", block["thinking"])
            case "server_tool_use":
                queries[block["id"]] = block["input"]["query"]
            case "web_search_tool_result":
                query, found = queries.pop(block["tool_use_id"]), block["content"]
                if isinstance(found, list):
                    story.add("search", (query, [each["url"] for each in found]))
                elif found["error_code"] != "invalid_tool_input":
                    story.add("search", (query, None))
    assert not queries
    reasons = {"end_turn": "stop", "max_tokens": "length"}
    story.end = reasons.get(message["stop_reason"] or "", "")
    usage = message["usage"]
    cached = usage["cache_read_input_tokens"]
    story.tokens = (usage["input_tokens"] + cached, cached, usage["output_tokens"])
    return story


# -- the property ----------------------------------------------------------------------------


def _rendered(renderer: Any, pieces: Sequence[Sequence[Event]]) -> bytes:
    return b"".join(renderer.frames(piece) for piece in pieces)


@given(batches())
def test_three_formats_tell_one_story(pieces: list[list[Event]]) -> None:
    events = [event for piece in pieces for event in piece]
    shown = Shown(searches=True, thinking="whole")
    responding = ResponseStream(head("resp_0", 1, "m"), (OWN, RESULTS))
    one = chat(_rendered(Chunks("m", include_usage=True), pieces)).settled()
    two = responses(_rendered(responding, pieces)).settled()
    three = messages(_rendered(MessageStream("m", shown), pieces)).settled()
    if isinstance(events[-1], Failed):
        # An answer that broke off says what it cost in the Responses API alone.
        two.tokens = None
        if isinstance(events[-2], SearchStarted):
            assert three.told.pop() == ("search", ("q", None))
    assert one == two == three

    hidden = messages(_rendered(MessageStream("m", Shown()), pieces)).settled()
    assert (hidden.text, hidden.cited, hidden.end) == (three.text, three.cited, three.end)
    assert not hidden.thought
    assert all(kind == "text" for kind, _ in hidden.told)


@given(batches())
def test_a_stream_and_a_whole_answer_tell_one_story(pieces: list[list[Event]]) -> None:
    events = [event for piece in pieces for event in piece]
    if isinstance(events[-1], Failed):
        return
    completion, message = Completion("m"), WholeMessage("m", Shown(True, "whole"))
    response = ResponseStream(head("resp_0", 1, "m"), (OWN,))
    for piece in pieces:
        completion.take(piece)
        message.take(piece)
        response.take(piece)
    streamed = chat(_rendered(Chunks("m", include_usage=True), pieces))
    said = completion.body()["choices"][0]
    assert said["message"]["content"] == streamed.text
    assert said["message"].get("reasoning_content", "") == streamed.thought
    assert said["finish_reason"] == streamed.end
    assert len(said["message"]["annotations"]) == len(streamed.cited)
    assert _response(response.body()).settled() == streamed.settled()
    assert _message(message.body()).settled() == streamed.settled()
