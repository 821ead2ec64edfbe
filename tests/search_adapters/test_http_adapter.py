"""The one place with sockets, against a real server on loopback that misbehaves."""

import asyncio
import logging
import traceback

import httpx2
import loopback
import pytest
from loopback import reply, serving, serving_for_long

from search_adapters.backend import Call
from search_adapters.errors import BadReply, RateLimited, SearchError, TimedOut, Unavailable
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import Passage, Query, Traits
from search_adapters.providers.web_iq import WebIq

KEY = "k3y-of-the-house"
ANSWER = b'{"webResults": [{"url": "https://example.com/a", "content": "Varn is a town."}]}'
SOON = 0.2
"""Seconds: the adapter's own limit in the tests that run into it."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adapters honour the proxy of their environment; loopback isn't behind it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def adapter(url: str, **limits: float) -> HttpAdapter:
    seconds = limits.get("seconds", 20.0)
    return HttpAdapter(
        WebIq(KEY, url), seconds=seconds, max_bytes=int(limits.get("max_bytes", 100_000))
    )


async def search(url: str, **limits: float) -> tuple[Passage, ...]:
    provider = adapter(url, **limits)
    try:
        return await provider.search(Query("varn"))
    finally:
        await provider.aclose()


async def test_a_search_is_one_request_with_the_key() -> None:
    async with serving(reply(200, ANSWER)) as server:
        (passage,) = await search(server.url)
        assert passage.text == "Varn is a town."
        (request,) = server.requests
        assert request.startswith(b"POST /search/web HTTP/1.1")
        assert f"x-apikey: {KEY}".encode() in request


async def test_connections_are_used_again_by_concurrent_searches() -> None:
    async with serving(reply(200, ANSWER)) as server:
        provider = adapter(server.url)
        found = await asyncio.gather(*(provider.search(Query(f"varn {n}")) for n in range(5)))
        assert [len(passages) for passages in found] == [1] * 5
        await provider.aclose()
        await provider.aclose()


async def test_a_refusal_keeps_its_retry_hint() -> None:
    async with serving(reply(429, b"slow down", "Retry-After: 12")) as server:
        with pytest.raises(RateLimited) as caught:
            await search(server.url)
        assert caught.value.retry_after == 12.0


@pytest.mark.parametrize("behaviour", [loopback.never, loopback.half_a_body])
async def test_slow_headers_and_slow_bodies_time_out(behaviour: loopback.Behaviour) -> None:
    async with serving(behaviour) as server:
        with pytest.raises(TimedOut):
            await search(server.url, seconds=SOON)
        await asyncio.wait_for(server.gone.wait(), 60)


@pytest.mark.parametrize("behaviour", [loopback.hang_up, loopback.not_http])
async def test_a_broken_connection_is_unavailable(behaviour: loopback.Behaviour) -> None:
    async with serving(behaviour) as server:
        with pytest.raises(Unavailable):
            await search(server.url)


async def test_nobody_there_is_unavailable() -> None:
    async with serving(loopback.never) as server:
        url = server.url
    with pytest.raises(Unavailable):
        await search(url)


async def test_an_endless_body_is_cut_off() -> None:
    async with serving(loopback.endless) as server:
        with pytest.raises(BadReply, match="more than 100000 bytes"):
            await search(server.url)
        await asyncio.wait_for(server.gone.wait(), 60)


async def test_a_body_that_is_not_what_it_says_is_a_bad_reply() -> None:
    async with serving(loopback.not_gzip) as server:
        with pytest.raises(BadReply):
            await search(server.url)


async def test_redirects_are_not_followed() -> None:
    async with (
        serving(reply(200, ANSWER)) as elsewhere,
        serving(reply(302, b"", f"Location: {elsewhere.url}/")) as server,
    ):
        with pytest.raises(BadReply):
            await search(server.url)
        assert elsewhere.requests == []


async def test_cancelling_a_search_hangs_up() -> None:
    async with serving(loopback.never) as server:
        provider = adapter(server.url)
        task = asyncio.create_task(provider.search(Query("varn")))
        await asyncio.wait_for(server.arrived.wait(), 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.gone.wait(), 60)
        await provider.aclose()


@pytest.mark.parametrize(
    "behaviour",
    [loopback.hang_up, loopback.not_http, loopback.not_gzip, reply(401, b"{}"), reply(500, b"")],
)
async def test_no_error_and_no_log_shows_the_key_or_the_query(
    behaviour: loopback.Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(behaviour) as server:
        with pytest.raises(SearchError) as caught:
            await search(server.url)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert KEY not in told
    assert "varn" not in caplog.text


async def test_the_callers_own_client_is_left_open() -> None:
    async with httpx2.AsyncClient(
        transport=httpx2.MockTransport(lambda request: httpx2.Response(200, content=ANSWER))
    ) as client:
        provider = HttpAdapter(WebIq(KEY), client=client)
        assert len(await provider.search(Query("varn"))) == 1
        await provider.aclose()
        assert not client.is_closed


class _Odd:
    traits = Traits(max_query_chars=10)

    def request(self, query: Query) -> Call:
        return Call("GET", "http://[not-an-address/")

    def passages(self, *reply: object) -> tuple[Passage, ...]:
        return ()


async def test_an_impossible_address_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await HttpAdapter(_Odd()).search(Query("varn"))


async def test_a_warmed_connection_is_the_one_that_the_search_uses() -> None:
    async with serving_for_long() as server:
        provider = adapter(server.url)
        await provider.warm()
        await provider.warm()  # it is open: there is nothing to do
        assert len(await provider.search(Query("varn"))) == 1
        await provider.aclose()
        head, search = server.requests
        assert head.startswith(b"HEAD / HTTP/1.1")
        assert KEY.encode() not in head
        assert search.startswith(b"POST /search/web")
        assert server.connections == 1


async def test_warming_what_isn_t_there_is_an_error_like_any_other() -> None:
    provider = adapter("http://127.0.0.1:1")
    with pytest.raises(Unavailable):
        await provider.warm()
    await provider.aclose()
