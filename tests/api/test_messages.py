"""`/v1/messages` as Anthropic's client sees it, unmodified."""

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

from model_server.scripted import Answer
from search_adapters.mock import MockAdapter
from tests.api.stage import PATIENCE, Engine, Gateway, passage, until

MODEL = "scripted"
ASKED: Any = [{"role": "user", "content": "Who is Orson Kovats?"}]
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He wrote “Ähren” [1]. Yes.")
TOOL: Any = {"type": "web_search_20250305", "name": "web_search"}
GIVEN: dict[str, Any] = {"model": MODEL, "max_tokens": 100, "messages": ASKED}


@pytest.fixture(scope="module")
def client(main_gateway: Gateway) -> Iterator[Anthropic]:
    with Anthropic(
        base_url=main_gateway.url, api_key="none", max_retries=0, timeout=PATIENCE
    ) as client:
        yield client


def told(message: Any) -> list[tuple[str, Any]]:
    """The blocks of a message, each with what it says."""
    names = {
        "text": "text",
        "thinking": "thinking",
        "server_tool_use": "input",
        "web_search_tool_result": "content",
    }
    return [(block.type, getattr(block, names[block.type])) for block in message.content]


def test_an_answer_given_whole(gateway: Gateway, engine: Engine, client: Anthropic) -> None:
    engine.say("Paris is the capital.")
    message = client.messages.create(**GIVEN)
    assert message.id.startswith("msg_")
    assert (message.type, message.role, message.model) == ("message", "assistant", MODEL)
    assert told(message) == [("text", "Paris is the capital.")]
    assert (message.stop_reason, message.stop_sequence) == ("end_turn", None)
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0
    assert message._request_id is not None
    assert gateway.search.history == []


def test_an_answer_streamed(engine: Engine, client: Anthropic, gateway: Gateway) -> None:
    engine.say("Paris is the capital.")
    with client.messages.stream(**GIVEN) as stream:
        pieces = list(stream.text_stream)
        message = stream.get_final_message()
    assert len(pieces) > 1
    assert "".join(pieces) == stream.get_final_text() == "Paris is the capital."
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens > 0


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "name", ["web_search_20250305", "web_search_20260209", "web_search_20260318"]
)
def test_a_search_and_its_citation(
    engine: Engine, client: Anthropic, gateway: Gateway, streamed: bool, name: str
) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1), passage(2)]])
    asked: dict[str, Any] = {**GIVEN, "tools": [{**TOOL, "type": name}]}
    if streamed:
        with client.messages.stream(**asked) as stream:
            message: Any = stream.get_final_message()
    else:
        message = client.messages.create(**asked)
    before, use, result, cited, after = message.content
    assert (before.type, before.text) == ("text", "Let me look. ")
    assert (use.type, use.name, use.input) == (
        "server_tool_use",
        "web_search",
        {"query": "Orson Kovats"},
    )
    assert use.id.startswith("srvtoolu_")
    assert (result.type, result.tool_use_id) == ("web_search_tool_result", use.id)
    assert [(each.type, each.title, each.url, each.page_age) for each in result.content] == [
        ("web_search_result", "Page 1", "https://example.org/1", "2026-01-31"),
        ("web_search_result", "Page 2", "https://example.org/2", "2026-01-31"),
    ]
    assert all(each.encrypted_content for each in result.content)
    assert cited.text == "He wrote “Ähren” [1]."
    (citation,) = cited.citations
    assert (citation.type, citation.url) == ("web_search_result_location", "https://example.org/1")
    assert citation.cited_text == "Fact number 1 stands here."
    assert (after.text, after.citations) == (" Yes.", None)
    assert message.stop_reason == "end_turn"
    assert message.usage.server_tool_use.web_search_requests == 1
    assert message.usage.output_tokens > 0
    assert streamed or message.usage.injected_tokens > 0


def test_events_come_in_anthropics_order(
    engine: Engine, client: Anthropic, gateway: Gateway
) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    with client.messages.create(**GIVEN, tools=[TOOL], stream=True) as stream:
        events = list(stream)
    kinds = [event.type for event in events]
    assert kinds[0] == "message_start"
    assert kinds[-2:] == ["message_delta", "message_stop"]
    deltas: list[str] = []
    for event in events:
        kind = event.delta.type if event.type == "content_block_delta" else event.type
        if not deltas or deltas[-1] != kind:
            deltas.append(kind)
    text = ["content_block_start", "text_delta", "content_block_stop"]
    assert deltas == [
        "message_start",
        *text,
        "content_block_start", "input_json_delta", "content_block_stop",
        "content_block_start", "content_block_stop",
        "content_block_start", "text_delta", "citations_delta", "text_delta", "content_block_stop",
        *text,
        "message_delta", "message_stop",
    ]  # fmt: skip


def test_without_the_tool_searches_are_not_shown(
    engine: Engine, client: Anthropic, gateway: Gateway
) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    message: Any = client.messages.create(**GIVEN)
    assert told(message) == [("text", "Let me look. He wrote “Ähren” [1]. Yes.")]
    assert [each.url for each in message.content[0].citations] == ["https://example.org/1"]
    assert message.usage.server_tool_use.web_search_requests == 1


