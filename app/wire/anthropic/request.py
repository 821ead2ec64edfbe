"""The bodies of `POST /v1/messages` and `/v1/messages/count_tokens` -> a ChatRequest.

Everything Anthropic's clients send for a conversation is known here: taken, or harmless and
ignored, or refused by name. What an earlier answer held is taken back as it was given: its text
counts, its thinking and its searches are accepted and not read again.
"""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from app.chat.request import ChatRequest, Message, Role, Sampling, SearchOptions
from app.errors import InvalidRequest
from app.wire.anthropic.blocks import Shown
from app.wire.body import Count, RequestBody, Strict, few_enough
from app.wire.search_options import MOST_SEARCHES, Domains, Place, SearchBody

MOST_STOPS = 16
"""Each is looked for in every piece of text."""


class TextBlock(BaseModel):
    """A text; `cache_control` and citations of an earlier answer are ignored."""

    type: Literal["text"]
    text: str


class EarlierBlock(BaseModel):
    """A block of an earlier answer that is not read again."""

    type: Literal["thinking", "redacted_thinking", "server_tool_use", "web_search_tool_result"]


Block = Annotated[TextBlock | EarlierBlock, Field(discriminator="type")]


class MessageParam(BaseModel):
    """One turn."""

    role: Literal["user", "assistant", "system"]
    content: str | list[Block]

    def text(self) -> str:
        """The content as one text."""
        return _text(self.content)


class UserLocation(Place):
    """Where the user is."""

    type: Literal["approximate"]


class WebSearchTool(Strict):
    """The search tool. The dated names differ in ways that concern code execution alone."""

    type: Literal["web_search_20250305", "web_search_20260209", "web_search_20260318"]
    name: Literal["web_search"]
    max_uses: Count | None = None
    allowed_domains: Domains | None = None
    blocked_domains: Domains | None = None
    user_location: UserLocation | None = None
    cache_control: dict[str, Any] | None = None
    allowed_callers: list[Literal["direct"]] | None = None
    defer_loading: Literal[False] | None = None
    response_inclusion: Literal["full"] | None = None
    strict: bool | None = None

    @model_validator(mode="after")
    def _one_list(self) -> "WebSearchTool":
        if self.allowed_domains and self.blocked_domains:
            raise ValueError(
                "Only one of 'allowed_domains' and 'blocked_domains' can be given to a search tool."
            )
        return self


class ToolChoice(BaseModel):
    """Whether the model must search, may or must not."""

    type: Literal["auto", "any", "tool", "none"]
    name: Literal["web_search"] | None = None
    disable_parallel_tool_use: bool | None = None


class Thinking(BaseModel):
    """Whether the client wants to see what the model thinks. Whether it thinks is up to it."""

    type: Literal["enabled", "adaptive", "between_tools", "disabled"]
    budget_tokens: int | None = None
    display: Literal["summarized", "omitted"] | None = None


class OutputConfig(Strict):
    """Effort is the model's own affair here; only plain text can be asked for."""

    effort: str | None = None
    format: None = None


class Metadata(BaseModel):
    """About the request."""

    user_id: str | None = None


