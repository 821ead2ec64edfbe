"""`orson replay`: a stored answer, made again from its trace; or the trace as a row to train on."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape


def replay(
    response_id: Annotated[str, typer.Argument(help="Of a stored response or chat completion.")],
    engine: Annotated[
        bool,
        typer.Option("--engine", help="Have the engine answer anew, greedily, with the results."),
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(help="Append the answer to this file as a row to train on; '-' prints it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make a stored answer again, id for id, and show the first id that differs.

    The engine and the searches say what they said then; what the gateway makes of it is today's
    code. Ends with status 1 where the answer is another, and 2 where it can't be made.
    """
    # Imported here: other commands need not wait for it.
    from app.commands import replaying

    out = Console(highlight=False, soft_wrap=True)
    err = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        if export is not None:
            asyncio.run(replaying.exported(response_id, export, out))
            return
        report = asyncio.run(replaying.replayed(response_id, live=engine))
    except replaying.TROUBLES as error:
        err.print(f"[red]{escape(replaying.words(error))}[/red]")
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        replaying.show(report, out)
    raise typer.Exit(0 if report["same"] else 1)
