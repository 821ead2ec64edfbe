"""When a provider is left alone: after an error that says so, or when it fails again and again.

    closed     calls pass; THRESHOLD failures in a row open it
    open       calls are refused for COOL_DOWN seconds, twice as long each time, LONGEST at most
    half open  then one call passes: its success closes, its failure opens again

Errors that name their own consequence (rate, quota, key, captcha, retired) open it at once, for as
long as the provider says or the error's class does. Pure: the time is always given.
"""

import math

from search_adapters.errors import SearchError

THRESHOLD = 3
"""Failures in a row. One slow answer is no reason to stay away; three in a row are an outage."""
COOL_DOWN = 5.0
LONGEST = 60.0
"""Seconds. An outage of a minute is found to be over within a minute."""
LONGEST_REST = 24 * 3600.0
"""Seconds. A provider that says "come back in a year" is asked again tomorrow."""


class Breaker:
    """The health of one provider."""

    def __init__(self) -> None:
        self._failures = 0
        self._openings = 0
        self._until: float | None = None
        self._reason = ""
        self._trying = False

    def refusal(self, now: float) -> str | None:
        """Why no call is made now; None when one may be."""
        if self._until is not None and (now < self._until or self._trying):
            return self._reason
        return None

    def left(self, now: float) -> float:
        """Seconds for which it is still left alone."""
        return 0.0 if self._until is None else max(0.0, self._until - now)

    def begin(self) -> None:
        """A call is made. The first after a rest is a trial: others wait for its result."""
        self._trying = self._until is not None

    def succeeded(self) -> None:
        """The provider answered; that it found nothing, or refused the query, is an answer too."""
        self._failures = self._openings = 0
        self._until, self._trying = None, False

    def given_up(self) -> None:
        """The call was broken off before it could say anything of the provider."""
        self._trying = False

    def failed(self, error: SearchError, now: float) -> float:
        """The call failed; the seconds for which the provider is left alone now."""
        self._trying = False
        seconds = error.rest
        # A hint counts only for errors that rest at all: one slow 503 is no reason to stay away.
        if error.rest and error.retry_after is not None and math.isfinite(error.retry_after):
            seconds = min(max(error.retry_after, 0.0), LONGEST_REST)
        if not error.rest and not error.trips:
            self.succeeded()  # it is up, and answered
            return 0.0
        if error.trips:
            self._failures += 1
            if self._failures >= THRESHOLD or self._openings:
                seconds = min(COOL_DOWN * 2**self._openings, LONGEST)
                self._openings += 1
        if seconds:
            self._until, self._reason = now + seconds, error.reason
        return seconds
