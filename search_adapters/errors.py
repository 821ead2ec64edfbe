"""Every way a search can fail, each class carrying its consequence.

    SearchError
    ├── RateLimited      wait `retry_after` seconds, use another provider meanwhile
    ├── QuotaExhausted   the plan is used up: suspended until the plan renews
    ├── NotAuthorised    key wrong or missing: no call will work until somebody acts
    ├── Blocked          it takes us for a robot: a captcha, or our address refused
    ├── TimedOut         nothing within the deadline
    ├── Unavailable      refused connection, 5xx, outage reported in a 200
    ├── Retired          the provider ended this API (410 and its like)
    ├── BadReply         an answer we can't read: HTML for JSON, fields missing
    ├── BadQuery         the provider says that the query itself is wrong
    └── Busy             as many calls to it are under way as the chain makes at a time

    MissingSetting       at start, before any search: names the environment variable

The consequence is `rest`: how long the chain leaves the provider alone when the provider itself
names no time (`retry_after`). Errors without one are passing trouble: the next provider is asked,
and only several in a row that say that the provider is ill (`trips`) open its circuit breaker.
`Retired` and `MissingSetting` raised by an adapter's constructor keep a gateway from starting.
"""

_MINUTE, _HOUR = 60.0, 3600.0


class SearchError(Exception):
    """A search failed in a way the provider documents."""

    reason = "failed"
    """The one or two words told to the model and to the client."""
    rest = 0.0
    """Seconds the provider is left alone after this error when it names no time of its own."""
    trips = False
    """Several in a row mean that the provider is down: they open its circuit breaker."""

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


class Blocked(SearchError):
    """A captcha stands where results should be, or the provider refuses our address."""

    reason = "blocked"
    rest = _HOUR  # each further call before that makes the block last longer


class TimedOut(SearchError):
    """No answer within the deadline."""

    reason = "timed out"
    trips = True


class Unavailable(SearchError):
    """The provider can't be reached or says it is down."""

    reason = "unavailable"
    trips = True


class Retired(SearchError):
    """The provider has ended this API."""

    reason = "retired"
    rest = 24 * _HOUR


class BadReply(SearchError):
    """The provider's reply could not be read."""

    reason = "bad reply"
    trips = True


class BadQuery(SearchError):
    """The provider refused the query."""

    reason = "query refused"


class Busy(SearchError):
    """As many calls to the provider are under way as the chain makes at a time."""

    reason = "busy"


class MissingSetting(Exception):
    """An adapter was asked for and a setting it needs is not there."""

    def __init__(self, adapter: str, variable: str, hint: str = "") -> None:
        self.adapter, self.variable, self.hint = adapter, variable, hint
        super().__init__(
            f"search adapter '{adapter}' needs {variable}" + (f" ({hint})" if hint else "")
        )
