"""Where a caller stands -> the headers that each format's clients read."""

from datetime import UTC, datetime, timedelta

from app.chat.access.allowance import Level, Standing

Headers = list[tuple[bytes, bytes]]
ANTHROPIC = "/v1/messages"


def rate_headers(standing: Standing, path: str, now: datetime | None = None) -> Headers:
    """Headers of a response under `path`.

    OpenAI's names everywhere; Anthropic's beside them where its clients ask. Searches are our own.
    """
    now = now or datetime.now(UTC)
    levels = {"requests": standing.requests, "tokens": standing.tokens}
    found: Headers = []
    for name, level in {**levels, "searches": standing.searches}.items():
        if level is not None:
            found += _headers("x-ratelimit-{1}-{0}", name, level, _span(level.reset))
    if standing.search_usd is not None:
        usd = f"{standing.search_usd:.6f}".encode()
        found.append((b"x-ratelimit-remaining-search-usd", usd))
    if path.startswith(ANTHROPIC):
        for name, level in levels.items():
            if level is not None:
                at = (now + timedelta(seconds=level.reset)).strftime("%Y-%m-%dT%H:%M:%SZ")
                found += _headers("anthropic-ratelimit-{0}-{1}", name, level, at)
    return found


def _headers(form: str, name: str, level: Level, reset: str) -> Headers:
    values = {"limit": str(level.limit), "remaining": str(level.remaining), "reset": reset}
    return [(form.format(name, key).encode(), value.encode()) for key, value in values.items()]


def _span(seconds: float) -> str:
    """Seconds as OpenAI writes them: `120ms`, `8.64s`, `6m0s`, `23h59m59s`."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    text = f"{int(hours)}h" if hours else ""
    text += f"{int(minutes)}m" if hours or minutes else ""
    return f"{text}{rest:.3f}".rstrip("0").rstrip(".") + "s"
