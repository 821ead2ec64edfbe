"""The body of `POST /v1/chat/completions` -> a ChatRequest.

Everything OpenAI's clients send is known here: taken, or harmless and ignored, or refused by name.
A parameter we can't honour is never dropped in silence when it would change the answer.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from app.chat.request import ChatRequest, Message, Sampling
from app.errors import InvalidRequest
from app.wire.body import Count, RequestBody, Strict, few_enough
from app.wire.openai.logprobs import MOST_ALTERNATIVES
from app.wire.search_options import ContextSize, Place, SearchBody


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


class StreamOptions(Strict):
    """What a stream carries beside the answer."""

    include_usage: bool = False
    include_obfuscation: bool | None = None


class UserLocation(Strict):
    """OpenAI's envelope around a location."""

    type: Literal["approximate"]
    approximate: Place


class WebSearchOptions(Strict):
    """OpenAI's own search options."""

    search_context_size: ContextSize = "medium"
    user_location: UserLocation | None = None


class ResponseFormat(BaseModel):
    """Only plain text can be asked for."""

    type: Literal["text"]


class ChatCompletionRequest(RequestBody):
    """The request body of a chat completion."""

    model: str
    messages: Annotated[list[ChatMessage], Field(min_length=1), BeforeValidator(few_enough)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_completion_tokens: Count | None = None
    max_tokens: Count | None = None
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
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=MOST_ALTERNATIVES)] | None = None
    # Accepted since clients send them by habit; each is honoured trivially.
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

    @field_validator("stop")
    @classmethod
    def _stops_say_something(cls, value: str | list[str] | None) -> str | list[str] | None:
        if value is not None and any(
            not stop for stop in ([value] if isinstance(value, str) else value)
        ):
            raise ValueError("a stop sequence is empty")
        return value

    def chat_request(self, accept_language: str = "") -> ChatRequest:
        """What the core is asked to do; the header says what the body leaves open."""
        if self.stream_options is not None and not self.stream:
            raise InvalidRequest(
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                param="stream_options",
            )
        if self.top_logprobs and not self.logprobs:
            raise InvalidRequest(
                "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
                param="top_logprobs",
            )
        if not any(m.role in ("user", "assistant") for m in self.messages):
            raise InvalidRequest("'messages' needs at least one user message.", param="messages")
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        web = self.web_search_options or WebSearchOptions()
        place = web.user_location.approximate if web.user_location else None
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
                logprobs=(self.top_logprobs or 0) if self.logprobs else None,
            ),
            search=(self.search or SearchBody()).options(
                accept_language, place=place, context_size=web.search_context_size
            ),
            user=self.user,
        )
