"""An engine that restarts, or comes back as another, seen from a client of the gateway."""

from collections.abc import Callable
from typing import Any

import openai
import pytest

from model_server.scripted import Answer, Tokenizer
from tests.api.stage import Engine, Gateway, until

GOOD: dict[str, Any] = {
    "model": "scripted",
    "messages": [{"role": "user", "content": "Who is Orson Kovats?"}],
}
STORY = "He is a botanist who kept a lighthouse for thirty years. " * 4
Own = Callable[..., tuple[Engine, Gateway]]


def test_a_restart_in_the_middle_of_an_answer_is_a_pause(own: Own) -> None:
    opening, half = "Let me see.[SEARCH_START] Orson Kovats[SEARCH_END]", STORY[:90]
    engine, gateway = own(Answer((opening, half), fault="hang"))
    chunks, heard = [], ""
    with gateway.client().chat.completions.create(
        **GOOD, stream=True, stream_options={"include_usage": True}
    ) as stream:
        while not heard.endswith(half):
            chunks.append(next(stream))
            heard += (chunks[-1].choices[0].delta.content or "") if chunks[-1].choices else ""
        engine.stop()
        engine.go_on((opening, STORY))
        engine.start()
        chunks += stream
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said == "Let me see." + STORY
    usage = chunks[-1].usage.model_dump()
    assert [leg["retried"] for leg in usage["legs"]] == [False, True]
    first, second, third = engine.legs
    arrived = len(third.prompt) - len(second.prompt)
    assert third.prompt == second.prompt + second.output[:arrived]
    assert usage["generated_tokens"] == len(first.output) + arrived + len(third.output)
    assert gateway.metric("orson_retried_legs_total") == 1
    assert engine.running() == 0


def test_an_engine_that_does_not_come_back_in_time(own: Own) -> None:
    engine, gateway = own(Answer((STORY,), fault="hang"), engine_restart_patience=0.2)
    stream = gateway.client().chat.completions.create(**GOOD, stream=True)
    with stream:
        assert next(stream)
        engine.stop()
        with pytest.raises(openai.APIError, match=r"not back within 0\.2 s") as failed:
            list(stream)
    assert failed.value.code == "engine_unavailable"


def test_no_patience_fails_at_once(own: Own) -> None:
    engine, gateway = own(
        Answer(("Half an answ",), fault="die"), engine_restart_patience=0, search_policy="never"
    )
    with pytest.raises(openai.InternalServerError):
        gateway.client().chat.completions.create(**GOOD)
    assert len(engine.legs) == 1


def test_another_model_behind_the_same_address_is_learned(own: Own) -> None:
    engine, gateway = own(("Let me see.[SEARCH_START] Kovats[SEARCH_END]", " Nobody."))
    client = gateway.client()
    assert client.chat.completions.create(**GOOD).choices[0].message.content
    engine.stop()
    # To this one the markers are text of several tokens.
    engine.server.model, engine.server.tokenizer = "another", Tokenizer(())
    engine.start()
    # The first to ask meets the connections of the old one, so that the change shows.
    until(lambda: client.models.list().data[0].id == "another" or _asks(client))
    engine.server.requests.clear()
    said = client.chat.completions.create(**{**GOOD, "model": "another"})
    assert said.choices[0].message.content == "Let me see. Nobody."
    assert engine.legs[0].body["stop"] == ["[SEARCH_END]", "[RESULTS_START]"]
    with pytest.raises(openai.NotFoundError, match="another"):
        client.chat.completions.create(**GOOD)


def _asks(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIError):
        client.chat.completions.create(**GOOD)
