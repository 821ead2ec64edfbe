"""`orson eval`: how good are the answers that a running gateway gives? Asks it, marks, reports."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.commands.ask import DEFAULT_URL
from app.commands.uncertainty import uncertainty
from app.settings import Settings, adapter_environment
from search_adapters.local import notes_index

if TYPE_CHECKING:
    from training.evaluation.asking import Reply, Target
    from training.evaluation.running import Place, Run
    from training.evaluation.suite import Question, Suite

app = typer.Typer(
    help="Measure the answers of running gateways, or what goes on inside a model.",
    invoke_without_command=True,
)
app.command()(uncertainty)


@app.callback()
def evaluate(
    context: typer.Context,
    suite: Annotated[
        str,
        typer.Option(help="`bundled`, a JSONL file of your own, or with --data the name of a set."),
    ] = "bundled",
    url: Annotated[
        list[str] | None, typer.Option(help="Gateway; several are compared.", envvar="ORSON_URL")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(help="Search policy: auto, always, never; several are compared."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder with public question sets (popqa, simpleqa, ...).")
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only these kinds of questions.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many questions of each kind.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model; the served one by default.")] = None,
    max_searches: Annotated[int | None, typer.Option(min=0, max=20)] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=512, help="Questions at a time.")] = 4,
    judge: Annotated[
        str | None, typer.Option(help="Address of a judge model, for what words don't settle.")
    ] = None,
    judge_model: Annotated[str | None, typer.Option(help="Its name; the first served.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for replies; `eval` in the data folder by default.")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Folder for plots (needs the `train` extra).")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Don't go on with a run that was cut short.")
    ] = False,
    failures: Annotated[
        int, typer.Option(min=0, help="Show so many answers of each kind that were not good.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead.")] = False,
    api_key: Annotated[str | None, typer.Option(envvar="ORSON_API_KEY")] = None,
) -> None:
    """Ask running gateways a suite of questions and report how often they do well.

    A run that is cut short goes on where it was when started again.
    """
    if context.invoked_subcommand is not None:
        return
    from training.evaluation import report, running, sets
    from training.evaluation.asking import NoGateway, Target
    from training.evaluation.suite import BadSuite, load
    from training.jsonl import Damaged, InUse

    screen, err = Console(highlight=False), Console(stderr=True, highlight=False)
    wrong = set(policy or ()) - {"auto", "always", "never"}
    if wrong:
        raise typer.BadParameter(
            f"'{wrong.pop()}' is none of auto, always, never", param_hint="--policy"
        )
    urls = [each.rstrip("/").removesuffix("/v1") for each in url or [DEFAULT_URL]]
    policies: list[str | None] = [*policy] if policy else [None]
    targets = [
        Target(at, _name(at, way, urls, policies), model, way, max_searches, api_key)
        for at in urls
        for way in policies
    ]
    try:
        chosen = load(suite) if data is None else sets.load(suite, data)
        chosen = chosen.part(tuple(kind or ()), limit)
        if not chosen.questions:
            raise BadSuite(f"{suite}: no question is of kind {', '.join(kind or ())}")
        settings = Settings()
        place = running.Place(
            out or settings.data_dir / "eval",
            settings.data_dir,
            notes_index(adapter_environment(settings)),
        )
        runs = running.told_apart(
            asyncio.run(_runs(chosen, targets, place, err, concurrency, fresh, judge, judge_model))
        )
    except BadSuite as error:
        err.print(f"[red]No suite:[/red] {escape(str(error))}")
        raise typer.Exit(2) from None
    except (NoGateway, InUse, Damaged, OSError) as error:
        err.print(f"[red]Not finished:[/red] {escape(str(error))}")
        if isinstance(error, NoGateway):
            err.print("What was answered is kept; the same command goes on from there.")
        raise typer.Exit(1) from None
    if plots is not None:
        from training.evaluation.plots import draw

        try:
            for file in draw(runs, plots):
                err.print(f"plot: {escape(str(file))}")
        except ModuleNotFoundError as error:
            err.print(f"[red]No plots:[/red] {escape(str(error))}; pip install 'orson[train]'")
    if as_json:
        typer.echo(json.dumps(report.bodies(runs), ensure_ascii=False, indent=2))
    else:
        screen.print(report.table(runs, failures))


async def _runs(
    suite: "Suite",
    targets: "list[Target]",
    place: "Place",
    err: Console,
    concurrency: int,
    fresh: bool,
    judge_url: str | None,
    judge_model: str | None,
) -> "list[Run]":
    """One run after the other: they may share an index, and an engine."""
    from contextlib import AsyncExitStack

    from training.evaluation import running
    from training.evaluation.judge import Judge

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    runs = []
    async with AsyncExitStack() as opened:
        judge = None
        if judge_url:
            judge = await opened.enter_async_context(Judge(judge_url, judge_model))
        progress = opened.enter_context(
            Progress(*columns, TimeElapsedColumn(), console=err, transient=True)
        )
        for target in targets:
            task = progress.add_task(escape(target.name), total=len(suite.questions))

            def seen(_question: "Question", _reply: "Reply", task: int = task) -> None:
                progress.advance(task)  # type: ignore[arg-type]

            runs.append(
                await running.run(
                    suite,
                    target,
                    place,
                    concurrency=concurrency,
                    fresh=fresh,
                    judge=judge,
                    seen=seen,
                )
            )
            if runs[-1].resumed:
                progress.console.print(
                    f"went on from {runs[-1].resumed} answers of a run cut short"
                )
    return runs


def _name(url: str, policy: str | None, urls: list[str], policies: list[str | None]) -> str:
    """What tells the targets apart in a report."""
    address = url.split("://")[-1]
    parts = ([address] if len(urls) > 1 else []) + ([policy or "auto"] if len(policies) > 1 else [])
    return " ".join(parts) or address
