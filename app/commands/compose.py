"""`orson data compose`: verdicts and real searches become conversations to train on."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.commands import served

if TYPE_CHECKING:
    from search_adapters.chain import Chain
    from training.composing.reader import Reader
    from training.composing.running import Progress

GOES_ON = "Searches that were made are kept: run the same command again to go on."


def compose(
    verdicts: Annotated[Path, typer.Argument(help="What 'orson probe' wrote.")],
    out: Annotated[Path, typer.Option(help="Where conversations go.")] = Path(
        "conversations.jsonl"
    ),
    documents: Annotated[
        list[Path] | None,
        typer.Option(help="Search in these files and folders; else as the gateway does."),
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="Search adapters, tried in order: 'local', 'bing,local'.")
    ] = None,
    tokenizer: Annotated[
        Path | None, typer.Option(help="Folder of a Hugging Face tokenizer: adds ids and mask.")
    ] = None,
    add_markers: Annotated[
        bool, typer.Option("--add-markers", help="Make the search markers single tokens.")
    ] = False,
    save_tokenizer: Annotated[
        Path | None, typer.Option(help="Write the tokenizer, markers included, to this folder.")
    ] = None,
    engine_url: Annotated[
        str | None, typer.Option(help="Or take the tokenizer of this served engine.")
    ] = None,
    engine: Annotated[
        Literal["vllm", "llamacpp"], typer.Option(help="What is served there.")
    ] = "vllm",
    model: served.Model = None,
    api_key: served.ApiKey = None,
    teaching: Annotated[
        Literal["auto", "trained", "prompted"],
        typer.Option(help="The system prompt: 'Tools: search.', or the dialect taught in words."),
    ] = "auto",
    end_token: Annotated[
        str | None, typer.Option(help="Ends a turn; found out by itself where possible.")
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="Conversations; as many as verdicts by default.")
    ] = None,
    share: Annotated[
        list[str] | None,
        typer.Option(help="Of a kind, e.g. 'known=40'; may be given several times."),
    ] = None,
    results: Annotated[int, typer.Option(min=1, max=20, help="Passages of a search.")] = 5,
    results_tokens: Annotated[int, typer.Option(min=32, help="Of a results block.")] = 1024,
    context: Annotated[
        int | None, typer.Option(min=256, help="Tokens of a sequence; the model's by default.")
    ] = None,
    templates: Annotated[
        Path | None, typer.Option(help="The wordings that the questions were made with.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, help="Searches under way at a time.")] = 16,
    seed: int = 0,
    restart: served.Restart = False,
) -> None:
    """Make conversations: direct answers, searches, "I don't know", corrections, small talk.

    They are played through the loop that serves, so ids, results blocks and the loss mask are what
    the gateway makes of them. Without a tokenizer the texts alone are written.
    """
    from app.chat.budget import Limits
    from training import jsonl
    from training.composing.composer import Composer
    from training.composing.playing import stage
    from training.composing.reader import FolderReader, NoTokenizer, PlainReader
    from training.composing.running import SHARES, compose, wanted
    from training.composing.searching import Searches, searches_file
    from training.made_with import settle
    from training.questions.templates import Templates
    from training.records import Verdict

    console = Console(highlight=False, soft_wrap=True)

    async def work() -> None:
        shares = {**SHARES, **dict(map(_share, share or ()))}
        asked = list(jsonl.read(verdicts, Verdict))
        journal_at = searches_file(out)
        settle(
            journal_at,
            {"documents": [str(path) for path in documents or ()], "search": search,
             "results": results},
            restart=restart,
        )  # fmt: skip
        async with AsyncExitStack() as stack:
            reader: Reader = PlainReader()
            if tokenizer is not None:
                reader = FolderReader(tokenizer, add_markers=add_markers, context=context)
                if save_tokenizer is not None:
                    reader.save(save_tokenizer)
            elif engine_url is not None:
                reader = _served_reader(engine_url, engine, model, api_key)
                stack.push_async_callback(reader.aclose)
            tokens = results_tokens * (4 if isinstance(reader, PlainReader) else 1)
            limits = Limits(results_per_query=results, results_tokens=tokens)
            try:
                on = await stage(
                    reader,
                    limits=limits,
                    teaching=None if teaching == "auto" else teaching,
                    today=date.today().isoformat(),
                    end_token=end_token,
                )
            except NoTokenizer as error:
                raise ValueError(str(error)) from None
            chain = await stack.enter_async_context(searching(documents, search))
            journal = stack.enter_context(jsonl.Journal(journal_at))
            searches = Searches(chain, journal, results, at_once)
            composer = Composer(asked, searches, Templates(templates), results)
            total = count or len(asked)
            console.print(
                f"{total:,} conversations from {len(composer.known):,} known and "
                f"{len(composer.unknown):,} other verdicts; search: {', '.join(chain.names)}; "
                f"tokenizer: {escape(reader.model)}; system prompt: {on.teaching}"
            )
            with served.bar(console) as progress:
                task = progress.add_task("", total=sum(wanted(total, shares).values()))

                def show(state: "Progress") -> None:
                    progress.update(
                        task, completed=state.done, description=f"{searches.made} searches"
                    )

                made, state = await compose(
                    composer, on, total, seed=seed, shares=shares, progress=show
                )
            jsonl.write(out, made)
            console.print(_table(state, wanted(total, shares)))
            for reason, number in state.dropped.most_common(5):
                console.print(f"[yellow]{number} dropped[/yellow] {escape(reason)}")
            if searches.failed:
                console.print(f"[yellow]{searches.failed} searches failed.[/yellow]")
            learned = sum(sum(each.mask or ()) for each in made)
            ids = sum(len(each.ids or ()) for each in made)
            size = f": {ids:,} tokens, {learned:,} of them to learn" if ids else ""
            console.print(f"[green]{len(made):,} conversations[/green] in {escape(str(out))}{size}")

    served.run(work(), goes_on=GOES_ON)


def _share(text: str) -> tuple[str, float]:
    kind, _, value = text.rpartition("=")
    try:
        return kind.strip(), float(value)
    except ValueError:
        raise ValueError(f"--share wants a kind and a number, as in 'known=40': {text!r}") from None


def _served_reader(
    url: str, engine: Literal["vllm", "llamacpp"], model: str | None, api_key: str | None
) -> "Reader":
    from training.composing.reader import ServedReader

    return ServedReader(url, engine, model=model, api_key=api_key)


@asynccontextmanager
async def searching(documents: list[Path] | None, names: str | None) -> AsyncIterator["Chain"]:
    """The search to ask: over an index of `documents` made for this run, or the gateway's own."""
    from app.settings import Settings, adapter_environment
    from search_adapters.chain import Chain, Options
    from search_adapters.indexing import index_paths
    from search_adapters.registry import load
    from training.questions.sources import write_rows

    settings = Settings()
    environment = adapter_environment(settings)
    with tempfile.TemporaryDirectory() as folder:
        if documents:
            index = Path(folder) / "documents.db"
            rows = Path(folder) / "rows"
            rows.mkdir()
            write_rows(documents, rows)
            report = index_paths([*documents, rows], index)
            if not report.passages:
                raise ValueError("There is nothing in these documents to search.")
            environment |= {"ORSON_LOCAL_INDEX": str(index), "ORSON_ENCYCLOPEDIA": "off"}
        adapters = ["local"] if documents and not names else None
        adapters = adapters or (names.split(",") if names else list(settings.search))
        # Nobody waits here: a slow provider may take its time.
        chain = Chain(load(adapters, environment), Options(deadline=60.0, provider_timeout=30.0))
        try:
            await chain.prepare()
            yield chain
        finally:
            await chain.aclose()


def _table(state: "Progress", targets: dict[str, int]) -> Table:
    shown = Table("kind", "made", "wanted")
    names = dict.fromkeys([*targets, *state.kinds])
    for kind in names:
        target = targets.get(kind)
        shown.add_row(kind, f"{state.kinds[kind]:,}", f"{target:,}" if target is not None else "")
    return shown
