"""The body of `POST /v1/chat/completions` -> a ChatRequest.

Everything OpenAI's clients send is known here: taken, or harmless and ignored, or refused by name.
A parameter we can't honour is never dropped in silence when it would change the answer.
"""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app.chat.request import ChatRequest, Message, Sampling, SearchOptions
from app.errors import InvalidRequest

_TRIED = re.compile(r"str|(list|constrained-list)\[.*\]")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TextPart(BaseModel):
    """A piece of a message's content; text is the only kind this model reads."""

    type: Literal["text", "refusal"]
    text: str | None = None
    refusal: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "TextPart":
        if getattr(self, self.type) is None:
            raise ValueError(f"A content part of type '{self.type}' needs '{self.type}'.")
        return self


class ChatMessage(BaseModel):
    """One turn. Further fields, such as `annotations` sent back by a client, are ignored."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart] | None = None

    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, list):
            return "".join(part.text or part.refusal or "" for part in self.content)
        return self.content or ""


class StreamOptions(_Body):
    """What a stream carries beside the answer."""

    include_usage: bool = False
    include_obfuscation: bool | None = None


class ApproximateLocation(BaseModel):
    """Where the user is, as far as a search should know."""

    city: str | None = None
    country: Annotated[str, Field(min_length=2, max_length=2)] | None = None
    region: str | None = None
    timezone: str | None = None

    def named(self) -> str | None:
        """City and region in words, e.g. `Leeds, England`."""
        return ", ".join(filter(None, (self.city, self.region))) or None


class UserLocation(_Body):
    """OpenAI's envelope around a location."""

    type: Literal["approximate"]
    approximate: ApproximateLocation


class WebSearchOptions(_Body):
    """OpenAI's own search options."""

    search_context_size: Literal["low", "medium", "high"] = "medium"
    user_location: UserLocation | None = None


class SearchBody(_Body):
    """Orson's own search options, sent as `extra_body={"search": {...}}`."""

    policy: Literal["auto", "always", "never"] | None = None
    max_searches: Annotated[int, Field(ge=0, le=20)] | None = None
    adapters: list[str] = Field(default_factory=list, max_length=16)
    allowed_domains: list[str] = Field(default_factory=list, max_length=100)
    language: Annotated[str, Field(min_length=2, max_length=8)] | None = None

    @field_validator("allowed_domains")
    @classmethod
    def _are_domains(cls, value: list[str]) -> list[str]:
        for domain in value:
            if not domain or any(char in domain for char in "/: \t\n"):
                raise ValueError(f"'{domain}' is not a domain, such as 'example.org'")
        return [domain.casefold().strip(".") for domain in value]


class ResponseFormat(BaseModel):
    """Only plain text can be asked for."""

    type: Literal["text"]


class ChatCompletionRequest(_Body):
    """The request body of a chat completion."""

    model: str
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    n: Literal[1] | None = 1
    web_search_options: WebSearchOptions | None = None
    search: SearchBody | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None
    user: str | None = None
    # Accepted since clients send them by habit; each is honoured trivially.
    logprobs: Literal[False] | None = None
    top_logprobs: Literal[0] | None = None
    logit_bias: Annotated[dict[str, float], Field(max_length=0)] | None = None
    response_format: ResponseFormat | None = None
    tools: Annotated[list[Any], Field(max_length=0)] | None = None
    tool_choice: Literal["none", "auto"] | None = None
    parallel_tool_calls: bool | None = None
    modalities: list[Literal["text"]] | None = None
    service_tier: str | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _whole_characters(cls, data: Any) -> Any:
        # A client that cuts a text in the middle of an emoji sends half of a surrogate pair, which
        # JSON can carry and UTF-8 can't.
        text = json.dumps(data, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            return json.loads(text.encode("utf-8", "replace"))
        return data

    @field_validator("stop")
    @classmethod
    def _stops_say_something(cls, value: str | list[str] | None) -> str | list[str] | None:
        if value is not None and any(
            not stop for stop in ([value] if isinstance(value, str) else value)
        ):
            raise ValueError("a stop sequence is empty")
        return value

    def chat_request(self) -> ChatRequest:
        """What the core is asked to do."""
        if self.stream_options is not None and not self.stream:
            raise InvalidRequest(
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                param="stream_options",
            )
        if not any(m.role in ("user", "assistant") for m in self.messages):
            raise InvalidRequest("'messages' needs at least one user message.", param="messages")
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        web = self.web_search_options or WebSearchOptions()
        place = web.user_location.approximate if web.user_location else None
        search = self.search or SearchBody()
        return ChatRequest(
            messages=tuple(
                Message("system" if m.role == "developer" else m.role, m.text())
                for m in self.messages
            ),
            sampling=Sampling(
                max_tokens=self.max_completion_tokens or self.max_tokens,
                temperature=self.temperature,
                top_p=self.top_p,
                seed=self.seed,
                stop=tuple(stop),
                presence_penalty=self.presence_penalty,
                frequency_penalty=self.frequency_penalty,
            ),
            search=SearchOptions(
                policy=search.policy,
                max_searches=search.max_searches,
                adapters=tuple(search.adapters),
                allowed_domains=tuple(search.allowed_domains),
                context_size=web.search_context_size,
                language=search.language,
                country=place.country.upper() if place and place.country else None,
                place=place.named() if place else None,
            ),
            user=self.user,
        )


def problem(errors: list[Any]) -> InvalidRequest:
    """pydantic's findings -> one error that names the field, in OpenAI's words."""
    where = _place(errors[0])
    # A field that may be of several types is wrong in several ways: the deepest is the one meant.
    error = max(
        (each for each in errors if _place(each)[: len(where)] == where),
        key=lambda each: (len(_place(each)), not each["type"].endswith("_type")),
    )
    path = _path(_place(error))
    if error["type"] == "json_invalid":
        why = error["ctx"]["error"]
        return _wrong(f"We could not parse the JSON body of your request: {why}.", "invalid_json")
    if not path:
        return _wrong(
            f"The request needs a JSON object as its body: {error['msg']}.", "invalid_json"
        )
    match error["type"]:
        case "extra_forbidden":
            return _wrong(f"Unknown parameter: '{path}'.", "unknown_parameter", path)
        case "missing":
            message = f"Missing required parameter: '{path}'."
            return _wrong(message, "missing_required_parameter", path)
        case "value_error":
            message = error["msg"].removeprefix("Value error, ")
            return _wrong(message, "invalid_value", path)
        case "too_long" if path in ("tools", "logit_bias"):
            message = f"Unsupported parameter: '{path}' is not supported by this gateway."
            return _wrong(message, "unsupported_parameter", path)
        case str(kind):
            code = "invalid_type" if kind.endswith(("_type", "_parsing")) else "invalid_value"
            what = "type" if code == "invalid_type" else "value"
            return _wrong(f"Invalid {what} for '{path}': {error['msg']}.", code, path)
        case _:
            raise AssertionError(error)


def _place(error: Any) -> tuple[str | int, ...]:
    """Where in the body: pydantic's `loc`, less the names of the types it tried."""
    return tuple(
        part for part in error["loc"][1:] if isinstance(part, int) or not _TRIED.fullmatch(part)
    )


def _path(place: tuple[str | int, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    # A name from a stranger: half a surrogate pair could not be sent back.
    return "".join(parts).lstrip(".").encode("utf-8", "replace").decode()


def _wrong(message: str, code: str, param: str | None = None) -> InvalidRequest:
    error = InvalidRequest(message, param=param)
    error.code = code
    return error
