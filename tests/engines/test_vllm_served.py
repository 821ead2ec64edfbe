"""A vLLM server is looked into before it is relied on, and again when it may be another."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.chat.ports import Leg
from app.chat.request import Message
from app.engines.pinned import Pinned
from app.engines.vllm import VllmEngine
from app.errors import EngineRefused, EngineUnavailable, EngineUnfit
from model_server.scripted import Answer, Script, ScriptedServer, Tokenizer
from tests.engines.backends import GREEDY, TIMEOUTS
from tests.engines.test_http_client import answer, peer, read_request

CARD = {"id": "m", "root": "org/m", "max_model_len": 100}
FINISH = {"choices": [{"text": "a", "token_ids": [5], "finish_reason": "length"}]}
USAGE = {"choices": [], "usage": {"prompt_tokens_details": {"cached_tokens": 0}}}
GOOD: Mapping[str, Any] = {
    "/health": b"",
    "/version": {"version": "0.32.0+cpu"},
    "/v1/models": {"data": [CARD]},
    "/tokenize": {"tokens": [1, 2, 3]},
    "/v1/completions": [FINISH, USAGE],
}
NO_TEMPLATE = (400, {"error": {"message": "a chat template must be provided"}})


@asynccontextmanager
async def server(**changed: Any) -> AsyncIterator[VllmEngine]:
    """vLLM that answers each path as in GOOD, but for what changed (`v1_models` for /v1/models)."""
    paths = dict(GOOD)
    for name, said in changed.items():
        paths["/" + name.replace("_", "/", 1) if name.startswith("v1") else "/" + name] = said

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line, _, _ = await read_request(reader)
            said = paths[line.split(" ")[1]]
            status, said = said if isinstance(said, tuple) else (200, said)
            if isinstance(said, list):
                events = [f"data: {json.dumps(event)}\n\n".encode() for event in said]
                body = b"".join(events) + b"data: [DONE]\n\n"
            else:
                body = said if isinstance(said, bytes) else json.dumps(said).encode()
            writer.write(answer(body, "200 OK" if status == 200 else f"{status} Oops"))

    async with peer(handle) as url:
        engine = VllmEngine(url, model=paths.get("/wanted"), timeouts=TIMEOUTS)
        yield engine
        await engine.aclose()


async def test_one_that_can_do_everything(caplog: pytest.LogCaptureFixture) -> None:
    async with server() as engine:
        await engine.ready()
        assert (engine.model, engine.context_window) == ("m", 100)
    assert not caplog.messages


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": {"version": "0.19.1"}}, r"vLLM 0\.19; Orson supports 0\.20 and newer"),
        ({"version": {"version": "1.0.0rc1"}}, r"below 1\.0"),
        ({"wanted": "other"}, r"does not serve 'other'; it has m\. Set ORSON_MODEL"),
        ({"tokenize": (404, b"")}, r"has no /tokenize.*ORSON_ENGINE_URL"),
        ({"tokenize": NO_TEMPLATE}, r"has no chat template.*--chat-template FILE"),
        ({"v1_completions": [{"choices": [{"text": "a"}]}]}, "no token ids"),
        ({"v1_completions": (400, b"no such field")}, "no such field"),
    ],
)
async def test_one_that_can_t_is_refused_with_what_would_mend_it(
    changed: dict[str, Any], said: str
) -> None:
    async with server(**changed) as engine:
        with pytest.raises(EngineUnfit, match=said):
            await engine.ready()
        with pytest.raises(EngineUnfit, match=said):  # and stays so
            await engine.ready()


@pytest.mark.parametrize("version", [(404, b""), {"v": 1}, b"vLLM"])
async def test_a_server_that_does_not_say_its_version_is_judged_by_what_it_does(
    version: object,
) -> None:
    async with server(version=version) as engine:
        await engine.ready()


async def test_one_that_hides_its_cache_is_taken_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with server(v1_completions=[FINISH, {"choices": [], "usage": {}}]) as engine:
        await engine.ready()
    assert "--enable-prompt-tokens-details" in caplog.text


async def test_an_adapter_has_the_window_of_its_base() -> None:
    adapter = {"id": "search", "root": "/adapters/search", "parent": "m", "max_model_len": None}
    async with server(v1_models={"data": [CARD, adapter]}, wanted="search") as engine:
        await engine.ready()
        assert (engine.model, engine.context_window) == ("search", 100)


async def test_a_template_without_markers_is_no_reason_to_refuse() -> None:
    """It may refuse a lone question and take ours; the gateway finds out by asking one."""
    calls = iter([(400, {"error": {"message": "roles must alternate"}}), {"tokens": [1]}])
    async with server() as engine:
        http = engine._http
        request = http.request

        async def first_refused(method: str, path: str, body: bytes = b"") -> Any:
            reply = await request(method, path, body)
            if path != "/tokenize":
                return reply
            said = next(calls)
            status, said = said if isinstance(said, tuple) else (200, said)
            return type(reply)(status, reply.headers, json.dumps(said).encode())

        http.request = first_refused  # type: ignore[method-assign]
        await engine.ready()


# -- another model behind the same address -----------------------------------------------------


async def restarted(port: int, **options: Any) -> ScriptedServer:
    server = ScriptedServer(Script([Answer(("Yes.",))]), **options)
    await server.start(port)
    return server


async def test_the_same_model_after_a_restart_is_the_same() -> None:
    tokenizer = Tokenizer()  # it learns words as it goes
    first = await restarted(0, tokenizer=tokenizer)
    engine = VllmEngine(first.address, timeouts=TIMEOUTS)
    await engine.ready()
    served = engine.served
    prompt = await engine.render([Message("user", "Well?")])
    await first.stop()
    with pytest.raises(EngineUnavailable):
        await engine.ready()
    second = await restarted(int(first.address.rpartition(":")[2]), tokenizer=tokenizer)
    await engine.recovered(5.0)
    assert await engine.same()
    assert engine.served is served
    assert [chunk async for chunk in engine.generate(Leg(prompt, 8, GREEDY))]
    await engine.aclose()
    await second.stop()


@pytest.mark.parametrize(
    "changed", [{"model": "other"}, {"context_window": 512}, {"tokenizer": Tokenizer(())}]
)
async def test_another_model_is_noticed(changed: dict[str, Any]) -> None:
    first = await restarted(0)
    engine = VllmEngine(first.address, timeouts=TIMEOUTS)
    await engine.ready()
    pinned = Pinned(engine)
    prompt = await pinned.render([Message("user", "Well?")])
    await first.stop()
    second = await restarted(int(first.address.rpartition(":")[2]), **changed)
    # An answer under way would go on with ids that mean something else there.
    with pytest.raises((EngineUnfit, EngineRefused)):
        async for _ in pinned.generate(Leg(prompt, 8, GREEDY)):
            pass
    with pytest.raises(EngineUnfit):
        await pinned.recovered(5.0)
    assert not await engine.same()
    engine.relearn()
    await engine.ready()
    assert await engine.same()
    with pytest.raises(EngineUnfit, match="Ask again"):
        pinned.generate(Leg(prompt, 8, GREEDY))
    with pytest.raises(EngineUnfit):
        await pinned.encode("text")
    await engine.aclose()
    await second.stop()


async def test_waiting_is_bounded() -> None:
    server = await restarted(0)
    await server.stop()
    engine = VllmEngine(server.address, timeouts=TIMEOUTS)
    with pytest.raises(EngineUnavailable, match=r"not back within 0\.2 s"):
        await asyncio.gather(*(engine.recovered(0.2) for _ in range(3)))
    await engine.aclose()
