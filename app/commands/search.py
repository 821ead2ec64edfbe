"""`orson search` and `orson adapters`: the search providers by hand, without a model."""

import asyncio
import json
import time
from dataclasses import asdict, replace
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from app.settings import Settings, adapter_environment
from search_adapters.catalogue import Entry, catalogue
from search_adapters.domains import fit, only_allowed
from search_adapters.errors import MissingSetting, SearchError
from search_adapters.freshness import DAYS
from search_adapters.protocol import DateRange, Freshness, Passage, Query, SearchAdapter
from search_adapters.registry import RegistryError, load

NOT_CONFIGURED, SEARCH_FAILED = 1, 3


def search(
    query: Annotated[str, typer.Argument(help="What to search for.")],
    adapter: Annotated[
        str | None,
        typer.Option(help="Which adapter; the first of ORSON_SEARCH by default."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="The most passages.")] = 5,
    language: Annotated[str | None, typer.Option(help="ISO 639-1, e.g. de.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1, e.g. AT.")] = None,
    freshness: Annotated[
        str | None,
        typer.Option(help="day, week, month, year, or YYYY-MM-DD..YYYY-MM-DD with an end open."),
    ] = None,
    site: Annotated[
        list[str] | None, typer.Option(help="Only this domain; may be repeated.")
    ] = None,
    not_site: Annotated[list[str] | None, typer.Option(help="Not this domain.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Search with one adapter, as the gateway would. Exit code 3 when the search fails."""
    out, err = Console(highlight=False), Console(stderr=True, highlight=False)
    settings = Settings()
    text = " ".join(query.split())
    if not text:
        raise typer.BadParameter("nothing to search for", param_hint="query")
    asked = Query(
        text,
        limit=limit,
        allowed_domains=tuple(site or ()),
        denied_domains=tuple(not_site or ()),
        freshness=_freshness(freshness),
        language=language,
        country=country,
    )
    try:
        (chosen,) = load([adapter or settings.search[0]], adapter_environment(settings))
    except (MissingSetting, RegistryError) as error:
        err.print(f"[red]{escape(str(error))}[/red]", soft_wrap=True)
        raise typer.Exit(NOT_CONFIGURED) from None
    begin = time.monotonic()
    try:
        passages = asyncio.run(_search(chosen, asked))
    except SearchError as error:
        if as_json:
            typer.echo(_json({"adapter": chosen.name, "error": error.reason, "detail": str(error)}))
        err.print(f"[red]{chosen.name}: {error.reason}[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(SEARCH_FAILED) from None
    elapsed = 1000 * (time.monotonic() - begin)
    if as_json:
        found = [_plain(passage) for passage in passages]
        typer.echo(_json({"adapter": chosen.name, "elapsed_ms": round(elapsed), "passages": found}))
        return
    for number, passage in enumerate(passages, 1):
        out.print(Text(f"[{number}] {passage.title}", style="bold"), soft_wrap=True)
        where = f"    {passage.url}" + (f"  {passage.date}" if passage.date else "")
        out.print(Text(where, style="cyan"), soft_wrap=True)
        out.print(Text(f"    {passage.text}\n"))
    out.print(f"{len(passages)} passages from {chosen.name} in {elapsed:.0f} ms")


def adapters(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, with sources.")] = False,
) -> None:
    """List the search adapters: what each needs, whether it has it, what it costs and allows."""
    settings = Settings()
    entries = catalogue(adapter_environment(settings))
    if as_json:
        typer.echo(_json([_entry(entry, settings.search) for entry in entries]))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Adapter", "State", "Needs", "Passages", "US$/1,000", "May be kept"):
        table.add_column(column, overflow="fold", no_wrap=column in ("Adapter", "State"))
    for entry in entries:
        traits = entry.traits
        table.add_row(
            Text(f"{entry.name} {entry.variant}".strip()),
            _state(entry, settings.search),
            Text(", ".join(traits.needs)),
            "ready" if traits.returns_passages else "snippets",
            "?" if traits.usd_per_1000 is None else f"{traits.usd_per_1000:g}",
            _span(traits.cache_seconds),
        )
    Console(highlight=False).print(table)


async def _search(adapter: SearchAdapter, query: Query) -> tuple[Passage, ...]:
    try:
        short = replace(query, text=fit(query.text, adapter.traits.max_query_chars))
        return only_allowed(await adapter.search(short), query)
    finally:
        await adapter.aclose()


def _freshness(written: str | None) -> Freshness | None:
    if written is None:
        return None
    if written in DAYS:
        return written
    try:
        since, until = (date.fromisoformat(day) if day else None for day in written.split(".."))
        return DateRange(since, until)
    except ValueError:
        hint = "day, week, month, year or two dates with '..' between"
        raise typer.BadParameter(f"'{written}' is not {hint}", param_hint="--freshness") from None


def _state(entry: Entry, searched: tuple[str, ...]) -> Text:
    if entry.ready and entry.name in searched:
        return Text("in use", style="green")
    return Text("configured", style="green") if entry.ready else Text("not set", style="dim")


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "any time"
    if not seconds:
        return "no"
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds / 60:g} min"


def _entry(entry: Entry, searched: tuple[str, ...]) -> dict[str, Any]:
    traits = asdict(entry.traits)
    return {
        "adapter": entry.name,
        "variant": entry.variant,
        "configured": entry.ready,
        "in_use": entry.ready and entry.name in searched,
        "problem": entry.problem or None,
        **traits,
        "honours": sorted(entry.traits.honours),
    }


def _plain(passage: Passage) -> dict[str, Any]:
    return {**asdict(passage), "metadata": dict(passage.metadata)}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
