"""`/v1/responses` as the official client sees it, unmodified."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import openai
import pytest

from app.http.transport.outlet import Outlet
from model_server.scripted import Answer
from search_adapters.mock import MockAdapter
from search_adapters.protocol import Passage, Query
from tests.api.stage import PATIENCE, Engine, Gateway, passage, until
from tests.wire.openai_types import OURS, assert_official, assert_official_response, frames_of

MODEL = "scripted"
GOOD: dict[str, Any] = {"model": MODEL, "input": "Who is Orson Kovats?"}
Own = Callable[..., tuple[Engine, Gateway]]
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He wrote “Ähren” [1].")
ANSWER = "Let me look. He wrote “Ähren” [1]."
SOURCES: Any = ["web_search_call.action.sources"]


def raw(gateway: Gateway, **options: Any) -> list[dict[str, Any]]:
    reply = gateway.post("/v1/responses", json={**GOOD, "stream": True, **options})
    assert reply.headers["content-type"].startswith("text/event-stream")
    return frames_of(reply.content)


def test_an_answer_given_whole(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1), passage(2)]])
    response = gateway.client().responses.create(**GOOD, include=SOURCES, metadata={"a": "b"})
    assert_official_response(response.to_dict())
    assert (response.status, response.output_text) == ("completed", ANSWER)
    before, call, after = response.output
    assert [item.type for item in response.output] == ["message", "web_search_call", "message"]
    assert call.type == "web_search_call"
    assert call.action.type == "search"
    assert call.action.queries == ["Orson Kovats"]
    assert [s.url for s in call.action.sources or ()] == [
        "https://example.org/1", "https://example.org/2"
    ]  # fmt: skip
    assert before.type == after.type == "message"
    part = after.content[0]
    assert part.type == "output_text"
    (cited,) = part.annotations
    assert cited.type == "url_citation"
    assert (cited.title, cited.url) == ("Page 1", "https://example.org/1")
    assert part.text[cited.start_index : cited.end_index] == "[1]"
    assert response.metadata == {"a": "b"}
    assert response.usage is not None
    assert response.usage.output_tokens == sum(len(leg.output) for leg in engine.legs)
    assert response.usage.searches == 1  # type: ignore[attr-defined]


def test_an_answer_streamed(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    with gateway.client().responses.stream(**GOOD) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert final.output_text == ANSWER
    assert kinds.count("response.output_text.delta") > 4
    first_of_each = list(dict.fromkeys(kinds))
    assert first_of_each == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.web_search_call.in_progress",
        "response.web_search_call.searching",
        "response.web_search_call.completed",
        "response.output_text.annotation.added",
        "response.completed",
    ]


async def test_an_answer_streamed_to_the_async_client(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    async with gateway.async_client() as client:
        stream = await client.responses.create(**GOOD, stream=True)
        events = [event async for event in stream]
        assert events[-1].type == "response.completed"
        whole = await client.responses.retrieve(events[-1].response.id)
    assert whole.output_text == events[-1].response.output_text == ANSWER


def test_frames_over_the_wire_are_whole_and_numbered(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    frames = raw(gateway, include=["orson.search", "web_search_call.results"])
    for frame in frames:
        assert_official(frame)
    assert [frame["sequence_number"] for frame in frames] == list(range(len(frames)))
    typed = "".join(f["delta"] for f in frames if f["type"] == "orson.search.query.delta")
    assert typed.strip() == "Orson Kovats"
    (found,) = (f["search"] for f in frames if f["type"] == "orson.search.finished")
    assert found["provider"] == "mock"
    assert found["results"][0]["text"] == "Fact number 1 stands here."
    call = frames[-1]["response"]["output"][1]
    assert call["results"] == call["search"]["results"] == found["results"]


def test_the_client_reads_past_events_of_our_own(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    ours: Any = {"include": ["orson.search"]}
    with gateway.client().responses.stream(**GOOD, extra_body=ours) as stream:
        kinds = {event.type for event in stream}
        assert stream.get_final_response().output_text == ANSWER
    assert {
        "orson.search.query.delta", "orson.search.started", "orson.search.finished"
    } <= kinds  # fmt: skip


def test_stored_found_again_and_forgotten(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    client = gateway.client()
    given = client.responses.create(**GOOD)
    kept = client.responses.retrieve(given.id)
    assert kept == given
    asked = client.responses.retrieve(given.id, include=SOURCES).to_dict()
    assert asked["output"][1]["action"]["sources"]  # type: ignore[index]
    (item,) = client.responses.input_items.list(given.id).data
    assert item.type == "message"
    assert item.content[0].text == GOOD["input"]  # type: ignore[union-attr]
    client.responses.delete(given.id)
    for call in (client.responses.retrieve, client.responses.delete):
        with pytest.raises(openai.NotFoundError):
            call(given.id)


def test_what_is_not_to_be_stored_is_not(gateway: Gateway, engine: Engine) -> None:
    engine.say("Yes.")
    client = gateway.client()
    given = client.responses.create(**GOOD, store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(given.id)


def test_a_previous_response_is_gone_on_from(gateway: Gateway, engine: Engine) -> None:
    client = gateway.client()
    engine.say(LOOKED_UP)
    first = client.responses.create(**GOOD, instructions="Be brief.")
    engine.say("In 1989.")
    second = client.responses.create(
        model=MODEL, input="When did he die?", previous_response_id=first.id
    )
    assert second.previous_response_id == first.id
    prompt = engine.text(engine.legs[0].prompt)
    said = [GOOD["input"], ANSWER, "When did he die?"]
    assert [prompt.index(text) for text in said] == sorted(prompt.index(text) for text in said)
    assert "Be brief." not in prompt, "instructions are for one response"
    engine.say("No.")
    client.responses.create(model=MODEL, input="Sure?", previous_response_id=second.id)
    prompt = engine.text(engine.legs[0].prompt)
    assert all(text in prompt for text in (*said, "In 1989.", "Sure?"))


def test_items_sent_back_are_read_as_one_answer(gateway: Gateway, engine: Engine) -> None:
    client = gateway.client()
    engine.say(LOOKED_UP)
    first = client.responses.create(**GOOD, store=False)
    history: list[Any] = [{"role": "user", "content": GOOD["input"]}]
    history += [item.to_dict() for item in first.output]
    engine.say("Yes.")
    client.responses.create(model=MODEL, input=[*history, {"role": "user", "content": "Sure?"}])
    prompt = engine.text(engine.legs[0].prompt)
    assert ANSWER in prompt
    assert prompt.count("<|assistant|>") == 2


def test_items_are_referred_to_by_their_id(gateway: Gateway, engine: Engine) -> None:
    client = gateway.client()
    engine.say(LOOKED_UP)
    first = client.responses.create(**GOOD)
    engine.say("Yes.")
    references: list[Any] = [{"type": "item_reference", "id": item.id} for item in first.output]
    second = client.responses.create(
        model=MODEL, input=[*references, {"role": "user", "content": "Sure?"}]
    )
    assert ANSWER in engine.text(engine.legs[0].prompt)
    items = client.responses.input_items.list(second.id, order="asc").data
    assert [item.type for item in items] == ["message", "web_search_call", "message", "message"]
    assert len({item.id for item in items}) == 4


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ({}, "auto"),
        ({"tools": [{"type": "web_search"}]}, "auto"),
        ({"tools": [{"type": "web_search_2025_08_26"}], "tool_choice": "required"}, "always"),
        ({"tools": [{"type": "web_search_preview"}], "tool_choice": "none"}, "never"),
        ({"tools": []}, "never"),
        ({"tool_choice": {"type": "web_search_preview"}}, "always"),
        ({"tools": [{"type": "web_search"}], "max_tool_calls": 0}, "never"),
    ],
)
def test_tools_say_whether_to_search(
    gateway: Gateway, engine: Engine, said: dict[str, Any], policy: str
) -> None:
    gateway.search.history.clear()
    if policy == "always":
        engine.say((" Kovats[SEARCH_END]", "Nobody."))
    elif policy == "auto":
        engine.say(("[SEARCH_START] Kovats[SEARCH_END]", "Nobody."))
    else:
        engine.say("Nobody.")
    response = gateway.client().responses.create(**GOOD, **said)
    assert response.output_text == "Nobody."
    assert bool(gateway.search.history) == (policy != "never")
    prompt = engine.text(engine.legs[0].prompt)
    assert ("[SEARCH_START]" in prompt) == (policy == "always")
    assert_official_response(response.to_dict())


def test_what_the_tool_says_reaches_the_search(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    tool: Any = {
        "type": "web_search",
        "filters": {"allowed_domains": ["Example.org"], "blocked_domains": ["bad.example.org"]},
        "user_location": {"type": "approximate", "country": "at", "city": "Graz"},
        "search_context_size": "low",
    }
    response = gateway.client().responses.create(**GOOD, tools=[tool])
    (query,) = gateway.search.history
    assert query.allowed_domains == ("example.org",)
    assert query.denied_domains == ("bad.example.org",)
    assert (query.country, query.place) == ("AT", "Graz")
    assert response.tools[0].type == "web_search"


def test_cut_by_the_budget(gateway: Gateway, engine: Engine) -> None:
    engine.say("It is a long story that goes on and on.")
    response = gateway.client().responses.create(**GOOD, max_output_tokens=4)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output[0].status == "incomplete"  # type: ignore[union-attr]


@pytest.mark.parametrize("streamed", [False, True])
def test_an_engine_that_dies_leaves_a_failed_response(
    gateway: Gateway, engine: Engine, streamed: bool
) -> None:
    engine.say(Answer(("Half an answ",), fault="die"))
    client = gateway.client()
    if streamed:
        events = list(client.responses.create(**GOOD, stream=True))
        assert events[-1].type == "response.failed"
        id_ = events[-1].response.id
        assert events[-1].response.error is not None
        assert events[-1].response.error.code == "server_error"
        kept = client.responses.retrieve(id_)
        assert kept.status == "failed"
        assert kept.output[0].status == "incomplete"  # type: ignore[union-attr]
    else:
        with pytest.raises(openai.InternalServerError):
            client.responses.create(**GOOD)


def test_a_client_that_leaves_leaves_a_cancelled_response(gateway: Gateway, engine: Engine) -> None:
    engine.say("So it goes on " * 200)
    client = gateway.client()
    with client.responses.create(**GOOD, stream=True) as stream:
        first = next(iter(stream))
        assert first.type == "response.created"
    id_ = first.response.id
    kept = until(
        lambda: r if (r := client.responses.retrieve(id_)).status != "in_progress" else None
    )
    assert kept.status == "cancelled"
    assert kept.usage is not None
    assert kept.usage.output_tokens > 0
    until(lambda: engine.running() == 0)


WRONG: list[tuple[dict[str, Any], int, str | None]] = [
    ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]},
     400, "input[0].content[0]"),
    ({"input": [{"role": "user", "content": [{"type": {}, "text": "x"}]}]},
     400, "input[0].content[0].type"),
    ({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "x"}]}]},
     400, "input[0].content[0]"),
    ({"input": [{"role": "user", "content": [{"type": {}, "text": "x"}]}]},
     400, "input[0].content[0].type"),
    ({"input": [{"type": ["message"], "role": "user", "content": "x"}]}, 400, "input[0]"),
    ({"input": [{"type": "function_call", "name": "f"}]}, 400, "input[0]"),
    ({"input": [{"role": "robot", "content": "x"}]}, 400, "input[0].role"),
    ({"input": [{"role": "user"}]}, 400, "input[0].content"),
    ({"input": []}, 400, "input"),
    ({"input": 5}, 400, "input"),
    ({"input": [{"type": "item_reference", "id": "msg_1"}]}, 404, "input"),
    ({"tools": [{"type": "function", "name": "f", "parameters": {}}]}, 400, "tools[0]"),
    ({"tools": [{"type": "web_search", "filters": {"allowed_domains": ["http://x"]}}]},
     400, "tools[0].filters.allowed_domains"),
    ({"tool_choice": {"type": "function", "name": "f"}}, 400, "tool_choice"),
    ({"tool_choice": "maybe"}, 400, "tool_choice"),
    ({"include": ["everything"]}, 400, "include[0]"),
    ({"text": {"format": {"type": "json_object"}}}, 400, "text.format.type"),
    ({"metadata": {"a": "b" * 513}}, 400, "metadata.a"),
    ({"conversation": "conv_1"}, 404, "conversation"),
    ({"conversation": "conv_" + "0" * 48}, 404, "conversation"),
    ({"previous_response_id": "resp_1"}, 404, "previous_response_id"),
    ({"previous_response_id": "resp_" + "0" * 48}, 404, "previous_response_id"),
    ({"previous_response_id": "resp_1", "conversation": "conv_1"}, 400, "previous_response_id"),
    ({"background": True, "store": False}, 400, "store"),
    ({"conversation": "conv_" + "0" * 48, "store": False}, 400, "store"),
    ({"model": "other"}, 404, "model"),
    ({"prompt": {"id": "p"}}, 400, "prompt"),
]  # fmt: skip


@pytest.mark.parametrize("streamed", [False, True])
def test_what_is_wrong_is_named(gateway: Gateway, engine: Engine, streamed: bool) -> None:
    for fields, status, param in WRONG:
        reply = gateway.post("/v1/responses", json={**GOOD, "stream": streamed, **fields})
        error = reply.json()["error"]
        assert (reply.status_code, error["param"]) == (status, param), (fields, error)
        assert error["message"]
    assert engine.legs == []


class Gated(MockAdapter):
    """Finds nothing before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    async def search(self, query: Query) -> tuple[Passage, ...]:
        await asyncio.to_thread(self.gate.wait, PATIENCE)
        return await super().search(query)