async def test_the_async_client(engine: Engine, gateway: Gateway) -> None:
    engine.say(LOOKED_UP)
    async with (
        AsyncAnthropic(base_url=gateway.url, api_key="x", max_retries=0) as client,
        client.messages.stream(**GIVEN, tools=[TOOL]) as stream,
    ):
        pieces = [text async for text in stream.text_stream]
        message = await stream.get_final_message()
    assert "".join(pieces).startswith("Let me look. ")
    assert [kind for kind, _ in told(message)][:3] == [
        "text",
        "server_tool_use",
        "web_search_tool_result",
    ]


def test_an_answer_goes_back_as_history(
    engine: Engine, client: Anthropic, gateway: Gateway
) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    first = client.messages.create(**GIVEN, tools=[TOOL])
    engine.say("You are welcome.")
    messages = [*ASKED, first.to_param(), {"role": "user", "content": "Thanks."}]
    second = client.messages.create(**{**GIVEN, "messages": messages}, tools=[TOOL])
    assert told(second) == [("text", "You are welcome.")]
    prompt = engine.text(engine.legs[-1].prompt)
    assert "Let me look. He wrote “Ähren” [1]. Yes." in prompt
    assert "Fact number 1" not in prompt


def test_what_is_said_about_the_conversation_reaches_the_engine(
    engine: Engine, client: Anthropic, gateway: Gateway
) -> None:
    engine.say("Yes.")
    client.messages.create(
        model=MODEL,
        max_tokens=7,
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "Good "}]},
            {"role": "user", "content": "day"},
            {"role": "assistant", "content": "Hello."},
            {"role": "user", "content": "Go on"},
        ],
        metadata={"user_id": "u1"},
        extra_body={"temperature": 0.5, "top_p": 0.9, "top_k": 5},
    )
    (leg,) = engine.legs
    prompt = engine.text(leg.prompt)
    assert "Be brief." in prompt
    assert prompt.count("<|user|>") == 2
    assert "Good \n\nday" in prompt
    assert leg.body["max_tokens"] == 7
    assert (leg.body["temperature"], leg.body["top_p"], leg.body["top_k"]) == (0.5, 0.9, 5)


def test_the_tool_says_where_to_search(engine: Engine, client: Anthropic, gateway: Gateway) -> None:
    place = {"type": "approximate", "city": "Leeds", "country": "GB", "region": "England"}
    engine.say(LOOKED_UP, LOOKED_UP)
    for lists in ({"allowed_domains": ["example.org"]}, {"blocked_domains": ["Example.com"]}):
        tool: Any = {**TOOL, **lists, "user_location": place}
        client.messages.create(**GIVEN, tools=[tool])
    allowed, blocked = gateway.search.history
    assert allowed.allowed_domains == ("example.org",)
    assert blocked.denied_domains == ("example.com",)
    assert (allowed.country, allowed.place) == ("GB", "Leeds, England")


def test_uses_are_counted(engine: Engine, client: Anthropic, gateway: Gateway) -> None:
    engine.say(("[SEARCH_START]a[SEARCH_END]", "[SEARCH_START]b[SEARCH_END]", "So."))
    message: Any = client.messages.create(**GIVEN, tools=[{**TOOL, "max_uses": 1}])
    assert [query.text for query in gateway.search.history] == ["a"]
    results = [each for kind, each in told(message) if kind == "web_search_tool_result"]
    assert [getattr(each, "error_code", None) for each in results[1:]] in (
        [],
        ["max_uses_exceeded"],
    )


@pytest.mark.parametrize(
    ("choice", "searched"),
    [({"type": "any"}, True), ({"type": "tool", "name": "web_search"}, True),
     ({"type": "auto"}, False), ({"type": "none"}, False)],
)  # fmt: skip
def test_the_tool_can_be_forced_and_forbidden(
    engine: Engine, client: Anthropic, gateway: Gateway, choice: Any, searched: bool
) -> None:
    engine.say(("forced[SEARCH_END]", "Yes.") if searched else "Yes.")
    message = client.messages.create(**GIVEN, tools=[TOOL], tool_choice=choice)
    assert bool(gateway.search.history) == searched
    assert told(message)[-1] == ("text", "Yes.")


def test_a_failed_search_is_a_result(engine: Engine, client: Anthropic, gateway: Gateway) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([TimeoutError()])
    message: Any = client.messages.create(**GIVEN, tools=[TOOL])
    results = [each for kind, each in told(message) if kind == "web_search_tool_result"]
    assert [each.error_code for each in results] == ["unavailable"]


def test_a_stop_sequence_is_named(engine: Engine, client: Anthropic, gateway: Gateway) -> None:
    engine.say("One, two, three.")
    message = client.messages.create(**GIVEN, stop_sequences=["four", ", three"])
    assert told(message) == [("text", "One, two")]
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", ", three")


def test_an_answer_cut_by_its_budget(engine: Engine, client: Anthropic, gateway: Gateway) -> None:
    engine.say("One, two, three, four, five, six.")
    message = client.messages.create(**{**GIVEN, "max_tokens": 3})
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == 3


