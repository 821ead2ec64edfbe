"""What the model wrote between the markers -> what a provider is asked: text, place, age, sites."""

from datetime import date

from app.chat.request import SearchOptions
from app.chat.searching.timeliness import wish
from search_adapters.protocol import Freshness, Query


def query(
    text: str, options: SearchOptions, *, limit: int, today: date, question: str = ""
) -> Query:
    """The query for one line of a span, with what the request says about searching.

    `question` is what the user asked last. Where the request says nothing of freshness, the
    query's own words decide.
    """
    freshness: Freshness | None = None
    match options.freshness:
        case None:
            freshness = wish(text, today)
        case "any":
            pass
        case wanted:
            freshness = wanted
    return Query(
        text,
        limit=limit,
        allowed_domains=options.allowed_domains,
        denied_domains=options.denied_domains,
        freshness=freshness,
        language=options.language,
        country=options.country,
        place=options.place,
        question=question,
        caching=options.caching,
    )
