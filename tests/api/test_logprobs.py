"""Log-probabilities as OpenAI's client sees them, in both of its formats."""

from typing import Any

import openai
import pytest

from tests.api.stage import Engine, Gateway, passage, until

MODEL = "scripted"
QUESTION = "Who is Orson Kovats?"
ASKED: Any = [{"role": "user", "content": QUESTION}]
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", " He wrote [7] it [1].")
ANSWER = "Let me look.  He wrote it [1]."
INCLUDE: Any = ["message.output_text.logprobs"]


def joined(tokens: Any) -> str:
    """The answer that the tokens make, less the space that opens an answer."""
    return "".join(each.token for each in tokens)


def assert_likely(tokens: Any, alternatives: int) -> None:
    """As the scripted engine has them: the longer a token, the less likely."""
    for each in tokens:
        assert each.logprob == -len(each.token) / 8
        assert bytes(each.bytes).decode() == each.token
        assert len(each.top_logprobs) == alternatives


@pytest.mark.parametrize("alternatives", [0, 2])
def test_chat_completions(gateway: Gateway, engine: Engine, alternatives: int) -> None:
    given: Any = {
        "model": MODEL, "messages": ASKED, "logprobs": True, "top_logprobs": alternatives
    }  # fmt: skip
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)], [passage(1)]])
    client = gateway.client()
    (choice,) = client.chat.completions.create(**given).choices
    assert choice.message.content == ANSWER
    assert choice.logprobs is not None
    whole = choice.logprobs.content
    assert whole is not None
    assert joined(whole) == ANSWER
    assert_likely(whole, alternatives)
    assert all(leg.body["logprobs"] == alternatives for leg in engine.legs)

    streamed: list[Any] = []
    with client.chat.completions.create(**given, stream=True) as stream:
        for chunk in stream:
            (part,) = chunk.choices
            if part.logprobs is not None:
                assert part.delta.content
                streamed += part.logprobs.content or ()
    assert streamed == whole


def test_responses(gateway: Gateway, engine: Engine) -> None:
    given: Any = {"model": MODEL, "input": QUESTION, "include": INCLUDE, "top_logprobs": 2}
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)], [passage(1)]])
    client = gateway.client()
    response = client.responses.create(**given)
    parts = [item.content[0] for item in response.output if item.type == "message"]
    assert [part.text for part in parts] == [joined(part.logprobs) for part in parts]
    assert "".join(part.text for part in parts) == ANSWER
    assert response.top_logprobs == 2
    for part in parts:
        assert_likely(part.logprobs, 2)

    with client.responses.create(**given, stream=True) as stream:
        events = list(stream)
    deltas = [event for event in events if event.type == "response.output_text.delta"]
    assert joined(each for event in deltas for each in event.logprobs) == ANSWER
    done = [event for event in events if event.type == "response.output_text.done"]
    assert [joined(event.logprobs) for event in done] == [part.text for part in parts]


def test_a_response_in_the_background(gateway: Gateway, engine: Engine) -> None:
    engine.say("Paris is it.")
    client = gateway.client()
    given: Any = {"model": MODEL, "input": QUESTION, "include": INCLUDE, "background": True}
    id_ = client.responses.create(**given).id
    until(lambda: client.responses.retrieve(id_).status == "completed")
    for include, said in ((INCLUDE, "Paris is it."), ([], "")):
        (item,) = client.responses.retrieve(id_, include=include).output
        assert item.type == "message"
        part = item.content[0]
        assert part.type == "output_text"
        assert (part.text, joined(part.logprobs)) == ("Paris is it.", said)


def test_nothing_is_told_unasked(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    client = gateway.client()
    (choice,) = client.chat.completions.create(model=MODEL, messages=ASKED).choices
    assert choice.logprobs is None
    response = client.responses.create(model=MODEL, input=QUESTION)
    parts = [item.content[0] for item in response.output if item.type == "message"]
    assert not any(part.logprobs for part in parts)
    assert not any("logprobs" in leg.body for leg in engine.legs)


def test_stored_with_the_answer(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    client = gateway.client()
    completion = client.chat.completions.create(
        model=MODEL, messages=ASKED, logprobs=True, store=True
    )
    found = client.chat.completions.retrieve(completion.id)
    assert found.choices[0].logprobs == completion.choices[0].logprobs


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"logprobs": "yes, please"}, "logprobs"),
    ],
)
def test_what_is_wrong_is_named(gateway: Gateway, changes: Any, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        gateway.client().chat.completions.create(model=MODEL, messages=ASKED, extra_body=changes)
    assert refused.value.param == param
