"""What an MCP search tool answered, in any of the forms servers use, as passages.

structured content   mapped by JMESPath
text holding JSON    the same; several blocks each holding one result count as a list
text with labels     Title: ... URL: ... Text: ...   as Exa's and Tavily's servers write it
resources            each with its address and text
other text           one passage, cited as the tool itself
"""

import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from search_adapters.domains import host_of
from search_adapters.errors import (
    BadReply,
    NotAuthorised,
    QuotaExhausted,
    RateLimited,
    SearchError,
    Unavailable,
)
from search_adapters.json_mapping import JsonMapping
from search_adapters.protocol import Passage
from search_adapters.replies import iso_day, joined, plain

if TYPE_CHECKING:
    from mcp.types import CallToolResult

_LABEL = re.compile(
    r"^\s*(?:\d+[.)]\s*)?[*#\s]*(title|url|link|published(?: date)?|date|text|content|snippet|"
    r"description|summary|highlights)[*\s]*:[*\s]*",
    re.IGNORECASE | re.MULTILINE,
)
_KIND: tuple[tuple[str, type[SearchError]], ...] = (
    (r"rate.?limit|too many requests|\b429\b", RateLimited),
    (r"quota|credits?\b|\b402\b|\b432\b|payment required", QuotaExhausted),
    (r"unauthori[sz]ed|forbidden|api.?key|\b40[13]\b|token", NotAuthorised),
)
"""What a tool's own error is about; it has only words for it."""


def failure(result: "CallToolResult") -> SearchError:
    """The error that a result marked as one stands for."""
    told = plain(" ".join(_texts(result)))[:200]
    kind = next((kind for words, kind in _KIND if re.search(words, told, re.IGNORECASE)), None)
    return (kind or Unavailable)(told or "the tool failed and says nothing")


def passages(result: "CallToolResult", mapping: JsonMapping, tool: str) -> tuple[Passage, ...]:
    """The passages of a result, in its order.

    Raises:
        BadReply: it is JSON that the mapping doesn't fit.
        Unavailable: the JSON says that the search failed.
    """
    if result.structured_content is not None:
        structured = result.structured_content
        if isinstance(structured, dict) and isinstance(structured.get("result"), str):
            # Servers wrap a tool that returns a text into an object of this one field.
            return _of_texts([structured["result"]], mapping, tool)
        if isinstance(structured, dict) and set(structured) == {"result"}:
            structured = structured["result"]
        return mapping.passages(structured)
    resources = tuple(_resources(result))
    return resources or _of_texts(list(_texts(result)), mapping, tool)


def _of_texts(texts: list[str], mapping: JsonMapping, tool: str) -> tuple[Passage, ...]:
    texts = [text for text in texts if text.strip()]
    if not texts:
        return ()
    documents = [_json(text) for text in texts]
    if all(document is not None for document in documents):
        return mapping.passages(documents[0] if len(documents) == 1 else documents)
    labelled = tuple(passage for text in texts for passage in _labelled(text))
    if labelled:
        return labelled
    whole = joined(texts, max_chars=4000)
    return (Passage(tool, f"mcp://{tool}", whole, tool),) if whole else ()


def _labelled(text: str) -> Iterator[Passage]:
    """Results written as `Label: value` lines, each beginning with its title."""
    found: dict[str, str] = {}
    marks = list(_LABEL.finditer(text))
    for mark, after in zip_longest(marks, marks[1:]):
        label = mark[1].lower()
        if label == "title" and found:
            yield from _passage(found)
            found = {}
        found.setdefault(label, text[mark.end() : after.start() if after else None].strip())
    yield from _passage(found)


def _passage(found: dict[str, str]) -> Iterator[Passage]:
    link = (found.get("url") or found.get("link") or "").split("\n")[0].strip()
    names = ("text", "content", "highlights", "snippet", "summary", "description")
    text = joined([next((found[name] for name in names if found.get(name)), "")])
    day = found.get("published date") or found.get("published") or found.get("date")
    if "://" in link and text:
        title = plain(found.get("title", "").split("\n")[0])
        yield Passage(title or link, link, text, host_of(link), iso_day(day))


def _resources(result: "CallToolResult") -> Iterator[Passage]:
    for block in result.content:
        resource = getattr(block, "resource", None)
        text = joined([getattr(resource, "text", "") or ""])
        if text:
            uri = str(getattr(resource, "uri", ""))
            yield Passage(host_of(uri) or uri, uri, text, host_of(uri))


def _texts(result: "CallToolResult") -> Iterator[str]:
    for block in result.content:
        if block.type == "text":
            yield block.text


def _json(text: str) -> Any:
    """The JSON document a text holds; None when it isn't one of objects."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RecursionError):
            raise BadReply("nested too deep") from None
        return None
