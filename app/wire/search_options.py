"""What a request may say about searching, in whatever format -> `SearchOptions`.

Each format has a field or a tool of its own for a part of it; Orson's own options, which say all of
it, are the same everywhere.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from app.chat.request import SearchOptions, SearchPolicy
from app.wire.body import Strict
from app.wire.locale import accepted, tag
from search_adapters.protocol import DateRange, Freshness

ContextSize = Literal["low", "medium", "high"]
MOST_SEARCHES = 20


def _domains(value: list[str]) -> list[str]:
    for domain in value:
        if not domain or any(char in domain for char in "/: \t\n"):
            raise ValueError(f"'{domain}' is not a domain, such as 'example.org'")
    return [domain.casefold().strip(".") for domain in value]


Domains = Annotated[list[str], Field(max_length=100), AfterValidator(_domains)]


class Place(BaseModel):
    """Where the user is, as far as a search should know."""

    city: str | None = None
    country: Annotated[str, Field(min_length=2, max_length=2)] | None = None
    region: str | None = None
    timezone: str | None = None

    def named(self) -> str | None:
        """City and region in words, e.g. `Leeds, England`."""
        return ", ".join(filter(None, (self.city, self.region))) or None


class Days(Strict):
    """Days that results must be from, both ends included."""

    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _hold_a_day(self) -> "Days":
        DateRange(self.since, self.until)
        return self


class SearchBody(Strict):
    """Orson's own search options, sent as `extra_body={"search": {...}}`."""

    policy: SearchPolicy | None = None
    max_searches: Annotated[int, Field(ge=0, le=MOST_SEARCHES)] | None = None
    adapters: list[str] = Field(default_factory=list, max_length=16)
    allowed_domains: Domains = Field(default_factory=list)
    denied_domains: Domains = Field(default_factory=list)
    language: Annotated[str, Field(min_length=2, max_length=12)] | None = None
    country: Annotated[str, Field(pattern="^[A-Za-z]{2}$")] | None = None
    freshness: Literal["auto", "any", "day", "week", "month", "year"] | Days | None = None

    @field_validator("language")
    @classmethod
    def _is_a_language(cls, value: str | None) -> str | None:
        if value is not None and tag(value)[0] is None:
            raise ValueError(f"'{value}' is not a language, such as 'de' or 'de-AT'")
        return value

    def age(self) -> Freshness | Literal["any"] | None:
        """How new results should be; None when each query's own words are to say."""
        if isinstance(self.freshness, Days):
            return DateRange(self.freshness.since, self.freshness.until)
        return None if self.freshness == "auto" else self.freshness

    def options(
        self,
        accept_language: str = "",
        *,
        place: Place | None = None,
        context_size: ContextSize = "medium",
    ) -> SearchOptions:
        """All that was said.

        Args:
            accept_language: the header; says what the body leaves open.
            place: where the user is, from the format's own field.
            context_size: likewise.
        """
        language, region = tag(self.language or "")
        accepts, home = accepted(accept_language)
        country = self.country or (place and place.country) or region or home
        return SearchOptions(
            policy=self.policy,
            max_searches=self.max_searches,
            adapters=tuple(self.adapters),
            allowed_domains=tuple(self.allowed_domains),
            denied_domains=tuple(self.denied_domains),
            context_size=context_size,
            language=language or accepts,
            country=country.upper() if country else None,
            place=place.named() if place else None,
            freshness=self.age(),
        )
