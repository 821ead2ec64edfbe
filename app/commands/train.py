"""`orson train`: fine-tune a model of your own on conversations, or let it learn from its answers.

The libraries it needs are large and come with an extra, so that they are looked for only here.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

app = typer.Typer(
    name="train",
    help="Fine-tune any Hugging Face causal model to answer, search, or say so.",
    no_args_is_help=True,
)
MISSING = """\
[red]Training needs libraries that are not installed:[/red] {name}
Install them with  pip install 'orson\\[train]'  (a CPU-only torch: add
--extra-index-url https://download.pytorch.org/whl/cpu)."""


class ServeAs(StrEnum):
    """What a LoRA run writes."""

    merged = "merged"
    adapter = "adapter"
    both = "both"


def _fail(message: str) -> typer.Exit:
    Console(stderr=True, highlight=False).print(message)
    return typer.Exit(1)


@app.command()
def sft(
    conversations: Annotated[
        Path, typer.Argument(help="conversations.jsonl, as `orson data compose` writes it.")
    ],
    model: Annotated[str, typer.Option(help="A folder, or a name on the Hugging Face hub.")],
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, log and the result.")],
    lora: Annotated[bool, typer.Option(help="Train an adapter, not all weights.")] = False,
    rank: Annotated[int, typer.Option(min=1, help="Rank of the adapter.")] = 16,
    serve_as: Annotated[
        ServeAs, typer.Option(help="With --lora: one whole model, an adapter on a base, or both.")
    ] = ServeAs.merged,
    epochs: Annotated[float, typer.Option(min=0.001)] = 2.0,
    rate: Annotated[
        float | None, typer.Option(help="Step size; 1e-5, with --lora 2e-4.", show_default=False)
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Conversations in one pass.")] = 8,
    accumulate: Annotated[int, typer.Option(min=1, help="Passes to one step.")] = 1,
    longest: Annotated[int, typer.Option(help="Tokens; longer ones are left out.")] = 2048,
    seed: int = 1,
    checkpoint_steps: Annotated[int, typer.Option(min=1, help="Steps between two.")] = 200,
    gguf: Annotated[bool, typer.Option(help="Also write a GGUF for llama.cpp.")] = True,
    reencode: Annotated[
        bool, typer.Option(help="Encode the texts anew, whatever ids the file has.")
    ] = False,
) -> None:
    """Teach a model conversations. Started again, it goes on from its last checkpoint."""
    try:
        from training.finetune.settings import Tuning
        from training.finetune.sft import finetune
        from training.made_with import OtherSettings
    except ImportError as error:
        raise _fail(MISSING.format(name=error.name)) from None
    try:
        done = finetune(
            Tuning(
                model, conversations, out, lora, rank, serve_as.value, epochs, rate, batch,
                accumulate, longest, seed=seed, checkpoint_steps=checkpoint_steps, gguf=gguf,
                reencode=reencode,
            )
        )  # fmt: skip
    except (OtherSettings, ValueError, OSError) as error:
        raise _fail(f"[red]Not trained:[/red] {escape(str(error))}") from None
    _tell(done["written"])


@app.command()
def rl(
    questions: Annotated[
        Path, typer.Argument(help="questions.jsonl or verdicts.jsonl; `train` is learnt from.")
    ],
    model: Annotated[str, typer.Option(help="A folder, as `orson train sft` writes it.")],
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, log and the result.")],
    documents: Annotated[
        list[Path] | None,
        typer.Option(help="Search in these files and folders; else as the gateway does."),
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="Search adapters, tried in order: 'local', 'bing,local'.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1)] = 200,
    prompts: Annotated[int, typer.Option(min=1, help="Questions in a step.")] = 8,
    group: Annotated[int, typer.Option(min=2, help="Answers to each, compared.")] = 8,
    rate: Annotated[float, typer.Option(help="Step size.")] = 1e-6,
    temperature: Annotated[float, typer.Option(min=0.05, max=2, help="Of the answers.")] = 1.0,
    beta: Annotated[float, typer.Option(min=0, help="Weight of staying near the start.")] = 0.0,
    tokens: Annotated[int, typer.Option(min=8, help="Of one answer, results not counted.")] = 128,
    without_search: Annotated[
        int, typer.Option(min=0, help="One in so many questions may not be searched for; 0: none.")
    ] = 4,
    wrong: Annotated[float, typer.Option(help='Worth of a wrong answer; "I don\'t know" is 0.')] = (
        -1.0
    ),
    search_price: Annotated[float, typer.Option(min=0, help="Of each search; right is 1.")] = 0.05,
    kept: Annotated[
        int, typer.Option(min=1, help="Questions of dev and test to measure on.")
    ] = 100,
    results: Annotated[int, typer.Option(min=1, max=20, help="Passages of a search.")] = 3,
    results_tokens: Annotated[int, typer.Option(min=32, help="Of a results block.")] = 400,
    seed: int = 1,
    checkpoint_steps: Annotated[int, typer.Option(min=1, help="Steps between two.")] = 50,
    gguf: Annotated[bool, typer.Option(help="Also write a GGUF for llama.cpp.")] = True,
) -> None:
    """Let a model learn from its own answers: right is best, "I don't know" better than wrong.

    Answers are made by the loop that serves, with real searches. Measured before and after on
    questions kept back. Started again, it goes on from its last checkpoint.
    """
    try:
        from training.finetune.reward import Prices
        from training.finetune.rl import practise
        from training.finetune.settings import Practice
    except ImportError as error:
        raise _fail(MISSING.format(name=error.name)) from None
    from app.commands.compose import searching
    from training.jsonl import Damaged
    from training.made_with import OtherSettings
    from training.questions.given import load

    plan = Practice(
        model, out, steps, prompts, group, rate, temperature, beta, tokens, without_search,
        Prices(wrong=wrong, search=search_price), results, results_tokens, seed=seed,
        checkpoint_steps=checkpoint_steps, gguf=gguf,
    )  # fmt: skip
    try:
        found = list(load(questions))
        done = practise(
            plan,
            [q for q in found if q.split == "train"],
            [q for q in found if q.split != "train"][:kept],
            searching(documents, search),
        )
    except (OtherSettings, Damaged, ValueError, OSError) as error:
        raise _fail(f"[red]Not trained:[/red] {escape(str(error))}") from None
    table = Table("", "before", "after")
    for name, value in done["before"].items():
        table.add_row(name, f"{value:g}", f"{done['after'][name]:g}")
    Console(highlight=False).print(table)
    _tell(done["written"])


def _tell(written: dict[str, str]) -> None:
    """Say what was written and how it is served."""
    out = Console(highlight=False)
    for name, path in written.items():
        out.print(f"{name:8} {escape(path)}", soft_wrap=True)
    if "model" in written:
        out.print(f"Serve it:  vllm serve {escape(written['model'])}", soft_wrap=True)
    if "adapter" in written:
        served = f"{written['base']} --enable-lora --lora-modules orson={written['adapter']}"
        out.print(f"Serve it:  vllm serve {escape(served)}", soft_wrap=True)
    if "gguf" in written:
        out.print(f"On a CPU:  ORSON_MODEL={escape(written['gguf'])} orson serve", soft_wrap=True)
