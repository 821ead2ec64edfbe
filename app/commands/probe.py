"""`orson probe`: does the model know? Every question asked several times, judged, written down."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape

from app.commands import served
from app.commands.ask import DEFAULT_URL

if TYPE_CHECKING:
    from training.jsonl import Journal
    from training.probing.running import Progress, Settings
    from training.records import Question
    from training.served.model import ServedModel

GOES_ON = "What was answered is kept: run the same command again to go on."


def probe(
    questions: Annotated[
        Path, typer.Argument(help="JSONL with a 'question' in each line, best with 'answers'.")
    ],
    url: Annotated[
        str, typer.Option(envvar="ORSON_URL", help="The served model: an OpenAI-compatible URL.")
    ] = DEFAULT_URL,
    out: Annotated[Path, typer.Option(help="Where verdicts go.")] = Path("verdicts.jsonl"),
    model: served.Model = None,
    api_key: served.ApiKey = None,
    api: Annotated[
        Literal["chat", "completions"] | None,
        typer.Option(help="'completions' for a base model; goes by the URL, else chat."),
    ] = None,
    samples: Annotated[int, typer.Option(min=3, max=64, help="Sampled answers each.")] = 5,
    temperature: Annotated[float, typer.Option(min=0.05, max=2, help="Of the samples.")] = 0.7,
    max_tokens: Annotated[int, typer.Option(min=1, help="Of one answer.")] = 48,
    system: Annotated[
        str | None,
        typer.Option(help="Instructions; '' for none. By default short answers are asked for."),
    ] = None,
    wordings: Annotated[
        bool, typer.Option(help="Ask each sample in another wording, where there are several.")
    ] = True,
    judge_url: Annotated[
        str | None, typer.Option(help="A model that judges what words leave open.")
    ] = None,
    judge_model: Annotated[str | None, typer.Option(help="Its name; the first served.")] = None,
    split: Annotated[
        list[str] | None, typer.Option(help="Only these splits; may be given several times.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    seed: int = 0,
    concurrency: served.Concurrency = 64,
    price_in: served.PriceIn = None,
    price_out: served.PriceOut = None,
    dry_run: served.DryRun = False,
    restart: served.Restart = False,
) -> None:
    """Find out what a served model knows: each question once greedily and k times with sampling.

    No search is made. Verdicts: knows (all right), unsure, doesn't know; questions without answers
    get none, but the agreement of their samples. An interrupted run goes on where it was.
    """
    from training.made_with import settle
    from training.probing.judge import Judge
    from training.probing.running import Settings, missing
    from training.questions.given import load

    console = Console(highlight=False, soft_wrap=True)
    how = Settings(samples, temperature, max_tokens, system, wordings, seed)

    async def work() -> None:
        wanted = [q for q in load(questions) if split is None or q.split in split][:limit]
        async with served.served(url, model, api_key, concurrency, api) as asked:
            made = {"model": asked.name, "api": asked.server.api, "judge": judge_url}
            made |= {"judge_model": judge_model, **{n: getattr(how, n) for n in how.__slots__}}
            if not dry_run:
                settle(out, made, restart=restart)
            todo, there = missing(wanted, out)
            _announce(console, asked, todo, sum(there.values()), how, judge_url is not None,
                      price_in, price_out)  # fmt: skip
            if dry_run or not todo:
                return
            journal = _journal(out)
            with journal:
                if judge_url is None:
                    await _go(console, todo, asked, journal, how, Judge())
                else:
                    async with served.served(judge_url, judge_model, api_key, concurrency) as one:
                        await _go(console, todo, asked, journal, how, Judge(one))

    served.run(work(), goes_on=GOES_ON)
    if not dry_run:
        _report(console, out)


def _journal(out: Path) -> "Journal":
    from training.jsonl import Journal

    return Journal(out)


def _announce(
    console: Console,
    asked: "ServedModel",
    todo: "Sequence[Question]",
    there: int,
    how: "Settings",
    judge: bool,
    price_in: float | None,
    price_out: float | None,
) -> None:
    from training.probing.running import cost

    takes = cost(todo, how, judge=judge)
    labelled = sum(bool(question.answers) for question in todo)
    kept = f" ({there} more have their verdict)" if there else ""
    console.print(
        f"{takes.questions} questions{kept}, {labelled} of them with answers, to "
        f"[bold]{escape(asked.name)}[/bold] at {escape(asked.server.root)}"
        f"{' (Orson; it is told not to search)' if asked.is_orson else ''}\n"
        f"  {takes.answers:,} answers: 1 greedy and {how.samples} samples each at temperature "
        f"{how.temperature:g}\n"
        f"  about {takes.prompt_tokens:,} prompt tokens, at most {takes.output_tokens:,} output "
        f"tokens"
        f"{served.price(takes.prompt_tokens, takes.output_tokens, price_in, price_out)}"
        + (f"\n  at most {takes.judged:,} requests to the judge" if judge else "")
    )


async def _go(
    console: Console,
    todo: "Sequence[Question]",
    asked: "ServedModel",
    journal: "Journal",
    how: "Settings",
    judge: object,
) -> None:
    from training.probing.judge import Judge
    from training.probing.running import probe as run

    assert isinstance(judge, Judge)
    began = monotonic()
    with served.bar(console) as progress:
        task = progress.add_task("", total=len(todo))

        def show(state: "Progress") -> None:
            rate = asked.spent.requests / max(0.001, monotonic() - began)
            said = ", ".join(f"{state.counts[name]} {_said(name)}" for name in sorted(state.counts))
            progress.update(
                task, completed=state.done, description=f"{said}; {rate:.0f} requests/s"
            )

        state = await run(todo, asked, journal, how, judge=judge, progress=show)
    seconds, spent = monotonic() - began, asked.spent
    console.print(
        f"{spent.requests:,} requests in {seconds:.1f} s ({spent.requests / seconds:.1f} a second), "  # noqa: E501
        f"{spent.prompt_tokens:,} prompt tokens, {spent.output_tokens:,} output tokens "
        f"({spent.output_tokens / seconds:,.0f} a second), {spent.retries} retries."
    )
    for failed in state.failed[:5]:
        console.print(f"[yellow]not asked[/yellow] {escape(failed)}")
    if state.failed:
        console.print(f"{len(state.failed)} questions could not be asked.")


def _said(verdict: str) -> str:
    return "unlabelled" if verdict == "None" else verdict


def _report(console: Console, out: Path) -> None:
    from training.probing.summary import table

    console.print(table(out))
    console.print(f"Verdicts are in {escape(str(out))}.")
