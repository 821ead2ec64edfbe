"""`orson dialects`: how models search. Lists what is installed; checks what a served model makes of
its own, and how often it searches.
"""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from app.commands.dialect_report import body, show_report, told
from app.dialect import registry
from app.dialect.markers import Dialect
from app.settings import Settings

if TYPE_CHECKING:
    from app.chat.examination.emission import Asked, Rates
    from app.chat.examination.inspection import Inspection
    from app.chat.service import ChatService

NOT_ASKED, FAULTY = 1, 3

app = typer.Typer(help="How models search: list the dialects, check a model's.")


@app.callback(invoke_without_command=True)
def dialects(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List the dialects that are installed: their markers, and how a model is told of them."""
    if context.invoked_subcommand is not None:
        return
    rows = [(name, target, _loaded(name)) for name, target in registry.available().items()]
    if as_json:
        typer.echo(json.dumps([_entry(*row) for row in rows], ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Dialect", "A search", "Its results", "Told by"):
        table.add_column(column, overflow="fold")
    for name, target, found in rows:
        if isinstance(found, Dialect):
            search = f"{found.search_start.strip()} … {found.search_end}"
            results = found.results_start or "a message"
            table.add_row(*map(Text, (name, search, results, told(found))))
        else:
            table.add_row(Text(name), Text(found, style="red"), "", Text(target, style="dim"))
    Console(highlight=False).print(table)


def _loaded(name: str) -> Dialect | str:
    try:
        return registry.load(name)
    except registry.UnknownDialect as error:
        return str(error)


def _entry(name: str, target: str, found: Dialect | str) -> dict[str, Any]:
    if isinstance(found, str):
        return {"dialect": name, "target": target, "problem": found}
    return {
        "dialect": name,
        "target": target,
        "search": [found.search_start, found.search_end],
        "results": [found.results_start, found.results_end],
        "reasoning": found.reasoning,
        "opening": found.call,
        "calls_a_tool": found.structured,
        "recognised_by": found.signature,
        "told_by": told(found),
        "problem": None,
    }


@app.command()
def check(
    model: Annotated[
        str | None,
        typer.Argument(
            help="'bundled', a GGUF file, the address of a model server, or with --url the name "
            "of a model there. By default what the settings name.",
        ),
    ] = None,
    url: Annotated[str | None, typer.Option(help="Of a model server.")] = None,
    engine: Annotated[
        Literal["vllm", "llamacpp"] | None, typer.Option(help="What that server is.")
    ] = None,
    dialect: Annotated[
        str | None, typer.Option(help="By name; by default what the model shows it speaks.")
    ] = None,
    questions: Annotated[
        str | None,
        typer.Option(
            help="JSONL with 'question' and 'known' (true: no search is needed) in each line, or "
            "'bundled': the bundled model's own suite. By default 48 questions of general use.",
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=0, help="The most questions of a kind; 0 asks none.")
    ] = 24,
    max_tokens: Annotated[
        int, typer.Option(min=1, help="An answer without a search is cut there.")
    ] = 512,
    temperature: Annotated[float, typer.Option(min=0, max=2)] = 0.0,
    concurrency: Annotated[int, typer.Option(min=1, max=256)] = 8,
    show: Annotated[bool, typer.Option("--show", help="What became of each question.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check a served model: its markers' tokens, its chat template, how often it searches.

    Nothing is searched. Exit code 3 when something is in the way of searching.
    """
    from app.errors import OrsonError
    from app.main import StartError

    err = Console(stderr=True, highlight=False, soft_wrap=True)
    settings = _aimed(Settings(), model, url, engine, dialect, temperature)
    try:
        asked = _questions(questions or ("bundled" if settings.bundled else None), limit)
        report = asyncio.run(
            _check(settings, asked, max_tokens, concurrency, err if show else None)
        )
    except OrsonError as error:
        err.print(f"[red]{escape(error.message)}[/red]")
        raise typer.Exit(NOT_ASKED) from None
    except StartError as error:
        err.print(f"[red]{escape(str(error))}[/red]")
        raise typer.Exit(NOT_ASKED) from None
    service, inspection, rates = report
    if as_json:
        typer.echo(json.dumps(body(service, inspection, rates), ensure_ascii=False, indent=2))
    else:
        show_report(Console(highlight=False), service, inspection, rates)
    if inspection.faults:
        raise typer.Exit(FAULTY)


def _aimed(
    settings: Settings,
    model: str | None,
    url: str | None,
    engine: str | None,
    dialect: str | None,
    temperature: float,
) -> Settings:
    """The settings of a gateway for this model, which needs neither Redis nor a search."""
    changes: dict[str, Any] = {
        "redis_url": "redis://127.0.0.1:1",  # nothing is stored, so nobody connects
        "search_cache_seconds": 0,
        "search_policy": "auto",
        "temperature": temperature,
        "dialect": dialect or settings.dialect,
    }
    if model and model.startswith(("http://", "https://")):
        url, model = model, None
    remote = url or settings.engine_url
    if model == "bundled":
        changes |= {"engine": "llamacpp", "engine_url": None, "model": None}
    elif model and url is None and Path(model).is_file():
        changes |= {"engine": "llamacpp", "engine_url": None, "model": model}
    elif remote is not None:
        told = url is None or "engine" in settings.model_fields_set
        kind = engine or (settings.engine if told else "vllm")
        changes |= {"engine": kind, "engine_url": remote, "model": model or settings.model}
    elif model:
        raise typer.BadParameter(
            f"'{model}' is no file; for a model of a server add --url", param_hint="model"
        )
    return settings.model_copy(update=changes)


def _questions(named: str | None, limit: int) -> "tuple[Asked, ...]":
    from app.chat.examination.emission import Asked
    from app.chat.request import Message
    from training.evaluation.suite import BUNDLED, BadSuite, load

    if not limit:
        return ()
    try:
        suite = load(named or BUNDLED.parent / "emission.jsonl").part(limit=limit)
    except BadSuite as error:
        raise typer.BadParameter(str(error), param_hint="--questions") from None
    free = [one for one in suite.questions if one.policy in (None, "auto")]
    return tuple(
        Asked(
            (
                *(Message("assistant" if role == "assistant" else "user", text)
                  for role, text in one.before),
                Message("user", one.question),
            ),
            needs_search=not one.known,
        )
        for one in free
    )  # fmt: skip


async def _check(
    settings: Settings,
    asked: "tuple[Asked, ...]",
    max_tokens: int,
    concurrency: int,
    heard: Console | None,
) -> "tuple[ChatService, Inspection, Rates | None]":
    from app.chat.examination.emission import Reaction, measure
    from app.chat.examination.inspection import inspect
    from app.engines.llamacpp_wire import ENDERS
    from app.http.gateway import Gateway
    from app.main import create_app
    from search_adapters.mock import MockAdapter

    def tell(one: "Asked", reaction: Reaction) -> None:
        if heard is not None:
            heard.print(f"{reaction.value:9} {escape(one.messages[-1].content)}")

    gateway_app = create_app(settings, adapters=(MockAdapter(),))
    async with gateway_app.router.lifespan_context(gateway_app):
        gateway: Gateway = gateway_app.state.gateway
        service = await gateway.service()
        inspection = await inspect(gateway.engine, service.vocabulary, ENDERS)
        rates = None
        if asked:
            rates = await measure(
                service, asked, max_tokens=max_tokens, concurrency=concurrency, heard=tell
            )
        return service, inspection, rates
