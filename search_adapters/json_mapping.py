"""From any JSON to passages, by JMESPath expressions that an operator wrote. https://jmespath.org

    results   the list of results in a reply           data.results
    title     within a result                          title || name
    link                                               url || link
    text      a text or a list of extracts             snippet || content || join(' ', highlights)
    date
    error     anything it finds in a 200 means that the search failed

Expressions are compiled at start, so a wrong one is said then.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from search_adapters.domains import host_of
from search_adapters.errors import BadReply, MissingSetting, Unavailable
from search_adapters.protocol import Environment, Passage
from search_adapters.replies import iso_day, joined, plain

DEFAULTS: Mapping[str, str] = {
    # The first that is a list: with `||` an empty one would count as none.
    "results": "[results, items, data, organic, web.results, @][?type(@) == 'array'] | [0]",
    "title": "title || name",
    "link": "url || link || href",
    "text": "highlights || snippets || snippet || content || description || text || body",
    "date": "date || published_date || publishedDate || published || page_age",
    "error": "error",
}


@dataclass(frozen=True, slots=True)
class JsonMapping:
    """Where the parts of a result stand."""

    results: ParsedResult
    title: ParsedResult
    link: ParsedResult
    text: ParsedResult
    date: ParsedResult
    error: ParsedResult

    @classmethod
    def from_environment(cls, environment: Environment, adapter: str, prefix: str) -> Self:
        """The expressions in `PREFIX_RESULTS` and so on. MissingSetting for one that is wrong."""
        compiled = {}
        for field in fields(cls):
            variable = f"{prefix}_{field.name.upper()}"
            expression = environment.get(variable, "").strip() or DEFAULTS[field.name]
            try:
                compiled[field.name] = jmespath.compile(expression)
            except JMESPathError as error:
                problem = " ".join(str(error).split())
                raise MissingSetting(adapter, variable, f"a JMESPath: {problem}") from None
        return cls(**compiled)

    def passages(self, reply: Any) -> tuple[Passage, ...]:
        """The results of a decoded reply, in its order.

        Raises:
            Unavailable: the reply holds an error.
            BadReply: there is no list of results, or none of them has a link and a text.
        """
        if isinstance(reply, dict) and (error := self._find(self.error, reply)):
            raise Unavailable(f"it says: {plain(_text(error))[:200]}")
        results = self._find(self.results, reply)
        if not isinstance(results, list):
            raise BadReply("no list where the results should be")
        passages = [passage for result in results if (passage := self._passage(result))]
        if results and not passages:
            raise BadReply(f"none of {len(results)} results has a link and a text")
        return tuple(passages)

    def _passage(self, result: Any) -> Passage | None:
        if not isinstance(result, dict):
            return None
        link = self._find(self.link, result)
        pieces = self._find(self.text, result)
        text = joined(map(_text, pieces if isinstance(pieces, list) else [pieces]))
        if not isinstance(link, str) or not link or not text:
            return None
        title = plain(_text(self._find(self.title, result)))
        day = iso_day(_text(self._find(self.date, result)))
        return Passage(title or link, link, text, host_of(link), day)

    def _find(self, expression: ParsedResult, value: Any) -> Any:
        try:
            return expression.search(value)
        except JMESPathError as error:
            raise BadReply(f"the mapping doesn't fit: {error}") from None


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
