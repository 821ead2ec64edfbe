"""`orson fetch`: the page path by hand, as a search would take it, or the reason why not."""

import asyncio
import json
from contextlib import aclosing
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.settings import Settings
from search_adapters.pages.reader import PageReader
from search_adapters.pages.refusal import Refused
from search_adapters.pages.selecting import Read, select, weights
from search_adapters.protocol import Passage, Query

REFUSED = 3


def fetch(
    url: Annotated[str, typer.Argument(help="The page's address.")],
    query: Annotated[
        str, typer.Option(help="Rank the passages for this; in the page's order by default.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=50, help="The most passages.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Fetch one page as a search would and print its passages. Exit code 3 when it is refused."""
    out, err = Console(highlight=False), Console(stderr=True, highlight=False)
    settings = Settings()
    asked = Query(
        " ".join(query.split()),
        limit=limit,
        allowed_domains=settings.allowed_domains,
        denied_domains=settings.denied_domains,
    )
    try:
        read = asyncio.run(_read(url, asked))
    except Refused as refused:
        if as_json:
            typer.echo(json.dumps({"url": url, "refused": str(refused)}, ensure_ascii=False))
        err.print(Text(f"refused: {refused}", style="red"), soft_wrap=True)
        raise typer.Exit(REFUSED) from None
    passages = _passages(read, asked)
    if as_json:
        typer.echo(json.dumps(_plain(read, passages), ensure_ascii=False, indent=2))
        return
    title = read.page.title if read.page else ""
    out.print(Text(title or "Untitled", style="bold"), soft_wrap=True)
    day = f"  {read.page.day}" if read.page and read.page.day else ""
    out.print(Text(f"{read.url}{day}\n", style="cyan"), soft_wrap=True)
    for number, passage in enumerate(passages, 1):
        out.print(Text(f"[{number}] {passage.text}\n"), soft_wrap=True)


async def _read(url: str, query: Query) -> Read:
    async with aclosing(PageReader(workers=1)) as reader:
        return await reader.read(url, query)


def _passages(read: Read, query: Query) -> tuple[Passage, ...]:
    page = read.page
    assert page is not None
    if query.text:
        return select([read], weights(query), query.limit, per_page=query.limit)
    return tuple(
        Passage(page.title, read.url, counted.text, read.site, page.day)
        for counted in page.passages[: query.limit]
    )


def _plain(read: Read, passages: tuple[Passage, ...]) -> dict[str, object]:
    page = read.page
    assert page is not None
    return {
        "url": read.url,
        "site": read.site,
        "title": page.title,
        "date": page.day,
        "passages": [passage.text for passage in passages],
    }
