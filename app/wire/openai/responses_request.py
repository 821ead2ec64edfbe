"""The body of `POST /v1/responses` -> a ChatRequest, and the response that echoes what was asked.

Everything OpenAI's clients send is known here: taken, or harmless and ignored, or refused by name.
"""

import time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.chat.request import ChatRequest, Message, Sampling
from app.errors import InvalidRequest
from app.wire.body import Count, RequestBody, Strict
from app.wire.openai.items import InputItem, MessageItem
from app.wire.openai.logprobs import MOST_ALTERNATIVES
from app.wire.openai.output import LOGPROBS, Item
from app.wire.openai.response_body import head
from app.wire.openai.search_tool import Choice, SearchTool, mode_of, search_options
from app.wire.search_options import SearchBody

Includable = Literal[
    "web_search_call.action.sources",
    "web_search_call.results",
    "orson.search",
    "message.output_text.logprobs",
    "message.input_image.image_url",
    "file_search_call.results",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
]
"""What `include` may name; what this gateway has none of is never there to be included."""
Metadata = Annotated[
    dict[
        Annotated[str, Field(max_length=64)],
        Annotated[str, Field(max_length=512)],
    ],
    Field(max_length=16),
]


class ConversationRef(Strict):
    """A conversation, by its id."""

    id: str


class TextFormat(BaseModel):
    """Only plain text can be asked for."""

    type: Literal["text"]


class TextConfig(BaseModel):
    """How the answer is written."""

    format: TextFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class ReasoningConfig(BaseModel):
    """How the model thinks: its own affair here. What it thinks is always shown."""

    effort: str | None = None
    summary: str | None = None


class ResponsesStreamOptions(Strict):
    """Accepted; frames are not padded here."""

    include_obfuscation: bool | None = None


class ResponsesRequest(RequestBody):
    """The request body of a response."""

    model: str
    input: str | Annotated[list[InputItem], Field(max_length=10_000)] | None = None
    instructions: str | None = None
    stream: bool | None = False
    stream_options: ResponsesStreamOptions | None = None
    background: bool | None = False
    store: bool | None = True
    previous_response_id: str | None = None
    conversation: str | ConversationRef | None = None
    include: list[Includable] | None = None
    tools: list[SearchTool] | None = None
    tool_choice: Choice | None = None
    max_tool_calls: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    max_output_tokens: Count | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    metadata: Metadata | None = None
    truncation: Literal["auto", "disabled"] | None = None
    text: TextConfig | None = None
    reasoning: ReasoningConfig | None = None
    search: SearchBody | None = None
    # Accepted since clients send them by habit; each is honoured trivially.
    parallel_tool_calls: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=MOST_ALTERNATIVES)] | None = None
    service_tier: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None

    def check(self) -> None:
        """Raise InvalidRequest where two fields don't fit together."""
        if self.previous_response_id and self.conversation:
            raise InvalidRequest(
                "Give either 'previous_response_id' or 'conversation', not both.",
                param="previous_response_id",
            )
        if self.background and self.store is False:
            raise InvalidRequest(
                "A background response is stored: 'store' can't be false.", param="store"
            )
        if self.conversation and self.store is False:
            raise InvalidRequest(
                "A response in a conversation is stored: 'store' can't be false.", param="store"
            )
        if self.stream_options is not None and not self.stream:
            raise InvalidRequest(
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                param="stream_options",
            )

    @property
    def conversation_id(self) -> str | None:
        """The conversation that is to go on."""
        named = self.conversation
        return named.id if isinstance(named, ConversationRef) else named

    @property
    def items(self) -> list[Any]:
        """What the request says, as items."""
        if isinstance(self.input, str):
            return [MessageItem(role="user", content=self.input)]
        return self.input or []

    def head(self, id_: str, model: str) -> Item:
        """The response before anything was said."""
        text, thinks = self.text or TextConfig(), self.reasoning or ReasoningConfig()
        return head(
            id_,
            int(time.time()),
            model,
            background=bool(self.background),
            conversation={"id": self.conversation_id} if self.conversation_id else None,
            instructions=self.instructions,
            max_output_tokens=self.max_output_tokens,
            max_tool_calls=self.max_tool_calls,
            metadata=self.metadata or {},
            parallel_tool_calls=self.parallel_tool_calls is not False,
            previous_response_id=self.previous_response_id,
            prompt_cache_key=self.prompt_cache_key,
            reasoning={"effort": thinks.effort, "summary": thinks.summary},
            safety_identifier=self.safety_identifier,
            store=self.store is not False,
            temperature=self.temperature,
            text={"format": {"type": "text"}, "verbosity": text.verbosity or "medium"},
            tool_choice=mode_of(self.tool_choice) or "auto",
            top_logprobs=self.top_logprobs or 0,
            tools=[tool.model_dump(exclude_none=True) for tool in self.tools or ()],
            top_p=self.top_p,
            truncation=self.truncation or "disabled",
            user=self.user,
        )

    def chat_request(self, messages: tuple[Message, ...], accept_language: str = "") -> ChatRequest:
        """What the core is asked to do.

        Args:
            messages: the conversation, this request's own input at its end.
            accept_language: the header; says what the body leaves open.
        """
        if not any(message.role in ("user", "assistant") for message in messages):
            raise InvalidRequest("'input' needs at least one message.", param="input")
        if self.instructions:
            messages = (Message("system", self.instructions), *messages)
        return ChatRequest(
            messages=messages,
            sampling=Sampling(
                max_tokens=self.max_output_tokens,
                temperature=self.temperature,
                top_p=self.top_p,
                seed=self.seed,
                logprobs=(self.top_logprobs or 0) if LOGPROBS in (self.include or ()) else None,
            ),
            search=search_options(
                self.search or SearchBody(),
                self.tools,
                self.tool_choice,
                self.max_tool_calls,
                accept_language,
            ),
            user=self.safety_identifier or self.user,
            truncate=self.truncation == "auto",
        )
