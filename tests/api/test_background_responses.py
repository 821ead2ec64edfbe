"""Responses in the background as the official client sees them: joined, joined again, ended."""

import itertools
from typing import Any

import openai
import pytest

from model_server.scripted import Answer
from tests.api.stage import Engine, Gateway, passage, until
from tests.wire.openai_types import assert_official, assert_official_response, frames_of

MODEL = "scripted"
ASKED: dict[str, Any] = {"model": MODEL, "input": "Who is Orson Kovats?", "background": True}
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He wrote “Ähren” [1].")
ANSWER = "Let me look. He wrote “Ähren” [1]."
LONG = "So it goes on and on, and on. " * 200


def ended(client: openai.OpenAI, id_: str) -> Any:
    return until(
        lambda: r if (r := client.responses.retrieve(id_)).status not in ("queued", "in_progress")
        else None
    )  # fmt: skip


def test_asked_for_and_looked_at_later(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    client = gateway.client()
    given = client.responses.create(**ASKED)
    assert (given.status, given.background, given.output) == ("queued", True, [])
    assert_official_response(given.to_dict())
    response = ended(client, given.id)
    assert (response.status, response.output_text) == ("completed", ANSWER)
    assert_official_response(response.to_dict())


def test_joined_again_at_every_event(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    client = gateway.client()
    events = list(client.responses.create(**ASKED, stream=True))
    assert [event.type for event in events[:3]] == [
        "response.created", "response.queued", "response.in_progress"
    ]  # fmt: skip
    assert events[-1].type == "response.completed"
    id_ = events[-1].response.id
    assert client.responses.retrieve(id_).output_text == ANSWER
    for number in range(len(events)):
        path = f"/v1/responses/{id_}?stream=true&starting_after={number}"
        joined = gateway.get(path)
        assert joined.status_code == 200  # behind the last one, too
        frames = frames_of(joined.content)
        assert [f["sequence_number"] for f in frames] == list(range(number + 1, len(events)))
        for frame in frames:
            assert_official(frame)
    for number, status in ((len(events), 200), (2**53, 200), (2**53 + 1, 400), (10**30, 400)):
        joined = gateway.get(f"/v1/responses/{id_}?stream=true&starting_after={number}")
        assert (joined.status_code, frames_of(joined.content)) == (status, [])
    again = list(client.responses.retrieve(id_, stream=True))
    assert [event.to_dict() for event in again] == [event.to_dict() for event in events]


def test_left_and_joined_again_while_it_runs(gateway: Gateway, engine: Engine) -> None:
    engine.say(Answer((LONG,)))
    client = gateway.client()
    with client.responses.create(**ASKED, stream=True) as stream:
        seen = list(itertools.islice(stream, 8))
    first = seen[0]
    assert first.type == "response.created"
    id_, last = first.response.id, seen[-1].sequence_number
    rest = list(client.responses.retrieve(id_, stream=True, starting_after=last))
    assert [event.sequence_number for event in (*seen, *rest)] == list(range(len(seen) + len(rest)))
    text = "".join(e.delta for e in (*seen, *rest) if e.type == "response.output_text.delta")
    assert rest[-1].type == "response.completed"
    assert text == rest[-1].response.output_text == LONG


def test_cancelled(gateway: Gateway, engine: Engine) -> None:
    engine.say(Answer((LONG,)))
    client = gateway.client()
    with client.responses.create(**ASKED, stream=True) as stream:
        events = iter(stream)
        first = next(events)
        assert first.type == "response.created"
        next(e for e in events if e.type == "response.output_text.delta")
        cancelled = client.responses.cancel(first.response.id)
        last = list(events)[-1]
    assert cancelled.status == "cancelled"
    assert last.type == "response.incomplete"
    assert last.response.status == "cancelled"
    assert 0 < len(cancelled.output_text) < len(LONG)
    assert client.responses.cancel(cancelled.id) == cancelled, "again, and nothing changes"
    until(lambda: engine.running() == 0)


def test_an_engine_that_dies(gateway: Gateway, engine: Engine) -> None:
    engine.say(Answer(("Half an answ",), fault="die"))
    client = gateway.client()
    response = ended(client, client.responses.create(**ASKED).id)
    assert response.status == "failed"
    assert response.error.code == "server_error"
    assert response.output_text == "Half an answ"


def test_in_a_conversation(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    client = gateway.client()
    conversation = client.conversations.create()
    list(client.responses.create(**ASKED, conversation=conversation.id, stream=True))
    items = client.conversations.items.list(conversation.id, order="asc").data
    assert [item.type for item in items] == ["message", "message", "web_search_call", "message"]


def test_a_conversation_is_written_by_one_at_a_time(gateway: Gateway, engine: Engine) -> None:
    engine.say(Answer((LONG,)), "Yes.")
    client = gateway.client()
    conversation = client.conversations.create()
    running = client.responses.create(**ASKED, conversation=conversation.id)
    for background in (True, False):
        with pytest.raises(openai.ConflictError):
            client.responses.create(
                **{**ASKED, "background": background}, conversation=conversation.id
            )
    with pytest.raises(openai.ConflictError):
        client.conversations.items.create(conversation.id, items=[{"role": "user", "content": "x"}])
    client.responses.cancel(running.id)
    engine.say("Yes.")
    after = client.responses.create(model=MODEL, input="So?", conversation=conversation.id)
    assert after.output_text == "Yes."


def test_what_lives_with_its_connection_is_neither_cancelled_nor_streamed_again(
    gateway: Gateway, engine: Engine
) -> None:
    engine.say("Yes.")
    client = gateway.client()
    given = client.responses.create(model=MODEL, input="Who?")
    with pytest.raises(openai.BadRequestError):
        client.responses.cancel(given.id)
    with pytest.raises(openai.BadRequestError):
        client.responses.retrieve(given.id, stream=True)
    for path in ("resp_1", "resp_" + "0" * 48):
        with pytest.raises(openai.NotFoundError):
            client.responses.cancel(path)


def test_the_end_is_kept_before_it_is_told(gateway: Gateway, engine: Engine) -> None:
    """Whoever has seen the last event can go on from the response at once."""
    client = gateway.client()
    engine.say("One.")
    *_, last = client.responses.create(**ASKED, stream=True)
    assert last.type == "response.completed"
    engine.say("Two.")
    after = client.responses.create(
        model=MODEL, input="And?", previous_response_id=last.response.id
    )
    assert after.output_text == "Two."
    assert "One." in engine.text(engine.legs[0].prompt)
