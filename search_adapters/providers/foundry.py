"""Grounding with Bing in Microsoft Foundry: a model there searches, and says what it cites.

`POST {project}/openai/v1/responses` with an `api-key` header and the `bing_grounding` tool, or the
project's own `web_search` tool where no connection is named. Bing's own texts are withheld: what
comes back are the sentences of that model's answer, each with the page it rests on. It takes
seconds and its tokens are billed besides, so it is for those who have nothing else of Microsoft's.
https://learn.microsoft.com/azure/ai-foundry/agents/how-to/tools/bing-grounding
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import host_of, with_sites
from search_adapters.errors import BadReply, RateLimited, SearchError, Unavailable
from search_adapters.freshness import Clock, today
from search_adapters.protocol import Passage, Query, Traits
from search_adapters.providers.bing_v7 import bing_freshness
from search_adapters.replies import each, parse, plain, refusal

MAX_CLAIM = 600


class FoundryGrounding:
    """The Responses dialect of a Foundry project, read for its citations."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=1000,
        max_results=20,
        returns_passages=True,  # its pages may not be fetched on the strength of its answer
        usd_per_1000=14.0,
        cache_seconds=0.0,
        honours=frozenset({"language", "country", "freshness", "allowed_domains"}),
        needs=("BING_API_KEY", "BING_FOUNDRY_ENDPOINT", "BING_FOUNDRY_MODEL"),
        source="LiteLLM's price map 1.110, 2026-11: $14 per 1,000, and the model's tokens",
    )

    def __init__(
        self, key: str, endpoint: str, model: str, connection: str = "", clock: Clock = today
    ) -> None:
        """`endpoint` is the project's, `model` a deployment in it, `connection` a Bing one's id."""
        self._key, self._url = key, endpoint.rstrip("/") + "/openai/v1/responses"
        self._model, self._connection, self._clock = model, connection, clock

    def request(self, query: Query) -> Call:
        """One POST that has the model search once."""
        body = {
            "model": self._model,
            "input": with_sites(query, self.traits.max_query_chars),
            "tools": [self._bing(query) if self._connection else _web_search(query)],
        }
        return Call("POST", self._url, headers={"api-key": self._key}, json=body)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """One passage a cited page: what the answer says on its authority."""
        if status != 200:
            raise _refusal(status, headers, body)
        reply = parse(_Reply, body)
        cited: dict[str, Passage] = {}
        for text, citation in reply.citations():
            claim = _claim(text, citation.start_index)
            site = host_of(citation.url)
            passage = Passage(plain(citation.title or site), citation.url, claim, site)
            if claim:
                cited.setdefault(citation.url, passage)
        if reply.status == "failed" or (reply.status == "incomplete" and not cited):
            raise _failure(reply)
        return tuple(cited.values())

    def _bing(self, query: Query) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "project_connection_id": self._connection,
            "count": min(query.limit, self.traits.max_results),
        }
        if query.language and query.country:
            settings["market"] = f"{query.language.lower()}-{query.country.upper()}"
        if query.language:
            settings["set_lang"] = query.language.lower()
        if query.freshness:
            settings["freshness"] = bing_freshness(query.freshness, self._clock)
        return {"type": "bing_grounding", "bing_grounding": {"search_configurations": [settings]}}


def _web_search(query: Query) -> dict[str, Any]:
    tool: dict[str, Any] = {"type": "web_search"}
    if query.country:
        tool["user_location"] = {"type": "approximate", "country": query.country.upper()}
    return tool


def _claim(text: str, marker: int | None) -> str:
    """The sentence a citation's marker follows: its line up to there, or the answer's beginning."""
    end = marker if marker is not None and 0 <= marker <= len(text) else len(text)
    line = plain(text[:end].rsplit("\n", 1)[-1].strip(" -*•"))
    return line[-MAX_CLAIM:] if line else plain(text)[:MAX_CLAIM]


def _failure(reply: "_Reply") -> SearchError:
    error = reply.error or _Error()
    reason = error.message or (reply.incomplete_details or {}).get("reason") or reply.status
    kind = RateLimited if "rate_limit" in error.code else Unavailable
    return kind(f"the grounded search {reply.status}: {plain(str(reason))[:200]}")


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
    try:
        message = parse(_Refusal, body).error.message
    except BadReply:
        message = ""
    # A tool's own error comes as JSON inside the message.
    with suppress(BadReply):
        message = parse(_Error, message.encode()).message or message
    return refusal(status, headers, detail=message)


class _Citation(BaseModel):
    url: str
    title: str | None = None
    start_index: int | None = None


class _Error(BaseModel):
    code: str = ""
    message: str = ""


class _Reply(BaseModel):
    output: list[Any]
    status: str = "completed"
    error: _Error | None = None
    incomplete_details: dict[str, Any] | None = None

    def citations(self) -> Iterator[tuple[str, _Citation]]:
        """Each cited address with the text it is cited in, in order."""
        for item in self.output:
            parts = item.get("content") if isinstance(item, dict) else None
            for part in parts if isinstance(parts, list) else ():
                notes = part.get("annotations") if isinstance(part, dict) else None
                of_pages = [
                    note
                    for note in notes or ()
                    if isinstance(note, dict) and note.get("type") == "url_citation"
                ]
                for citation in each(_Citation, of_pages):
                    yield str(part.get("text") or ""), citation


class _Refusal(BaseModel):
    error: _Error
