"""`orson index`: add the user's own documents to the local search."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.settings import Settings, adapter_environment
from search_adapters.indexing import FileIndexed, index_paths
from search_adapters.local import notes_index
from search_adapters.local_index import WrongVersion


def index(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: .txt, .md, .html, .pdf.")],
) -> None:
    """Add documents to the local search. Run again after changes: only those are read anew."""
    out, err = Console(highlight=False), Console(stderr=True, highlight=False)
    missing = [path for path in paths if not path.exists()]
    if missing and len(missing) == len(paths):
        err.print(f"[red]Nothing to index:[/red] there is no {escape(str(missing[0]))}")
        raise typer.Exit(1)
    settings = Settings()
    target = notes_index(adapter_environment(settings))
    columns = (
        *(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("Looking for documents...", total=None)

        def show(event: FileIndexed) -> None:
            if event.total:
                progress.update(task, completed=event.done, total=event.total)
            progress.update(task, description=escape(event.path.name))

        try:
            report = index_paths(paths, target, show)
        except WrongVersion as error:
            err.print(f"[red]Nothing was indexed:[/red] {escape(str(error))}")
            raise typer.Exit(1) from None
    for skipped in report.skipped:
        out.print(f"[yellow]skipped[/yellow] {escape(f'{skipped.path}: {skipped.reason}')}")
    counts = ", ".join(f"{number} {state}" for state, number in sorted(report.counts.items()))
    out.print(f"[green]Indexed[/green] {counts or 'nothing'}; {report.passages} new passages.")
    where = escape(str(target.resolve()))
    out.print(f"The local search of a gateway on the same data folder has them now ({where}).")