class CountTokensRequest(RequestBody):
    """What a message is made from, as far as its prompt goes."""

    model: str
    messages: Annotated[list[MessageParam], Field(min_length=1), BeforeValidator(few_enough)]
    system: str | list[TextBlock] | None = None
    tools: list[WebSearchTool] | None = None
    tool_choice: ToolChoice | None = None
    search: SearchBody | None = None
    # Accepted since clients send them by habit.
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    cache_control: dict[str, Any] | None = None

    @field_validator("tools", mode="before")
    @classmethod
    def _search_alone(cls, value: Any) -> Any:
        for each in value if isinstance(value, list) else ():
            kind = each.get("type") if isinstance(each, dict) else None
            if not str(kind).startswith("web_search_"):
                name = each.get("name") if isinstance(each, dict) else each
                raise ValueError(
                    f"Tool '{name}' can't be used: this gateway has web_search and no others."
                )
        if isinstance(value, list) and len(value) > 1:
            raise ValueError("The web_search tool can be given once.")
        return value

    @property
    def tool(self) -> WebSearchTool | None:
        """The search tool, if the client named it."""
        return self.tools[0] if self.tools else None

    def chat_request(self, accept_language: str = "") -> ChatRequest:
        """What the core is asked to do; the header says what the body leaves open."""
        if self.messages[-1].role == "assistant":
            raise InvalidRequest(
                "The last message can't be the assistant's: answers can't be begun for the model.",
                param="messages",
            )
        if not any(each.role == "user" for each in self.messages):
            raise InvalidRequest("'messages' needs at least one user message.", param="messages")
        said: list[tuple[Role, list[str]]] = []
        if self.system:
            said.append(("system", [_text(self.system)]))
        for each in self.messages:
            if said and each.role != "system" and said[-1][0] == each.role:
                # Turns of one side are one turn: chat templates want them to alternate.
                said[-1][1].append(each.text())
            else:
                said.append((each.role, [each.text()]))
        turns = tuple(Message(role, "\n\n".join(texts)) for role, texts in said)
        return ChatRequest(turns, search=self._searching(accept_language))

    def _searching(self, accept_language: str) -> SearchOptions:
        tool, choice = self.tool, self.tool_choice
        place = tool.user_location if tool else None
        options = (self.search or SearchBody()).options(accept_language, place=place)
        if choice and choice.type in ("any", "tool") and tool is None:
            raise InvalidRequest("'tool_choice' needs the web_search tool.", param="tool_choice")
        if choice and choice.type == "none":
            options = replace(options, policy="never")
        elif tool and options.policy is None:
            forced = choice is not None and choice.type in ("any", "tool")
            options = replace(options, policy="always" if forced else "auto")
        if tool and tool.max_uses is not None and options.max_searches is None:
            options = replace(options, max_searches=min(tool.max_uses, MOST_SEARCHES))
        if tool and tool.allowed_domains is not None:
            options = replace(options, allowed_domains=tuple(tool.allowed_domains))
        if tool and tool.blocked_domains is not None:
            options = replace(options, denied_domains=tuple(tool.blocked_domains))
        return options


class MessagesRequest(CountTokensRequest):
    """The request body of a message."""

    max_tokens: Count
    stream: bool | None = False
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    top_k: Count | None = None
    stop_sequences: Annotated[
        list[Annotated[str, Field(min_length=1)]], Field(max_length=MOST_STOPS)
    ] = Field(default_factory=list)
    metadata: Metadata | None = None
    # Accepted since clients send them by habit.
    service_tier: str | None = None
    inference_geo: str | None = None
    speed: str | None = None

    def shown(self, max_searches: int, max_query_chars: int) -> Shown:
        """Which blocks the client has asked to see.

        Args:
            max_searches: the gateway's own limit, and
            max_query_chars: another; both say why a search was not made.
        """
        tool, thinking = self.tool, self.thinking
        seen: Literal["none", "whole", "signature"] = "none"
        if thinking and thinking.type != "disabled":
            seen = "signature" if thinking.display == "omitted" else "whole"
        uses = tool.max_uses if tool and tool.max_uses is not None else max_searches
        return Shown(tool is not None, seen, uses, max_query_chars)

    def chat_request(self, accept_language: str = "") -> ChatRequest:
        """What the core is asked to do; the header says what the body leaves open."""
        return replace(
            super().chat_request(accept_language),
            sampling=Sampling(
                max_tokens=self.max_tokens,
                temperature=self.temperature,
                top_p=self.top_p,
                top_k=self.top_k,
                stop=tuple(self.stop_sequences),
            ),
            user=self.metadata.user_id if self.metadata else None,
        )


def _text(content: str | list[Block] | list[TextBlock]) -> str:
    if isinstance(content, str):
        return content
    return "".join(each.text for each in content if isinstance(each, TextBlock))
