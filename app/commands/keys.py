"""`orson keys`: who may ask this gateway, for how long, and how much."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, TypeVar, cast

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.chat.access.api_key import ApiKey, KeyLimits, digest_of, id_of, new_text
from app.chat.access.caller import SCOPES, Scope
from app.commands.moments import BadMoment, day, moment
from app.commands.served import fail
from app.commands.store import NoStore, reached
from app.errors import StoreUnavailable
from app.settings import Settings
from app.stores.api_keys import RedisKeys

T = TypeVar("T")

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose it is, for you to read.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="chat, search (the default), metrics, admin (all); repeat it."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="After '90d', '12h', or at '2027-01-31' (UTC).")
    ] = None,
    requests: Annotated[int | None, typer.Option(min=1, help="Answers per minute.")] = None,
    tokens: Annotated[int | None, typer.Option(min=1, help="Tokens per minute.")] = None,
    streams: Annotated[int | None, typer.Option(min=1, help="Answers at a time.")] = None,
    searches: Annotated[int | None, typer.Option(min=0, help="Searches per day (UTC).")] = None,
    search_usd: Annotated[
        float | None, typer.Option(min=0, help="What searches may cost per day, in US dollars.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key, and show it: this once, as only a hash of it is kept."""
    scopes = frozenset(scope or ("chat", "search"))
    if unknown := scopes - SCOPES:
        raise fail(f"There is no scope '{min(unknown)}': {', '.join(sorted(SCOPES))}.")
    now = int(time.time())
    try:
        until = moment(expires, now) if expires else None
    except BadMoment as error:
        raise fail(f"--expires: {error}") from None
    text = new_text()
    key = ApiKey(
        id=cast(str, id_of(text)),
        name=name,
        digest=digest_of(text),
        scopes=cast(frozenset[Scope], scopes),
        limits=KeyLimits(requests, tokens, streams, searches, search_usd),
        created=now,
        expires=until,
    )
    _run(lambda keys: keys.add(key))
    if as_json:
        typer.echo(json.dumps({"key": text, **_shown(key)}))
        return
    typer.echo(text)  # alone on stdout: KEY=$(orson keys add ...)
    Console(stderr=True, highlight=False).print(
        f"That is {escape(name)}'s key ({key.id}). It is not shown again.", style="green"
    )


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """Show all keys, their limits and what they used today."""

    async def every(keys: RedisKeys) -> list[tuple[ApiKey, dict[str, int]]]:
        return [(key, await keys.today(key.id)) for key in await keys.every()]

    found = _run(every)
    if as_json:
        typer.echo(json.dumps([{**_shown(key), "today": _used(used)} for key, used in found]))
        return
    if not found:
        typer.echo("There are no keys: anybody on this machine may ask.")
        return
    now = time.time()
    table = Table(box=None)
    table.add_column("id", no_wrap=True)
    for title in ("name", "scopes", "limits", "today", "last used", "expires"):
        table.add_column(title)
    for key, used in found:
        gone = bool(key.revoked) or (key.expires is not None and key.expires <= now)
        ends = "revoked" if key.revoked else day(key.expires) if key.expires else "never"
        table.add_row(
            key.id,
            escape(key.name),
            "\n".join(sorted(key.scopes)),
            _limits(key.limits),
            _lines({name: value for name, value in _used(used).items() if value}),
            day(key.used) if key.used else "never",
            ends,
            style="dim" if gone else None,
        )
    Console(highlight=False).print(table)


@app.command()
def revoke(which: Annotated[str, typer.Argument(help="The key's id, or its name.")]) -> None:
    """End a key. Running gateways know within five seconds; what it owns is kept."""

    async def end(keys: RedisKeys) -> ApiKey:
        live = [key for key in await keys.every() if not key.revoked]
        meant = [key for key in live if which in (key.id, key.name)]
        if not meant:
            raise fail(f"There is no key '{which}' to revoke ('orson keys list').")
        if len(meant) > 1:
            ids = ", ".join(key.id for key in meant)
            raise fail(f"Several keys are called '{which}': name one by its id ({ids}).")
        await keys.revoke(meant[0].id)
        return meant[0]

    key = _run(end)
    typer.echo(f"Revoked {key.name} ({key.id}).")


def _run(work: Callable[[RedisKeys], Awaitable[T]]) -> T:
    async def run() -> T:
        async with reached(Settings()) as url:
            keys = RedisKeys(url)
            try:
                return await work(keys)
            finally:
                await keys.aclose()

    try:
        return asyncio.run(run())
    except (NoStore, StoreUnavailable) as error:
        raise fail(error) from None
    except ValidationError as error:
        raise fail(error.errors()[0]["msg"]) from None


def _shown(key: ApiKey) -> dict[str, Any]:
    fields = asdict(key) | {"scopes": sorted(key.scopes)}
    del fields["digest"]
    return fields


def _used(used: dict[str, int]) -> dict[str, float]:
    counts = {each: used.get(each, 0) for each in ("answers", "tokens", "searches")}
    return {**counts, "usd": used.get("micro", 0) / 1e6}


def _limits(limits: KeyLimits) -> str:
    of = {
        "requests/min": limits.requests_per_minute,
        "tokens/min": limits.tokens_per_minute,
        "at a time": limits.streams,
        "searches/day": limits.searches_per_day,
        "usd/day": limits.search_usd_per_day,
    }
    return _lines({name: value for name, value in of.items() if value is not None})


def _lines(of: Mapping[str, float]) -> str:
    return "\n".join(f"{value:,.10g} {name}" for name, value in of.items()) or "-"