def test_tokens_can_be_counted(engine: Engine, client: Anthropic, gateway: Gateway) -> None:
    engine.say("Yes.")
    message = client.messages.create(**GIVEN, system="Be brief.", tools=[TOOL])
    counted = client.messages.count_tokens(
        model=MODEL, messages=ASKED, system="Be brief.", tools=[TOOL]
    )
    usage = message.usage
    assert counted.input_tokens == usage.input_tokens + (usage.cache_read_input_tokens or 0)
    assert len(engine.legs) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"frobnicate": 1}, "frobnicate"),
        ({"tools": [{"name": "weather", "input_schema": {}}]}, "weather"),
        ({"tools": [{"type": "web_fetch_20250910", "name": "web_fetch"}]}, "web_fetch"),
        ({"tools": [TOOL, TOOL]}, "once"),
        ({"tools": [{**TOOL, "max_uses": 0}]}, "max_uses"),
        ({"tools": [{**TOOL, "allowed_domains": ["a.b"], "blocked_domains": ["c.d"]}]}, "one of"),
        ({"tools": [{**TOOL, "allowed_domains": ["https://a.b"]}]}, "domain"),
        ({"tool_choice": {"type": "any"}}, "web_search"),
        ({"messages": [*ASKED, {"role": "assistant", "content": "It"}]}, "assistant"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "role"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, "image"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"stop_sequences": [""]}, "stop_sequences"),
        ({"output_config": {"format": {"type": "json_schema", "schema": {}}}}, "output_config"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_bad_request_is_refused_by_name(client: Anthropic, changes: Any, says: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as refused:
        client.messages.create(**GIVEN, extra_body=changes)
    error = refused.value
    assert error.type == "invalid_request_error"
    assert says in str(error.api_message)
    assert error.request_id is not None
    assert error.body["request_id"] == error.request_id  # type: ignore[index]


def test_no_model_of_this_name(client: Anthropic, gateway: Gateway) -> None:
    with pytest.raises(anthropic.NotFoundError) as refused:
        client.messages.create(**{**GIVEN, "model": "claude-9"})
    assert refused.value.type == "not_found_error"
    (listed,) = list(client.models.list())
    assert (listed.id, listed.type, listed.display_name) == (MODEL, "model", MODEL)
    assert client.models.retrieve(MODEL).created_at == listed.created_at


def test_keys_and_their_absence(own: Any) -> None:
    _, gateway = own("Yes.", api_keys=("k-1",))
    for key, kind in (("k-1", None), ("k-2", anthropic.AuthenticationError)):
        with Anthropic(base_url=gateway.url, api_key=key, max_retries=0) as client:
            if kind is None:
                assert told(client.messages.create(**GIVEN)) == [("text", "Yes.")]
            else:
                with pytest.raises(kind) as refused:
                    client.messages.create(**GIVEN)
                assert refused.value.type == "authentication_error"


def test_an_engine_that_is_away(own: Any, stage: Any) -> None:
    engine, gateway = own("Yes.", engine_restart_patience=0)
    with Anthropic(base_url=gateway.url, api_key="x", max_retries=0) as client:
        client.messages.create(**GIVEN)
        engine.stop()
        with pytest.raises(anthropic.APIStatusError) as refused:
            client.messages.create(**GIVEN)
        assert (refused.value.status_code, refused.value.type) == (503, "overloaded_error")
        assert refused.value.response.headers["retry-after"]
        engine.start()


def test_an_engine_that_dies_in_mid_answer(own: Any) -> None:
    _, gateway = own(Answer(("It was a",), fault="die"), engine_restart_patience=0)
    with (
        Anthropic(base_url=gateway.url, api_key="x", max_retries=0) as client,
        client.messages.stream(**GIVEN) as stream,
    ):
        said: list[str] = []
        with pytest.raises(anthropic.APIStatusError) as broken:
            said.extend(stream.text_stream)
    assert "".join(said) == "It was a"
    assert broken.value.type == "overloaded_error"


def test_pings_go_into_a_silence(own: Any) -> None:
    search = MockAdapter(delay=0.5)
    _, gateway = own(LOOKED_UP, search=search, keepalive=0.05)
    reply = gateway.post("/v1/messages", json={**GIVEN, "tools": [TOOL], "stream": True})
    opened, _, rest = reply.text.partition('"type":"server_tool_use"')
    assert opened.count("event: ping") >= 1
    assert 'event: ping\ndata: {"type": "ping"}\n\n' in rest
    assert ": keep-alive" not in reply.text


def test_a_client_that_leaves_stops_the_engine(own: Any) -> None:
    engine, gateway = own(" word" * 4000, engine={"rate": 200})
    with (
        Anthropic(base_url=gateway.url, api_key="x", max_retries=0) as client,
        client.messages.stream(**{**GIVEN, "max_tokens": 4000}) as stream,
    ):
        next(iter(stream.text_stream))
        assert engine.running() == 1
    until(lambda: engine.running() == 0)
