"""Every way a request can fail, with its HTTP status and wire code.

    OrsonError
    ├── InvalidRequest      400  invalid_request_error    the body says something we can't do
    │   └── PromptTooLong   400  context_length_exceeded  names both numbers
    ├── NotAuthenticated    401  invalid_api_key
    ├── NotFound            404  not_found
    │   └── ModelNotFound   404  model_not_found
    ├── Overloaded          429  rate_limit_exceeded      too many answers under way
    ├── EngineRefused       502  engine_refused           the engine answered with a 4xx of its own
    ├── StoreUnavailable    503  store_unavailable        the store of answers does not answer
    └── EngineUnavailable   503  engine_unavailable       down, or died in the middle of an answer

A failing *search* is no error of a request: it is told to the model and the answer goes on.
"""


class OrsonError(Exception):
    """A request failed in a way we foresee; `message` is fit for the client's eyes."""

    status = 500
    type = "server_error"
    code: str | None = None

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


class NotAuthenticated(OrsonError):
    """No API key, or a wrong one."""

    status, type, code = 401, "invalid_request_error", "invalid_api_key"


class NotFound(OrsonError):
    """What the client names does not exist here."""

    status, type, code = 404, "invalid_request_error", "not_found"


class ModelNotFound(NotFound):
    """The named model is not served here."""

    code = "model_not_found"


class Overloaded(OrsonError):
    """More answers are under way than this gateway admits."""

    status, type, code = 429, "rate_limit_error", "rate_limit_exceeded"


class StoreUnavailable(OrsonError):
    """The store of answers can't be reached."""

    status, type, code = 503, "server_error", "store_unavailable"


class EngineRefused(OrsonError):
    """The engine says that our request is wrong: a setting that doesn't fit this engine."""

    status, type, code = 502, "server_error", "engine_refused"


class EngineUnavailable(OrsonError):
    """The engine can't be reached, or died before the answer's end."""

    status, type, code = 503, "server_error", "engine_unavailable"
