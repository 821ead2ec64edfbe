"""`orson data`: questions from documents and facts; conversations from verdicts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.commands import compose, served

if TYPE_CHECKING:
    from training.jsonl import Journal
    from training.questions.running import Passage, Progress
    from training.questions.splitting import Shares
    from training.served.model import ServedModel

data = typer.Typer(
    name="data", help="Make training data: questions, then conversations.", no_args_is_help=True
)
data.command()(compose.compose)
GOES_ON = "Passages that are done are kept: run the same command again to go on."


@data.command()
def questions(
    documents: Annotated[
        list[Path],
        typer.Option(help="Files or folders: .txt .md .html .pdf, .jsonl .json (.gz) of rows."),
    ],
    out: Annotated[Path, typer.Option(help="Where questions go.")] = Path("questions.jsonl"),
    url: Annotated[
        str | None, typer.Option(help="A served model that writes questions from documents.")
    ] = None,
    model: served.Model = None,
    api_key: served.ApiKey = None,
    checker_url: Annotated[
        str | None, typer.Option(help="Another model for the second pass; the writer by default.")
    ] = None,
    checker_model: Annotated[str | None, typer.Option(help="Its name; the first served.")] = None,
    per_passage: Annotated[int, typer.Option(min=1, max=20, help="Questions of a passage.")] = 3,
    passage_chars: Annotated[int, typer.Option(min=200, help="Length of a passage.")] = 1200,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many passages.")] = (
        None
    ),
    templates: Annotated[
        Path | None, typer.Option(help="JSON with wordings for attributes of your facts.")
    ] = None,
    dev: Annotated[float, typer.Option(min=0, max=100, help="Per cent of documents.")] = 10,
    test: Annotated[float, typer.Option(min=0, max=100, help="Per cent of documents.")] = 10,
    seed: Annotated[int, typer.Option(help="Of the splits and of the writing.")] = 0,
    concurrency: served.Concurrency = 64,
    price_in: served.PriceIn = None,
    price_out: served.PriceOut = None,
    dry_run: served.DryRun = False,
    restart: served.Restart = False,
) -> None:
    """Questions with short answers: from documents by a served model, from facts by templates.

    Rows with subject, attribute and value (or of the known public sets) become questions without a
    model. Documents are split into train, dev and test as wholes; duplicates are left out.
    """
    from training import jsonl
    from training.made_with import settle
    from training.questions import gathering, running
    from training.questions.splitting import Shares
    from training.questions.templates import Templates

    console = Console(highlight=False, soft_wrap=True)
    shares = Shares(dev, test, seed)

    async def work() -> None:
        found = gathering.gather(documents, Templates(templates), shares)
        for skipped in found.skipped:
            reason = escape(f"{skipped.path}: {skipped.reason}")
            console.print(f"[yellow]skipped[/yellow] {reason}")
        if not found.documents and not found.questions:
            raise ValueError("There is nothing to ask about.")
        if url is None and not found.questions:
            raise ValueError(
                f"{len(found.documents)} documents need a model that writes questions: --url"
            )
        journal_at = running.work_file(out)
        passages = list(running.passages(found.documents, passage_chars))[:limit]
        if url is not None and passages:
            async with served.served(url, model, api_key, concurrency) as writer:
                made = {"model": writer.name, "checker": checker_url, "seed": seed, "dev": dev,
                        "checker_model": checker_model, "test": test, "count": per_passage,
                        "passage_chars": passage_chars}  # fmt: skip
                if not dry_run:
                    settle(journal_at, made, restart=restart)
                done = gathering.done(journal_at)
                todo = [passage for passage in passages if passage.key not in done]
                _announce(console, writer, todo, len(passages) - len(todo), per_passage, price_in,
                          price_out)  # fmt: skip
                if dry_run:
                    return
                if todo:
                    with jsonl.Journal(journal_at) as journal:
                        if checker_url is None:
                            await _write(
                                console, todo, writer, writer, journal, per_passage, shares
                            )
                        else:
                            async with served.served(
                                checker_url, checker_model, api_key, concurrency
                            ) as checker:
                                await _write(
                                    console, todo, writer, checker, journal, per_passage, shares
                                )
        elif found.documents and not dry_run:
            console.print(f"{len(found.documents)} documents left out: they need a model (--url).")
        if dry_run:
            console.print(f"{len(found.questions):,} questions without a model.")
            return
        made_by_model = gathering.written(journal_at, {p.key for p in passages}) if url else []
        sifted = gathering.save(out, [*found.questions, *made_by_model])
        counts = ", ".join(f"{count:,} {name}" for name, count in sifted.splits.items())
        console.print(
            f"[green]{sifted.total:,} questions[/green] in {escape(str(out))}: {counts}. Left out: "
            f"{sifted.duplicates:,} asked twice, {sifted.ambiguous:,} with different answers."
        )

    served.run(work(), goes_on=GOES_ON)


def _announce(
    console: Console,
    writer: "ServedModel",
    todo: "Sequence[Passage]",
    there: int,
    count: int,
    price_in: float | None,
    price_out: float | None,
) -> None:
    from training.questions.running import cost

    takes = cost(todo, count)
    kept = f" ({there} more are done)" if there else ""
    console.print(
        f"{takes.passages:,} passages{kept}, up to {count} questions of each, to "
        f"[bold]{escape(writer.name)}[/bold] at {escape(writer.server.root)}\n"
        f"  at most {takes.requests:,} requests: 1 to write, 2 to check each question\n"
        f"  about {takes.prompt_tokens:,} prompt tokens, at most {takes.output_tokens:,} output "
        f"tokens{served.price(takes.prompt_tokens, takes.output_tokens, price_in, price_out)}"
    )


async def _write(
    console: Console,
    todo: "Sequence[Passage]",
    writer: "ServedModel",
    checker: "ServedModel",
    journal: "Journal",
    count: int,
    shares: "Shares",
) -> None:
    from training.questions.running import write

    with served.bar(console) as progress:
        task = progress.add_task("", total=len(todo))

        def show(state: "Progress") -> None:
            thrown = sum(state.thrown.values())
            progress.update(
                task, completed=state.done, description=f"{state.kept} kept, {thrown} thrown out"
            )

        state = await write(
            todo, writer, checker, journal, count=count, shares=shares, progress=show
        )
    for reason, number in state.thrown.most_common():
        console.print(f"  {number:,} thrown out: {reason}")
    if state.silent:
        console.print(
            f"[yellow]No question could be read in the replies to {state.silent:,} passages; they "
            f"are in {escape(str(journal.path))}.[/yellow]"
        )
    if state.refused:
        console.print(f"[yellow]{state.refused} passages were refused by the model.[/yellow]")
