"""Every way a search can fail, each class carrying its consequence.

    SearchError
    ├── RateLimited      wait `retry_after` seconds, use another provider meanwhile
    ├── QuotaExhausted   the plan is used up: suspended until the plan renews
    ├── NotAuthorised    key wrong or missing: no call will work until somebody acts
    ├── TimedOut         nothing within the deadline
    ├── Unavailable      refused connection, 5xx, outage reported in a 200
    ├── Retired          the provider ended this API (410 and its like)
    ├── BadReply         an answer we can't read: HTML for JSON, fields missing
    └── BadQuery         the provider says that the query itself is wrong

    MissingSetting       at start, before any search: names the environment variable

The consequence is `rest`: how long the chain leaves the provider alone when the provider itself
names no time (`retry_after`).
"""

_MINUTE, _HOUR = 60.0, 3600.0


class SearchError(Exception):
    """A search failed in a way the provider documents."""

    reason = "failed"
    """The one or two words told to the model and to the client."""
    rest = 0.0
    """Seconds the provider is left alone after this error when it names no time of its own."""

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message or self.reason)
        self.retry_after = retry_after
        """Seconds after which the provider says a call may work again; None when it doesn't say."""


class RateLimited(SearchError):
    """Too many calls in a short time."""

    reason = "rate limited"
    rest = 30.0


class QuotaExhausted(SearchError):
    """The day's, month's or plan's calls are used up."""

    reason = "quota exhausted"
    rest = _HOUR  # most plans renew by the day: asking 24 times a day costs nothing


class NotAuthorised(SearchError):
    """The key is wrong, missing or lacks a right."""

    reason = "not authorised"
    rest = 15 * _MINUTE  # keys are sometimes repaired at the provider, without a restart here


class TimedOut(SearchError):
    """No answer within the deadline."""

    reason = "timed out"


class Unavailable(SearchError):
    """The provider can't be reached or says it is down."""

    reason = "unavailable"


class Retired(SearchError):
    """The provider has ended this API."""

    reason = "retired"
    rest = 24 * _HOUR


class BadReply(SearchError):
    """The provider's reply could not be read."""

    reason = "bad reply"


class BadQuery(SearchError):
    """The provider refused the query."""

    reason = "query refused"


class MissingSetting(Exception):
    """An adapter was asked for and a setting it needs is not there."""

    def __init__(self, adapter: str, variable: str, hint: str = "") -> None:
        self.adapter, self.variable = adapter, variable
        super().__init__(
            f"search adapter '{adapter}' needs {variable}" + (f" ({hint})" if hint else "")
        )
