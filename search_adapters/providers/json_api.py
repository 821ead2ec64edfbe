"""Any search API that speaks JSON, described by settings instead of code.

HTTP_SEARCH_URL         https://search.example.com/api?q={query}&count={limit}&lang={language}
HTTP_SEARCH_BODY        a JSON body, which makes it a POST: {"q": "{query}", "n": "{limit}"}
HTTP_SEARCH_HEADERS     a JSON object of headers: {"Authorization": "Bearer {key}"}
HTTP_SEARCH_KEY         what {key} stands for; kept out of logs and errors wherever it is put
HTTP_SEARCH_RESULTS, _TITLE, _LINK, _TEXT, _DATE, _ERROR   JMESPath, see `json_mapping`
HTTP_SEARCH_MAX_RESULTS the most that one call brings; 10 by default
HTTP_SEARCH_PASSAGES    `on` when its texts are long enough that no page needs fetching
HTTP_SEARCH_FREE        `on` when a call costs nobody anything, so one may be made on a guess

Placeholders are those of `templates`.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import httpx2

from search_adapters.backend import Call
from search_adapters.domains import wanted
from search_adapters.environment import address, count, secret, switch
from search_adapters.errors import BadReply, MissingSetting
from search_adapters.freshness import Clock, today
from search_adapters.http_adapter import HttpAdapter
from search_adapters.json_mapping import JsonMapping
from search_adapters.protocol import Environment, Passage, Query, Traits, Wish
from search_adapters.replies import decoded, refusal
from search_adapters.templates import filled, filled_text, unknown, uses, values

UNSET = Traits(
    usd_per_1000=None,
    cache_seconds=0.0,
    needs=("HTTP_SEARCH_URL",),
    source="you know its terms: ORSON_CACHE_HTTP",
)


class JsonApi:
    """An API as its operator wrote it down."""

    def __init__(
        self,
        url: str,
        mapping: JsonMapping,
        traits: Traits = UNSET,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        key: str = "",
        clock: Clock = today,
    ) -> None:
        """`url`, `body` and the values of `headers` may hold placeholders."""
        self.traits = traits
        self._parts, self._mapping, self._body = urlsplit(url), mapping, body
        self._headers, self._key, self._clock = headers or {}, key, clock

    def request(self, query: Query) -> Call:
        """A GET, or a POST where there is a body."""
        by = values(query, wanted(query, self.traits), self._key, self._clock())
        quoted = {name: value and quote(str(value), safe="") for name, value in by.items()}
        parts = self._parts._replace(path=filled_text(self._parts.path, quoted), query="")
        written = parse_qsl(self._parts.query, keep_blank_values=True)
        params = {name: value for name, text in written if (value := filled(text, by)) is not None}
        return Call(
            "GET" if self._body is None else "POST",
            urlunsplit(parts),
            headers={name: filled_text(text, by) for name, text in self._headers.items()},
            params={name: str(value) for name, value in params.items()},
            json=None if self._body is None else filled(self._body, by),
            secrets=(self._key,) if self._key else (),
        )

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """What the mapping finds in a 2xx, or the error of anything else."""
        if not 200 <= status < 300:
            try:
                detail = str(self._mapping.error.search(decoded(body)) or "")
            except BadReply:
                detail = ""
            raise refusal(status, headers, detail=detail)
        return self._mapping.passages(decoded(body))


class JsonApiAdapter(HttpAdapter):
    """Searches with the API that the environment describes."""

    name: ClassVar[str] = "http"
    variants: ClassVar[Mapping[str, Traits]] = {"": UNSET}
    traced: ClassVar[bool] = True

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting for a template, header or expression that can't be used."""
        super().__init__(_described(environment, self.name), environment, client=client)


def _described(environment: Environment, name: str) -> JsonApi:
    url = address(environment, name, "HTTP_SEARCH_URL")
    if not url:
        hint = "such as https://search.example.com/api?q={query}&count={limit}"
        raise MissingSetting(name, "HTTP_SEARCH_URL", hint)
    body = json_setting(environment, name, "HTTP_SEARCH_BODY")
    headers = json_setting(environment, name, "HTTP_SEARCH_HEADERS") or {}
    if not all(isinstance(value, str) and value.isascii() for value in headers.values()):
        raise MissingSetting(name, "HTTP_SEARCH_HEADERS", "an object of texts")
    templates = [url, body, headers]
    if strange := unknown(templates):
        raise MissingSetting(name, "HTTP_SEARCH_URL", f"nothing stands for {{{strange[0]}}}")
    if not uses(templates, "query"):
        raise MissingSetting(name, "HTTP_SEARCH_URL", "with {query} in it, or in HTTP_SEARCH_BODY")
    key = ""
    if uses(templates, "key"):
        key = secret(environment, name, "HTTP_SEARCH_KEY", "what {key} stands for")
    traits = Traits(
        max_query_chars=1000,
        max_results=count(environment, name, "HTTP_SEARCH_MAX_RESULTS") or 10,
        returns_passages=switch(environment, name, "HTTP_SEARCH_PASSAGES", False),
        usd_per_1000=None,
        cache_seconds=0.0,
        speculative=switch(environment, name, "HTTP_SEARCH_FREE", False),
        honours=honoured(templates),
        needs=UNSET.needs,
        source=UNSET.source,
    )
    mapping = JsonMapping.from_environment(environment, name, "HTTP_SEARCH")
    return JsonApi(url, mapping, traits, body=body, headers=headers, key=key)


def honoured(templates: Any) -> frozenset[Wish]:
    """The parts of a query that the templates send on."""
    names: dict[Wish, tuple[str, ...]] = {
        "language": ("language",),
        "country": ("country",),
        "freshness": ("freshness", "since", "until"),
        "allowed_domains": ("allowed_domains",),
        "denied_domains": ("denied_domains",),
    }
    return frozenset(
        wish for wish, any_of in names.items() if any(uses(templates, name) for name in any_of)
    )


def json_setting(environment: Environment, adapter: str, variable: str) -> dict[str, Any] | None:
    """The JSON object in `variable`, None when it isn't set."""
    text = environment.get(variable, "").strip()
    if not text:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise MissingSetting(adapter, variable, "a JSON object")
    return value
