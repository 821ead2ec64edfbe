"""`orson eval uncertainty`: what inside a model tells that its answer will be wrong?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table


def uncertainty(
    questions: Annotated[
        Path, typer.Argument(help="JSONL with `question` and `answers`; verdicts will do.")
    ],
    model: Annotated[
        list[str], typer.Option(help="A folder or a hub name; several are compared: before, after.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for uncertainty.json and uncertainty.svg.")],
    split: Annotated[
        list[str] | None,
        typer.Option(help="Only these splits: `test` holds facts that trained no model."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many questions.")] = None,
    samples: Annotated[int, typer.Option(min=2, max=64, help="Sampled answers each.")] = 5,
    temperature: Annotated[float, typer.Option(min=0.05, max=2)] = 0.7,
    max_tokens: Annotated[int, typer.Option(min=1, help="Of one answer.")] = 48,
    system: Annotated[
        str, typer.Option(help="System message; what Orson writes when nothing may be searched.")
    ] = "Tools: none.",
    seed: int = 1,
) -> None:
    """Compare what predicts a wrong answer: a linear probe on each layer's state at the question's
    last token, the best single neuron, the answer's mean log-probability, agreement of samples.

    By AUROC, measured on facts that neither probe nor neuron was fitted to.
    """
    err = Console(stderr=True, highlight=False)
    try:
        from training.inside import report
    except ImportError as error:
        err.print(f"[red]Libraries are missing:[/red] {error.name}; pip install 'orson\\[train]'")
        raise typer.Exit(1) from None
    from training import jsonl
    from training.questions.given import load

    try:
        asked = [q for q in load(questions) if q.answers and (not split or q.split in split)]
        if limit is not None and len(asked) > limit:
            asked = [asked[at * len(asked) // limit] for at in range(limit)]
        if not asked:
            raise ValueError(f"{questions}: no question with answers in it")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as progress:
            tasks = {name: progress.add_task(escape(name), total=len(asked)) for name in model}
            summary = report.run(
                model,
                asked,
                system=system,
                samples=samples,
                temperature=temperature,
                limit=max_tokens,
                seed=seed,
                progress=lambda name: progress.advance(tasks[name]),
            )
    except (jsonl.Damaged, ValueError, OSError) as error:
        err.print(f"[red]Not measured:[/red] {escape(str(error))}")
        raise typer.Exit(1) from None
    kept, plot = report.save(summary, out), report.draw(summary, out)
    table = Table("model", "target", "bad / all", "probe", "neuron", "log-prob.", "agreement")
    for name, found in summary["models"].items():
        for target, m in found["targets"].items():
            layers = m["layers"]
            best = f"{max(layers):.3f} (layer {layers.index(max(layers))})" if layers else "-"
            rest = [f"{m[key]:.3f}" if m[key] is not None else "-" for key in ("neuron", "logprob", "consistency")]  # fmt: skip # noqa: E501
            table.add_row(escape(name), target, f"{m['bad']} / {m['questions']}", best, *rest)
    Console(highlight=False).print(table)
    err.print(f"{escape(str(kept))}, {escape(str(plot))}")
