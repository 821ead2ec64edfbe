"""Whether a query wants something new, and how new: "Varn ferry strike today", "latest iPhone".

A provider that is not told ranks the best-linked page first, which for such a query is an old one.
What is found here becomes a *wish*, a word and never a rule, and is as wide as the query leaves it:
pages about today's event may be of yesterday, and who is president now was written months ago.

    day     today, tonight, breaking news     month   latest, newest, recent, this month
    week    yesterday, this week, just now    year    current, nowadays, this year, the year itself

A year of the past that is named decides against all of them ("latest news of 1969"), and so do
names that only look like a time (USA Today, Apocalypse Now, electric current).
"""

import re
from datetime import date
from typing import Literal

Wish = Literal["day", "week", "month", "year"]

_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|«[^»]*»')
_NAMES = re.compile(
    r"\b(?:usa|psychology|russia|the) today\b|\btoday show\b|\bapocalypse now\b"
    r"|\b(?:electric|alternating|direct|ocean|eddy|gulf|leakage|short[- ]circuit) current\b"
    r"|\bcurrent(?=\s*(?:[?.!]|$))"
    r"|\bcurrent (?:in|through|of|flow|and|density|transformer|divider|source|loop|meter|gain)s?\b"
    r"|\brecent history of\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d.,:/-])(?:1[89]|20)\d\d(?![\d.,:/-]?\d)")


def _words(text: str) -> str:
    return "|".join(re.escape(word.strip()).replace(r"\ ", r"\s+") for word in text.split(","))


_SPACED: dict[Wish, str] = {
    # English, German, French, Spanish, Portuguese, Italian, Dutch.
    "day": """today, today's, tonight, this morning, this afternoon, this evening, breaking news,
        live score, live scores, heute, aujourd'hui, hoy, hoje, oggi, vandaag""",
    "week": """yesterday, yesterday's, this week, this weekend, just now, right now, at the moment,
        latest news, current news, gestern, diese woche, hier soir, cette semaine,
        esta semana, ontem, ieri, questa settimana, gisteren, deze week""",
    "month": """latest, newest, most recent, recent, recently, this month, last week, past week,
        up to date, neueste, neuester, neuestes, neuesten, kürzlich, diesen monat, ce mois-ci,
        récent, récente, este mes, últimas noticias, este mês, últimas notícias, recente,
        ultime notizie, questo mese, recentste, laatste nieuws, deze maand""",
    "year": """current, currently, nowadays, as of now, these days, this year, this season,
        aktuell, aktuelle, aktueller, aktuelles, aktuellen, derzeit, derzeitige, derzeitiger,
        dieses jahr, actuel, actuelle, actuellement, cette année, actualmente, este año,
        atual, atualmente, este ano, attuale, attualmente, quest'anno, huidige, dit jaar""",
}
_UNSPACED: dict[Wish, str] = {
    "day": "今日, 今天, 오늘",
    "week": "昨日, 昨天, 今週, 本周, 本週, 이번 주",
    "month": "最新, 最近, 今月, 本月, 최신, 최근",
    "year": "現在, 目前, 今年, 현재, 올해",
}
_ASKED: dict[Wish, re.Pattern[str]] = {
    wish: re.compile(rf"(?<!\w)(?:{_words(_SPACED[wish])})(?!\w)|{_words(_UNSPACED[wish])}", re.I)
    for wish in _SPACED
}


def wish(query: str, today: date) -> Wish | None:
    """How new the results of `query` should be; None when their age doesn't matter."""
    text = _NAMES.sub(" ", _QUOTED.sub(" ", query)).replace("’", "'")
    years = {int(year) for year in _YEAR.findall(text)}
    if any(year < today.year for year in years):
        return None
    for word, pattern in _ASKED.items():
        if pattern.search(text):
            return word
    return "year" if years & {today.year, today.year + 1} else None