def test_searching_is_said_before_the_search_begins(own: Own) -> None:
    provider = Gated()
    _, gateway = own(LOOKED_UP, search=provider, search_deadline=PATIENCE, search_timeout=PATIENCE)
    stream = gateway.client().responses.create(**GOOD, stream=True)
    for event in stream:
        if event.type == "response.web_search_call.searching":
            assert provider.history == []
            provider.gate.set()
    assert event.type == "response.completed"
    assert event.response.output[1].status == "completed"  # type: ignore[union-attr]


def test_text_leaves_by_the_outlet(
    gateway: Gateway, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kept answer's text wakes no task either, and nothing of it is lost or doubled."""
    taken = 0
    plain = Outlet.__call__

    def counted(self: Outlet, events: Any) -> bool:
        nonlocal taken
        took = plain(self, events)
        taken += took
        return took

    monkeypatch.setattr(Outlet, "__call__", counted)
    said = "It is a long and plain answer with nothing to look up. " * 10
    engine.say(said.strip())
    client = gateway.client()
    events = list(client.responses.create(**GOOD, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    last = events[-1]
    assert last.type == "response.completed"
    assert text == said.strip() == last.response.output_text
    assert client.responses.retrieve(last.response.id).output_text == text
    assert taken > 20


def test_another_keys_responses_and_conversations_are_not_there(own: Own) -> None:
    _, gateway = own("Yes.", api_keys=("one", "two"))
    mine, other = gateway.client(api_key="one"), gateway.client(api_key="two")
    response = mine.responses.create(**GOOD)
    conversation = mine.conversations.create(items=[{"role": "user", "content": "x"}])
    assert mine.responses.retrieve(response.id) == response
    calls: list[Callable[[], object]] = [
        lambda: other.responses.retrieve(response.id),
        lambda: other.responses.delete(response.id),
        lambda: other.responses.cancel(response.id),
        lambda: other.responses.input_items.list(response.id),
        lambda: other.responses.create(**GOOD, previous_response_id=response.id),
        lambda: other.responses.create(**GOOD, conversation=conversation.id),
        lambda: other.responses.create(
            model=MODEL, input=[{"type": "item_reference", "id": response.output[0].id or ""}]
        ),
        lambda: other.conversations.retrieve(conversation.id),
        lambda: other.conversations.delete(conversation.id),
        lambda: other.conversations.update(conversation.id, metadata={}),
        lambda: other.conversations.items.list(conversation.id),
    ]
    for call in calls:
        with pytest.raises(openai.NotFoundError):
            call()
    assert mine.responses.retrieve(response.id) == response


def test_the_tokens_of_a_request_are_counted(gateway: Gateway, engine: Engine) -> None:
    engine.say("Yes.", "No.")
    client = gateway.client()
    first = client.responses.create(**GOOD)
    more: dict[str, Any] = {
        "model": MODEL, "input": "Sure?", "previous_response_id": first.id, "instructions": "Brief."
    }  # fmt: skip
    counted = client.responses.input_tokens.count(**more)
    assert counted.object == "response.input_tokens"
    answered = client.responses.create(**more)
    assert answered.usage is not None
    assert counted.input_tokens == answered.usage.input_tokens


def test_a_response_that_has_not_ended_is_not_gone_on_from(
    gateway: Gateway, engine: Engine
) -> None:
    engine.say("So it goes on " * 200)
    client = gateway.client()
    running = client.responses.create(**GOOD, background=True)
    for store in (True, False):
        with pytest.raises(openai.ConflictError):
            client.responses.create(
                model=MODEL, input="And?", previous_response_id=running.id, store=store
            )
    client.responses.cancel(running.id)


def test_a_conversation_too_long_loses_its_oldest_turns_if_it_may(own: Own) -> None:
    engine, gateway = own("Yes.", engine={"context_window": 900})
    client = gateway.client()
    turns: list[Any] = [
        {"role": role, "content": f"{role} {number} " + "word " * 60}
        for number in range(8)
        for role in ("user", "assistant")
    ]
    asked: dict[str, Any] = {"model": MODEL, "input": [*turns, {"role": "user", "content": "Sum?"}]}
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(**asked)
    assert refused.value.code == "context_length_exceeded"
    response = client.responses.create(**asked, truncation="auto")
    assert response.output_text == "Yes."
    prompt = engine.text(engine.legs[0].prompt)
    assert "user 0" not in prompt
    assert "assistant 7" in prompt
    assert "Sum?" in prompt


def test_our_own_fields_are_known(gateway: Gateway, engine: Engine) -> None:
    """`OURS` lists what the judge of frames overlooks; it must not overlook more."""
    engine.say(LOOKED_UP)
    usage = raw(gateway, include=["orson.search"])[-1]["response"]["usage"]
    official = {"input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details",
                "total_tokens"}  # fmt: skip
    assert set(usage) - official == OURS - {"search", "results", "store"}
