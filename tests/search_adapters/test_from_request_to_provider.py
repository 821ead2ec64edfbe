"""From the body of a chat request to what each provider is asked: language, country, place, age.

Everything between is the real thing: the wire format, the service, the loop, the chain and the
adapter. Only the model and the provider's server are scripted.
"""

import json
from contextlib import aclosing
from typing import Any

import httpx2
import pytest
from dialects import DIALECTS, body
from test_adapter_conformance import built

from app.chat.means import Means
from app.chat.prompt import PromptRenderer
from app.chat.searching.injection import ResultsBlock
from app.chat.service import ChatService, Defaults
from app.metrics import Metrics
from app.wire.openai.chat_request import ChatCompletionRequest
from search_adapters.chain import Chain
from tests.fakes.engine import ScriptedEngine
from tests.fakes.scene import Scene

LEEDS = {"country": "gb", "city": "Leeds", "region": "England"}


async def sent(name: str, query: str, **fields: Any) -> list[dict[str, Any]]:
    """The parameters and JSON fields of each call to the provider, for a body with `fields`."""
    calls: list[httpx2.Request] = []

    def answer(call: httpx2.Request) -> httpx2.Response:
        calls.append(call)
        return httpx2.Response(200, content=body(name, "ok"))

    header = fields.pop("header", "")
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
        adapter = built(name, client)
        scene = Scene(ScriptedEngine(f"[SEARCH_START] {query}[SEARCH_END]", "Done."))
        vocabulary = (await scene.means()).vocabulary
        chain = Chain([adapter])
        block = ResultsBlock(scene.engine, vocabulary)
        service = ChatService(
            Means(scene.engine, chain, vocabulary, scene.limits, block),
            PromptRenderer(scene.engine, vocabulary),
            Defaults("trained", adapters=chain.names),
            Metrics(),
            max_concurrent=1,
        )
        message = {"role": "user", "content": "?"}
        asked = ChatCompletionRequest.model_validate(
            {"model": "m", "messages": [message], **fields}
        ).chat_request(header)
        async with aclosing(service.answer(asked)) as batches:
            async for _ in batches:
                pass
        await chain.aclose()
    return [
        {"host": c.url.host, **c.url.params, **(json.loads(c.content) if c.content else {})}
        for c in calls
    ]


def located(where: dict[str, str]) -> dict[str, Any]:
    return {"user_location": {"type": "approximate", "approximate": where}}


NOTATION: dict[str, dict[str, Any]] = {
    "web_iq": {"language": "en", "region": "GB"},
    "bing_v7": {"mkt": "en-GB"},
    "custom_search": {"hl": "en", "lr": "lang_en", "gl": "gb"},
    "serper": {"hl": "en", "gl": "gb", "location": "Leeds, England"},
    "serpapi": {"hl": "en", "gl": "gb", "location": "Leeds, England"},
    "web_search_service": {"languageCode": "en"},
    "brave_context": {"search_lang": "en-gb", "country": "GB"},
    "brave_web": {"search_lang": "en-gb", "country": "GB"},
    "searxng": {"language": "en-GB"},
    "tavily": {"language": "en", "country": "united kingdom"},
    "tavily_keyless": {"language": "en", "country": "united kingdom"},
    "you": {"language": "EN-GB", "country": "GB"},
    "you_keyless": {"language": "EN-GB", "country": "GB"},
    "exa": {"userLocation": "GB"},
    "perplexity": {"search_language_filter": ["en"], "country": "GB"},
    "wikipedia": {"host": "en.wikipedia.org"},
    "foundry": {
        "tools": [{"type": "web_search", "user_location": {"type": "approximate", "country": "GB"}}]
    },
    "json_api": {},  # its address names neither
}


@pytest.mark.parametrize("name", DIALECTS)
async def test_language_country_and_place_arrive_in_the_providers_notation(name: str) -> None:
    (call,) = await sent(
        name, "ferry", search={"language": "en"}, web_search_options=located(LEEDS)
    )
    assert {key: call.get(key) for key in NOTATION[name]} == NOTATION[name]


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({}, None),
        ({"search": {"language": "de-AT"}}, "de-AT"),
        ({"search": {"language": "de", "country": "ch"}}, "de-CH"),
        (
            {"search": {"language": "de-AT"}, "web_search_options": located({"country": "CH"})},
            "de-CH",
        ),
        ({"header": "fr-CA,fr;q=0.8"}, "fr-CA"),
        ({"header": "fr-CA", "search": {"language": "de", "country": "at"}}, "de-AT"),
        ({"header": "fr-CA,en;q=0.8"}, None),
    ],
)
async def test_whose_word_counts(fields: Any, language: str | None) -> None:
    (call,) = await sent("searxng", "ferry", **fields)
    assert call.get("language") == language


@pytest.mark.parametrize(
    ("query", "search", "freshness"),
    [
        ("ferry strike today", {}, "pd"),
        ("latest news ferry", {}, "pw"),
        ("ferry", {}, None),
        ("ferry strike today", {"freshness": "any"}, None),
        ("ferry strike today", {"freshness": "month"}, "pm"),
        ("ferry", {"freshness": "year"}, "py"),
        (
            "ferry",
            {"freshness": {"since": "2026-03-01", "until": "2026-03-14"}},
            "2026-03-01to2026-03-14",
        ),
    ],
)
async def test_age_arrives_in_the_providers_notation(
    query: str, search: Any, freshness: str | None
) -> None:
    (call, *_) = await sent("brave_web", query, search=search)
    assert call.get("freshness") == freshness
