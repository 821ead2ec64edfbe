"""Each provider's pure pair, as tables: replies to passages or errors, whoever the provider is."""

import json
from typing import Any

import pytest
from dialects import DIALECTS, KEY, REFUSALS, REPLIES, Refused, body

from search_adapters import errors
from search_adapters.domains import only_allowed
from search_adapters.errors import SearchError
from search_adapters.protocol import Query

each_dialect = pytest.mark.parametrize("name", DIALECTS)
PAGE = (REPLIES / "page.html").read_bytes()


@each_dialect
def test_results_become_passages(name: str) -> None:
    passages = DIALECTS[name].backend.passages(200, {}, body(name, "ok"))
    by_url = {passage.url.split("?")[0]: passage for passage in passages}
    assert len(by_url) == len(passages)
    varn = by_url["https://www.example.com/lighthouses/varn"]
    assert varn.title == "Lighthouses of the Varn coast"
    assert "lit in 1871" in varn.text
    for markup in ("<b>", "<strong>", "&amp;", "\n"):
        assert markup not in varn.text + varn.title
    assert varn.site == "example.com"
    assert varn.date == ("2026-03-14" if DIALECTS[name].dated else None)
    town = by_url["https://towns.example.org/varn"]
    assert town.text.startswith("Varn has 4,200 people")
    assert town.date is None
    assert not any(passage.url == "https://example.net/empty" for passage in passages)


@each_dialect
def test_no_results_are_no_error(name: str) -> None:
    assert DIALECTS[name].backend.passages(200, {}, body(name, "empty")) == ()


@pytest.mark.parametrize(
    "refused", REFUSALS, ids=lambda r: f"{r.name}-{r.case}-{r.status}-{r.kind.__name__}"
)
def test_a_refusal_says_what_follows_from_it(refused: Refused) -> None:
    reply = body(refused.name, refused.case)
    with pytest.raises(SearchError) as caught:
        DIALECTS[refused.name].backend.passages(refused.status, refused.headers, reply)
    assert type(caught.value) is refused.kind
    assert caught.value.retry_after == refused.retry_after


@each_dialect
def test_every_dialect_has_its_refusals_documented(name: str) -> None:
    kinds = {refused.kind for refused in REFUSALS if refused.name == name}
    assert kinds or DIALECTS[name].folder
    if DIALECTS[name].backend.traits.usd_per_1000:
        assert {errors.NotAuthorised, errors.RateLimited} <= kinds


@each_dialect
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, errors.BadReply),
        (404, errors.BadReply),
        (408, errors.TimedOut),
        (410, errors.Retired),
        (414, errors.BadQuery),
        (500, errors.Unavailable),
        (503, errors.Unavailable),
        (504, errors.TimedOut),
    ],
)
def test_statuses_without_a_readable_body(name: str, status: int, kind: type[SearchError]) -> None:
    with pytest.raises(kind) as caught:
        DIALECTS[name].backend.passages(status, {"retry-after": "7"}, PAGE)
    assert caught.value.retry_after == 7.0


@each_dialect
def test_html_instead_of_json_is_named(name: str) -> None:
    with pytest.raises(errors.BadReply, match="HTML"):
        DIALECTS[name].backend.passages(200, {}, PAGE)


@each_dialect
@pytest.mark.parametrize("reply", [b"", b"null", b"[1]", b'"ok"', b"{}", b"\xff\xfe", b"[" * 5000])
def test_other_json_is_a_bad_reply(name: str, reply: bytes) -> None:
    with pytest.raises(errors.BadReply):
        DIALECTS[name].backend.passages(200, {}, reply)


@each_dialect
def test_a_cut_reply_is_a_bad_reply(name: str) -> None:
    whole = body(name, "ok").rstrip()
    for end in range(0, len(whole) - 1, 97):
        with pytest.raises(errors.BadReply):
            DIALECTS[name].backend.passages(200, {}, whole[:end])


@each_dialect
def test_results_with_other_fields_are_a_bad_reply(name: str) -> None:
    with pytest.raises(errors.BadReply):
        DIALECTS[name].backend.passages(200, {}, body(name, "other_fields"))


@each_dialect
def test_one_odd_result_does_not_spoil_the_page(name: str) -> None:
    dialect, page = DIALECTS[name], json.loads(body(name, "ok"))
    results: Any = page
    for step in dialect.results:
        results = results[int(step) if isinstance(results, list) else step]
    good = len(dialect.backend.passages(200, {}, json.dumps(page).encode()))
    results.insert(0, {"url": 5, "link": None, "type": "url_citation"})
    results.insert(1, "not an object")
    assert len(dialect.backend.passages(200, {}, json.dumps(page).encode())) == good


@each_dialect
def test_a_key_is_nowhere_to_be_seen(name: str) -> None:
    """In the headers, but for SerpApi; never in the address, a repr or a redacted text."""
    call = DIALECTS[name].backend.request(Query("varn lighthouse"))
    assert KEY not in call.url
    assert KEY not in repr(call)
    if KEY in DIALECTS[name].environment.values():
        assert KEY not in call.redact(f"no key '{KEY}' at ?api_key={KEY}&q=varn")
    if name != "serpapi":
        assert KEY not in str(call.params)
        assert KEY not in str(call.json)


@each_dialect
def test_limits_hold_in_the_request(name: str) -> None:
    backend = DIALECTS[name].backend
    call = backend.request(Query("varn " * 1000, limit=999, allowed_domains=("a.example",)))
    sent = {**call.params, **(call.json or {})}
    names = ("q", "query", "input", "gsrsearch", "searchQuery.query")
    text = next(str(sent[field]) for field in names if field in sent)
    if name != "json_api":  # there the chain's own cut is all there is
        assert len(text) <= backend.traits.max_query_chars
    if backend.traits.max_query_words:
        assert len(text.split()) <= backend.traits.max_query_words


@each_dialect
def test_domains_reach_the_provider_or_more_is_asked_for(name: str) -> None:
    """Where a provider can't filter, it is asked for all it has, and the rest is left out here."""
    dialect = DIALECTS[name]
    for wish, query in {
        "allowed_domains": Query("varn", allowed_domains=("www.Example.com",)),
        "denied_domains": Query("varn", denied_domains=("towns.example.org",)),
    }.items():
        call = dialect.backend.request(query)
        sent = str({**call.params, **(call.json or {})})
        if wish in dialect.backend.traits.honours:
            assert "example.com" in sent or "towns.example.org" in sent
        passages = dialect.backend.passages(200, {}, body(name, "ok"))
        assert {p.site for p in only_allowed(passages, query)}.isdisjoint({"towns.example.org"})


@pytest.mark.parametrize("name", [name for name in DIALECTS if DIALECTS[name].operators])
def test_domains_are_asked_for_by_operator(name: str) -> None:
    def text(query: Query) -> str:
        call = DIALECTS[name].backend.request(query)
        sent = {**call.params, **(call.json or {})}
        names = ("q", "query", "input", "searchQuery.query")
        return next(str(sent[field]) for field in names if field in sent)

    one = Query("varn", allowed_domains=("Example.com",))
    assert text(one) == "varn site:example.com"
    two = Query("varn", allowed_domains=("example.com", "*.example.org"))
    assert text(two) == "varn (site:example.com OR site:example.org)"
    without = Query("varn", denied_domains=("example.com",))
    assert text(without) == "varn -site:example.com"
