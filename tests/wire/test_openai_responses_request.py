"""The body of a Responses request, and items as clients send them."""

import time
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.chat.request import Message
from app.wire.openai.items import InputItem, ItemReference, kept, messages_of
from app.wire.openai.responses_request import ResponsesRequest
from tests.wire.openai_types import assert_official_response

ITEM: TypeAdapter[Any] = TypeAdapter(InputItem)


def request(**fields: Any) -> ResponsesRequest:
    return ResponsesRequest.model_validate({"model": "m", "input": "Who?", **fields})


def read(*items: dict[str, Any]) -> tuple[Message, ...]:
    """The turns that the model is given."""
    parsed = [ITEM.validate_python(item) for item in items]
    return messages_of(kept(item, str(at)) for at, item in enumerate(parsed))


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"role": "user", "content": "Hi"}, Message("user", "Hi")),
        ({"type": "message", "role": "developer", "content": "Hi"}, Message("system", "Hi")),
        (
            {"role": "user", "content": [{"type": "input_text", "text": "a"},
                                         {"type": "text", "text": "b"}]},
            Message("user", "ab"),
        ),
        (
            {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
             "content": [{"type": "output_text", "text": "Yes", "annotations": [], "logprobs": []},
                         {"type": "refusal", "refusal": ", no"}]},
            Message("assistant", "Yes, no"),
        ),
        ({"role": "assistant", "content": "", "phase": "commentary"}, Message("assistant", "")),
    ],
)  # fmt: skip
def test_a_message_in_any_of_its_forms(item: dict[str, Any], message: Message) -> None:
    assert read(item) == (message,)


def test_what_an_answer_put_out_is_one_turn_again() -> None:
    assert read(
        {"role": "user", "content": "Who?"},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}],
         "encrypted_content": None},
        {"role": "assistant", "content": "Let me look. "},
        {"type": "web_search_call", "id": "ws_1", "status": "completed",
         "action": {"type": "search", "query": "q"}},
        {"role": "assistant", "content": "Bea."},
        {"role": "user", "content": "Sure?"},
    ) == (
        Message("user", "Who?"),
        Message("assistant", "Let me look. Bea."),
        Message("user", "Sure?"),
    )  # fmt: skip


@pytest.mark.parametrize("item", [{"id": "msg_1"}, {"type": "item_reference", "id": "msg_1"}])
def test_a_reference_with_and_without_its_type(item: dict[str, Any]) -> None:
    parsed = ITEM.validate_python(item)
    assert isinstance(parsed, ItemReference)
    assert parsed.id == "msg_1"


def test_ids_that_clients_send_are_replaced_by_ours() -> None:
    item = ITEM.validate_python({"id": "msg_theirs", "role": "user", "content": "x"})
    assert kept(item, "ours")["id"] == "msg_ours"


def test_the_response_says_again_what_was_asked() -> None:
    asked = request(
        instructions="Be brief.",
        max_output_tokens=9,
        max_tool_calls=2,
        metadata={"a": "b"},
        temperature=0.5,
        top_p=0.9,
        tools=[{"type": "web_search", "filters": {"allowed_domains": ["example.org"]},
                "user_location": {"type": "approximate", "city": "Graz"}}],
        tool_choice="required",
        parallel_tool_calls=False,
        truncation="auto",
        reasoning={"effort": "low", "summary": "auto"},
        text={"format": {"type": "text"}, "verbosity": "low"},
        user="bea",
    )  # fmt: skip
    head = asked.head("resp_1", "m")
    assert_official_response(head)
    for name in ("instructions", "max_output_tokens", "max_tool_calls", "metadata", "temperature",
                 "top_p", "tool_choice", "parallel_tool_calls", "truncation", "user"):  # fmt: skip
        assert head[name] == getattr(asked, name)
    assert head["tools"][0]["filters"] == {"allowed_domains": ["example.org"]}
    assert (head["reasoning"], head["text"]["verbosity"]) == (
        {"effort": "low", "summary": "auto"}, "low"
    )  # fmt: skip


def test_what_is_asked_of_the_core() -> None:
    asked = request(
        instructions="Be brief.", max_output_tokens=9, seed=7, temperature=0, truncation="auto",
        search={"policy": "never", "adapters": ["mock"], "freshness": "week"}, max_tool_calls=50,
        tool_choice="required", safety_identifier="bea",
    ).chat_request((Message("user", "Who?"),), "de-AT")  # fmt: skip
    assert asked.messages == (Message("system", "Be brief."), Message("user", "Who?"))
    sampling = asked.sampling
    assert (sampling.max_tokens, sampling.seed, sampling.temperature) == (9, 7, 0)
    search = asked.search
    assert (search.policy, search.adapters, search.freshness) == ("never", ("mock",), "week")
    assert (search.max_searches, search.country, search.language) == (20, "AT", "de")
    assert (asked.truncate, asked.user) == (True, "bea")


@pytest.mark.parametrize("asked", [{}, {"stream": None, "store": None, "include": None}])
def test_what_a_request_does_not_say(asked: dict[str, Any]) -> None:
    plain = request(**asked)
    plain.check()
    chat = plain.chat_request((Message("user", "Who?"),))
    assert (chat.search.policy, chat.search.max_searches, chat.truncate) == (None, None, False)
    assert plain.head("resp_1", "m")["store"] is True


def test_turns_of_one_side_are_joined_in_no_more_time_than_they_are_long() -> None:
    turn = {"role": "assistant", "content": "a" * 1600}
    began = time.process_time()
    (message,) = read(*[turn] * 10_000)
    assert len(message.content) == 16_000_000
    assert time.process_time() - began < 5  # one copy for each turn took most of a minute
