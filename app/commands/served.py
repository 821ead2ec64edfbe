"""What the training commands share: options that name a served model, its errors, progress bars."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from training.served.model import ServedModel

T = TypeVar("T")

Model = Annotated[str | None, typer.Option(help="The model's name there; the first served.")]
ApiKey = Annotated[str | None, typer.Option(envvar="ORSON_API_KEY", help="Of the model's server.")]
Concurrency = Annotated[
    int,
    typer.Option(min=1, max=4096, help="Requests under way at a time.", rich_help_panel="Speed"),
]
Restart = Annotated[bool, typer.Option("--restart", help="Begin anew: forget an earlier run.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would cost, and stop.")]
PriceIn = Annotated[
    float | None, typer.Option(min=0, help="Of a million prompt tokens.", rich_help_panel="Cost")
]
PriceOut = Annotated[
    float | None, typer.Option(min=0, help="Of a million output tokens.", rich_help_panel="Cost")
]


def fail(message: object) -> typer.Exit:
    """Say what is wrong; what is returned is to be raised."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[red]{escape(str(message))}[/red]")
    return typer.Exit(1)


def bar(console: Console) -> Progress:
    """A progress bar with a line of news under way."""
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=console,
    )


def price(prompt: int, output: int, price_in: float | None, price_out: float | None) -> str:
    """What tokens cost, as a phrase to append; empty where no price is known."""
    if price_in is None and price_out is None:
        return ""
    return f", at most {(prompt * (price_in or 0) + output * (price_out or 0)) / 1e6:.2f}"


@asynccontextmanager
async def served(
    url: str,
    model: str | None,
    api_key: str | None,
    concurrency: int,
    api: Literal["chat", "completions"] | None = None,
) -> AsyncIterator["ServedModel"]:
    """A model that answers. ModelError when there is none."""
    from training.served.model import ServedModel

    key = api_key or os.environ.get("OPENAI_API_KEY")
    one = ServedModel(url, model=model, api_key=key, api=api, concurrency=concurrency)
    try:
        await one.connect()
        yield one
    finally:
        await one.aclose()


def run(work: Coroutine[Any, Any, T], *, goes_on: str = "") -> T:
    """Run a command's work; what may go wrong is told in a line.

    `goes_on`: what to say about an interrupted run.
    """
    from app.errors import OrsonError
    from search_adapters.errors import MissingSetting
    from search_adapters.registry import RegistryError
    from training.jsonl import Damaged, InUse
    from training.made_with import OtherSettings
    from training.served.model import ModelError
    from training.served.wire import NotAnAddress

    try:
        return asyncio.run(work)
    except ModelError as error:
        raise fail(f"{error}.{goes_on and f' {goes_on}'}") from None
    except OrsonError as error:
        raise fail(error.message) from None
    except (MissingSetting, RegistryError) as error:
        raise fail(error) from None
    except (Damaged, InUse, NotAnAddress, OtherSettings, OSError, ValueError) as error:
        raise fail(error) from None
    except KeyboardInterrupt:
        raise fail(f"Stopped.{goes_on and f' {goes_on}'}") from None
