"""The Responses API's `web_search` tool and what may be said of it -> `SearchOptions`."""

from dataclasses import replace
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator

from app.chat.request import SearchOptions, SearchPolicy
from app.wire.body import Strict
from app.wire.search_options import MOST_SEARCHES, ContextSize, Domains, Place, SearchBody

Name = Literal[
    "web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11"
]
Mode = Literal["none", "auto", "required"]


class Filters(Strict):
    """Where results may come from."""

    allowed_domains: Domains | None = None
    blocked_domains: Domains | None = None


class UserLocation(Place):
    """Where the user is."""

    type: Literal["approximate"] | None = None


class WebSearchTool(Strict):
    """The tool, under any of its names. What is read of it is all there is: pages, not images."""

    type: Name
    filters: Filters | None = None
    search_context_size: ContextSize | None = None
    user_location: UserLocation | None = None
    external_web_access: Literal[True] | None = None
    search_content_types: list[Literal["text"]] | None = None


def _ours(value: Any) -> Any:
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind not in get_args(Name):
        raise ValueError(
            f"Tools of type '{kind}' are not supported: this gateway runs 'web_search', no other."
        )
    return value


SearchTool = Annotated[WebSearchTool, BeforeValidator(_ours)]


class NamedChoice(BaseModel):
    """A tool that is to be used, or those that may be."""

    type: str
    mode: Literal["auto", "required"] = "required"


def _choosable(value: Any) -> Any:
    kind = value.get("type") if isinstance(value, dict) else "allowed_tools"
    if kind not in (*get_args(Name), "allowed_tools"):
        raise ValueError(f"A tool choice of type '{kind}' is not supported.")
    return value


Choice = Annotated[Mode | NamedChoice, BeforeValidator(_choosable)]


def mode_of(choice: Choice | None) -> Mode | None:
    """What a choice comes to where there is one tool."""
    return choice.mode if isinstance(choice, NamedChoice) else choice


def search_options(
    search: SearchBody,
    tools: list[WebSearchTool] | None,
    choice: Choice | None,
    max_tool_calls: int | None,
    accept_language: str = "",
) -> SearchOptions:
    """All that a request says about searching.

    Args:
        search: Orson's own options; what they say goes first.
        tools: None where the request has no list of tools, which leaves it to the gateway whether
            to search; an empty list says that it shall not.
        choice: of the tool.
        max_tool_calls: the most searches.
        accept_language: the header; says what the body leaves open.
    """
    tool = tools[0] if tools else None
    options = search.options(
        accept_language,
        place=tool.user_location if tool else None,
        context_size=(tool.search_context_size if tool else None) or "medium",
    )
    filters = (tool.filters if tool else None) or Filters()
    most = [number for number in (options.max_searches, max_tool_calls) if number is not None]
    return replace(
        options,
        policy=options.policy or _policy(tools, mode_of(choice)),
        max_searches=min(*most, MOST_SEARCHES) if most else None,
        allowed_domains=(*options.allowed_domains, *(filters.allowed_domains or ())),
        denied_domains=(*options.denied_domains, *(filters.blocked_domains or ())),
    )


def _policy(tools: list[WebSearchTool] | None, mode: Mode | None) -> SearchPolicy | None:
    if mode == "none" or (tools == [] and mode != "required"):
        return "never"
    if mode == "required":
        return "always"
    return None if tools is None else "auto"
