"""What stands in a span -> what is asked: plain queries, or a call of a tool.

Models write calls with small flaws (a brace too few, an argument of another name); what can be
understood is. What can't has a `problem`, which is told to the model in place of results.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

BAD_CALL = "The call could not be read."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a span asks for."""

    queries: str
    """One per line."""
    tool: str = ""
    """The name it was called by, where calls have one."""
    id: str = ""
    """The call's own, to be answered under."""
    problem: str = ""
    """Why nothing can be searched."""


Reader = Callable[[str, str], Asked]
"""Of the span's text, and of the header it stood under (empty where there are none)."""


def lines(text: str, header: str = "") -> Asked:
    """Queries as they are, one per line."""
    return Asked(text)


def one(text: str, header: str = "") -> Asked:
    """One query, however many lines it takes."""
    return Asked(" ".join(text.split()))


TOOL = "web_search"
"""The name by which the gateway offers its search to models that call tools."""
TOOLS = (TOOL, "search", "brave_search", "browser.search", f"functions.{TOOL}", f"browser.{TOOL}")
"""Names that are taken for it: what families of models were trained with, and like to write."""
WEB_SEARCH: dict[str, object] = {
    "type": "function",
    "function": {
        "name": TOOL,
        "description": "Search the web. Returns numbered passages.",
        "parameters": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "Short, and complete by itself."}
            },
            "required": ["query"],
        },
    },
}
"""The tool as chat templates take it."""

_ARGUMENTS = ("arguments", "parameters", "args", "input")
_QUERIES = ("query", "queries", "q", "search_query", "search_term")
_NAMED = re.compile(
    r"\s*([A-Za-z_][\w.-]{0,63})\s*(?:\[CALL_ID\]([\w-]{1,64}))?\s*\[ARGS\](.*)", re.DOTALL
)
"""`web_search[CALL_ID]abc123def[ARGS]{…}`, as newer Mistral models write it."""
_PYTHON = re.compile(r"\s*([A-Za-z_][\w.]{0,63}?)(?:\.call)?\((.*)", re.DOTALL)
"""`brave_search.call(query="…")`, as Llama calls the tools that are built in."""
_QUERY = re.compile(
    r"""["']?(?:query|q|search_query)["']?\s*[:=]\s*("(?:[^"\\]|\\.)*")""", re.DOTALL
)
"""The query in a call that is not quite JSON."""
_NAME = re.compile(r'"name"\s*:\s*"([^"\\]{1,64})"')
_ID = re.compile(r"[\w-]{1,64}")
_RECIPIENT = re.compile(r"\bto=([\w.]{1,64})")


def tool_call(text: str, header: str = "") -> Asked:
    """A call in any of the forms that families of models are trained on.

    `{"name": …, "arguments": {"query": …}}` or a list of such; `name[ARGS]{…}`;
    `name.call(query=…)`; or bare arguments, where a header names the tool (`to=browser.search`).
    """
    recipient = _RECIPIENT.search(header)
    tool, id_, body = recipient[1] if recipient else "", "", text
    if named := _NAMED.match(text):
        tool, id_, body = named[1], named[2] or "", named[3]
    elif not recipient and (python := _PYTHON.match(text)):
        tool, body = python[1], python[2]
    found = _loads(body)
    if isinstance(found, list):
        return _several([entry for entry in found if isinstance(entry, dict)])
    if isinstance(found, dict):
        return _one(found, tool, id_)
    tool = tool or next(iter(_NAME.findall(text)), "")
    query = _QUERY.search(body)
    if tool and tool not in TOOLS:
        return Asked("", tool, id_, no_such(tool))
    asked = _loads(query[1]) if query else None
    if not isinstance(asked, str):
        return Asked("", tool, id_, BAD_CALL)
    return Asked(_line(asked), tool, id_)


def no_such(tool: str) -> str:
    """The notice for a call of another tool."""
    return f"There is no tool {tool}. Search again, or answer."


def _one(call: dict[str, object], tool: str, id_: str) -> Asked:
    name, own = call.get("name"), call.get("id")
    if isinstance(name, str):
        tool = name
        if isinstance(own, str) and _ID.fullmatch(own):
            id_ = own
        call = next((found for key in _ARGUMENTS if (found := _object(call.get(key)))), {})
    if tool and tool not in TOOLS:
        known = tool if re.fullmatch(r"[\w.-]{1,64}", tool) else ""
        return Asked("", known, id_, no_such(known or "of that name"))
    for key in _QUERIES:
        match call.get(key):
            case str(query):
                return Asked(_line(query), tool, id_)
            case list(queries):
                several = "\n".join(_line(one) for one in queries if isinstance(one, str))
                return Asked(several, tool, id_)
    return Asked("", tool, id_, BAD_CALL)


def _several(calls: list[dict[str, object]]) -> Asked:
    asked = [_one(call, "", "") for call in calls]
    if good := [one for one in asked if not one.problem]:
        return Asked("\n".join(one.queries for one in good), good[0].tool, good[0].id)
    return asked[0] if asked else Asked("", problem=BAD_CALL)


def _object(value: object) -> dict[str, object] | None:
    if isinstance(value, str):  # arguments as a string of JSON, as OpenAI's API has them
        value = _loads(value)
    return value if isinstance(value, dict) else None


def _loads(text: str) -> object:
    try:
        # What follows the value is left: a `</s>`, a second call, a word too many.
        found: object = json.JSONDecoder(strict=False).raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return None
    return found


def _line(query: str) -> str:
    return " ".join(query.split())
