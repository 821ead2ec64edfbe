"""Every way a request can fail, with its HTTP status and wire code.

    OrsonError
    ├── InvalidRequest      400  invalid_request_error    the body says something we can't do
    │   ├── PromptTooLong   400  context_length_exceeded  names both numbers
    │   └── TooManyMessages 400  array_above_max_length   the same
    ├── NotAuthenticated    401  invalid_api_key
    ├── NotPermitted        403  insufficient_permissions the key, or the address, doesn't allow it
    ├── NotFound            404  not_found
    │   └── ModelNotFound   404  model_not_found
    ├── ConversationBusy    409  conversation_locked      another answer is writing it
    ├── EventsGone          410  events_gone              the events asked for are no longer kept
    ├── StateTooLarge       413  state_too_large          more than one conversation may hold
    ├── RequestTimeout      408  request_timeout          the body comes too slowly, or never
    ├── Overloaded          429  rate_limit_exceeded      too many answers under way
    │   └── LimitReached    429  rate_limit_exceeded      the key's own limits
    ├── EngineRefused       502  engine_refused           the engine answered with a 4xx of its own
    ├── StoreUnavailable    503  store_unavailable        the store of answers does not answer
    └── EngineUnavailable   503  engine_unavailable       down, or died in the middle of an answer
        ├── EngineBusy      503  engine_overloaded        it takes no more answers just now
        └── EngineUnfit     503  engine_unfit             there, and can't do what we need of it

A failing *search* is no error of a request: it is told to the model and the answer goes on.
"""


class OrsonError(Exception):
    """A request failed in a way we foresee; `message` is fit for the client's eyes."""

    status = 500
    type = "server_error"
    code: str | None = None
    retry_after: float | None = None
    """Seconds after which it may work; None where the status says enough."""

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        """The field of the request body that is at fault, where one is."""


class InvalidRequest(OrsonError):
    """The client's request is wrong."""

    status, type = 400, "invalid_request_error"


class PromptTooLong(InvalidRequest):
    """The conversation does not fit the model's context window."""

    code = "context_length_exceeded"

    def __init__(self, prompt_tokens: int, context_window: int) -> None:
        super().__init__(
            f"This model's maximum context length is {context_window} tokens. "
            f"Your messages resulted in {prompt_tokens} tokens.",
            param="messages",
        )
        self.prompt_tokens, self.context_window = prompt_tokens, context_window


class TooManyMessages(InvalidRequest):
    """The conversation has more turns than a request may have."""

    code = "array_above_max_length"

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            f"Invalid 'messages': array too long. Expected an array with maximum length {most}, "
            f"but got an array with length {count} instead.",
            param="messages",
        )


class NotAuthenticated(OrsonError):
    """No API key, or a wrong one."""

    status, type, code = 401, "invalid_request_error", "invalid_api_key"


class NotPermitted(OrsonError):
    """Known, but not allowed to do this."""

    status, type, code = 403, "invalid_request_error", "insufficient_permissions"


class NotFound(OrsonError):
    """What the client names does not exist here."""

    status, type, code = 404, "invalid_request_error", "not_found"


class ModelNotFound(NotFound):
    """The named model is not served here."""

    code = "model_not_found"


class ConversationBusy(OrsonError):
    """Another answer is being written to the conversation."""

    status, type, code = 409, "invalid_request_error", "conversation_locked"


class EventsGone(OrsonError):
    """The events of an answer from the asked one on are not kept, or no longer."""

    status, type, code = 410, "invalid_request_error", "events_gone"


class StateTooLarge(OrsonError):
    """A conversation or response would hold more than it may."""

    status, type, code = 413, "invalid_request_error", "state_too_large"


class Overloaded(OrsonError):
    """More answers are under way than this gateway admits."""

    status, type, code = 429, "rate_limit_error", "rate_limit_exceeded"


class LimitReached(Overloaded):
    """The caller's key has used up one of its limits."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RequestTimeout(OrsonError):
    """The request's body did not come in time."""

    status, type, code = 408, "invalid_request_error", "request_timeout"


class StoreUnavailable(OrsonError):
    """The store of answers can't be reached."""

    status, type, code = 503, "server_error", "store_unavailable"


class EngineRefused(OrsonError):
    """The engine says that our request is wrong: a setting that doesn't fit this engine."""

    status, type, code = 502, "server_error", "engine_refused"


class EngineUnavailable(OrsonError):
    """The engine can't be reached, or died before the answer's end."""

    status, type, code = 503, "server_error", "engine_unavailable"


class EngineBusy(EngineUnavailable):
    """The engine has more to do than it takes on, or is not ready yet; it says 503 itself."""

    code = "engine_overloaded"


class EngineUnfit(EngineUnavailable):
    """The engine answers, and serves another model or lacks what we need; the message says what."""

    code = "engine_unfit"
