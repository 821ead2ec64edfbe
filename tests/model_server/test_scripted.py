"""The scripted server answers as vLLM does, also where it goes wrong."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from app.engines.http_stream import HttpClient, Reply
from app.engines.sse import EventSplitter
from app.errors import EngineRefused, EngineUnavailable
from model_server.scripted import Answer, Script, ScriptedServer, Tokenizer

ANSWERS = (
    Answer(when="search", legs=("Let me see.[SEARCH_START] q[SEARCH_END]", " It is 42 [1].")),
    Answer(when="refuse", legs=("",), fault="refuse"),
    Answer(when="fail", legs=("",), fault="fail"),
    Answer(when="error", legs=("One two",), fault="error"),
    Answer(when="cut", legs=("One two",), fault="cut"),
    Answer(when="die", legs=("One two",), fault="die"),
)


class Client:
    """A few calls to the scripted server."""

    def __init__(self, server: ScriptedServer, url: str) -> None:
        self.server = server
        self.http = HttpClient(url)

    async def events(self, question: str, **body: Any) -> list[Any]:
        """The events of a streamed completion; "[DONE]" is a string."""
        prompt = self.server.tokenizer.encode(f"<|user|>{question}<|end|><|assistant|>")
        return await self.continued(prompt, **body)

    async def continued(self, prompt: list[int], **body: Any) -> list[Any]:
        """The same for a prompt in ids."""
        request = {"prompt": prompt, "stream": True, "return_token_ids": True, **body}
        stream = await self.http.stream("/v1/completions", msgspec.json.encode(request))
        splitter = EventSplitter()
        payloads: list[bytes] = []

        def take(received: bytes) -> bool:
            payloads.extend(splitter.feed(received))
            return True

        await stream.pour(take)
        return [p.decode() if p == b"[DONE]" else msgspec.json.decode(p) for p in payloads]

    async def post(self, path: str, **body: Any) -> Reply:
        return await self.http.request("POST", path, msgspec.json.encode(body))


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    server = ScriptedServer(Script(ANSWERS), context_window=256)
    one = Client(server, await server.start())
    yield one
    await one.http.aclose()
    await server.stop()


def choices(events: list[Any]) -> list[Any]:
    return [e["choices"][0] for e in events if e != "[DONE]" and e["choices"]]


def said(events: list[Any]) -> str:
    return "".join(choice["text"] for choice in choices(events))


def ids(events: list[Any]) -> list[int]:
    return [id for choice in choices(events) for id in choice["token_ids"]]


async def test_sixteen_tokens_unless_told_otherwise(client: Client) -> None:
    events = await client.events("babble")
    assert len(ids(events)) == 16
    assert choices(events)[-1]["finish_reason"] == "length"
    assert events[-1] == "[DONE]"


async def test_legs_follow_what_was_said(client: Client) -> None:
    end = client.server.tokenizer.id("[SEARCH_END]")
    first = await client.events("search", max_tokens=100, stop_token_ids=[end])
    assert said(first) == "Let me see.[SEARCH_START] q"
    assert choices(first)[-1]["stop_reason"] == end
    prompt = [*client.server.requests[-1].prompt, *ids(first)]
    prompt += client.server.tokenizer.encode("[RESULTS_START]x[RESULTS_END]")
    second = await client.continued(prompt, max_tokens=100, stop_token_ids=[end])
    assert said(second) == " It is 42 [1]."
    assert choices(second)[-1]["stop_reason"] is None
    assert client.server.requests[-1].output == ids(second)


async def test_a_stop_string_cuts_the_text_and_not_the_ids(client: Client) -> None:
    events = await client.events("search", max_tokens=100, stop=["see"])
    assert said(events) == "Let me "
    assert choices(events)[-1]["stop_reason"] == "see"
    assert client.server.tokenizer.decode(ids(events)) == "Let me see"


async def test_a_forbidden_token_turns_the_answer(client: Client) -> None:
    start = client.server.tokenizer.id("[SEARCH_START]")
    events = await client.events("search", max_tokens=100, logit_bias={str(start): -100})
    assert said(events) == "Let me see. I can't say."


async def test_bad_words_over_several_tokens() -> None:
    server = ScriptedServer(Script(ANSWERS), tokenizer=Tokenizer(markers=()))
    client = Client(server, await server.start())
    marker = server.tokenizer.encode("[SEARCH_START]")
    assert len(marker) > 1
    events = await client.events("search", max_tokens=100, bad_words=["[SEARCH_START]"])
    assert "[SEARCH_START]" not in said(events)
    await client.http.aclose()
    await server.stop()


async def test_usage_counts_cached_blocks(client: Client) -> None:
    options = {"include_usage": True}
    prompt = client.server.tokenizer.encode("word " * 40)
    for expected in (0, len(prompt[:-1]) // 16 * 16):
        events = await client.continued(prompt, max_tokens=3, stream_options=options)
        usage = events[-2]["usage"]
        assert usage["completion_tokens"] == 3
        assert usage["prompt_tokens_details"]["cached_tokens"] == expected


async def test_several_tokens_in_an_event(client: Client) -> None:
    client.server.stream_interval = 5
    events = await client.events("babble", max_tokens=12)
    assert [len(choice["token_ids"]) for choice in choices(events)] == [5, 5, 2]


@pytest.mark.parametrize(
    ("question", "error"), [("refuse", EngineRefused), ("fail", EngineUnavailable)]
)
async def test_refusing_and_failing(client: Client, question: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="The script says so"):
        await client.events(question)


async def test_faults_in_the_middle(client: Client) -> None:
    error = (await client.events("error"))[-2]
    assert error["error"]["message"] == "The script says so."
    cut = await client.events("cut")
    assert said(cut) == "One two"
    assert choices(cut)[-1]["finish_reason"] is None
    with pytest.raises(EngineUnavailable):
        await client.events("die")
    await client.server.idle()


async def test_bodies_that_are_wrong(client: Client) -> None:
    wrong: list[dict[str, Any]] = [{"prompt": [10**9]}, {"prompt": {}}, {"max_tokens": 0}]
    for body in wrong:
        reply = await client.post("/v1/completions", **body)
        assert reply.status == 400
        assert msgspec.json.decode(reply.body)["error"]["code"] == 400
    too_long = await client.post("/v1/completions", prompt="word " * 300)
    assert b"maximum context length is 256" in too_long.body
    assert (await client.post("/nowhere")).status == 404


async def test_text_comes_back_from_its_ids(client: Client) -> None:
    text = "A fox: 🦊, é\n\ttab [SEARCH_END]!"
    reply = await client.post("/tokenize", prompt=text)
    found = msgspec.json.decode(reply.body)
    assert found["count"] == len(found["tokens"])
    back = await client.post("/detokenize", tokens=found["tokens"])
    assert msgspec.json.decode(back.body)["prompt"] == text


async def test_an_answer_at_once_and_a_chat(client: Client) -> None:
    whole = await client.post("/v1/completions", prompt="babble", max_tokens=4, temperature=0)
    assert msgspec.json.decode(whole.body)["usage"]["completion_tokens"] == 4
    messages = [{"role": "user", "content": "search"}]
    chat = await client.post("/v1/chat/completions", messages=messages)
    message = msgspec.json.decode(chat.body)["choices"][0]["message"]
    assert message["content"].startswith("Let me see.")


async def test_a_key_is_asked_for_when_set() -> None:
    server = ScriptedServer(api_key="k")
    url = await server.start()
    for key, status in (("k", 200), ("x", 401), (None, 401)):
        client = HttpClient(url, api_key=key)
        assert (await client.request("GET", "/v1/models")).status == status
        await client.aclose()
    await server.stop()
