"""What `orson replay` does: finds the trace, makes the answer again, tells what came of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from app.chat.traces.replay import Replayed, again, replay
from app.chat.traces.trace import Trace, Unreadable, unpacked
from app.dialect.registry import UnknownDialect
from app.engine import CONTEXT, Server, StartError, header_of, opened_engine
from app.errors import OrsonError
from app.settings import Settings
from app.stores.embedded_redis import EmbeddedRedis, running_in
from app.stores.responses import RedisResponseStore

SHOWN = 24
"""Ids whose text is shown from the first that differs."""
ORIGINS = {"prompt": "the prompt", "model": "what the model says", "search": "what was put in"}


class Trouble(Exception):
    """It can't be done; the message is for people."""


TROUBLES = (Trouble, StartError, OrsonError, Unreadable, UnknownDialect)


def words(error: BaseException) -> str:
    """What went wrong."""
    return error.message if isinstance(error, OrsonError) else str(error)


async def replayed(id_: str, *, live: bool) -> dict[str, Any]:
    """A report of an answer made again, from the recording or by the engine."""
    settings = Settings()
    trace = unpacked(await _kept(settings, id_))
    async with AsyncExitStack() as stack:
        served = _Served(settings, trace, stack)
        if live:
            made = await again(trace, await served.engine())
        else:
            made = await replay(trace, served.encode)
        report = _report(id_, trace, made)
        if made.first is not None:
            report["text_then"] = await served.text(trace.ids[made.first :][:SHOWN])
            report["text_now"] = await served.text(made.ids[made.first :][:SHOWN])
    return report


async def exported(id_: str, path: Path, out: Console) -> None:
    """Append an answer to a file as a row to train on."""
    settings = Settings()
    trace = unpacked(await _kept(settings, id_))
    async with AsyncExitStack() as stack:
        await _export(id_, trace, _Served(settings, trace, stack), path, out)


async def _kept(settings: Settings, id_: str) -> bytes:
    """The trace, from the Redis that the gateway uses; it may be running."""
    async with _redis(settings) as url:
        store = RedisResponseStore(url, seconds=1, events_seconds=1)
        try:
            raw = await store.find_trace(id_)
        finally:
            await store.aclose()
    if raw is None:
        raise Trouble(
            f"There is no trace of '{id_}': it was not stored, was deleted or has expired, or "
            "ORSON_STORED_TRACES is off."
        )
    return raw


@asynccontextmanager
async def _redis(settings: Settings) -> AsyncIterator[str]:
    if settings.redis_url is not None:
        yield settings.redis_url
        return
    if (url := running_in(settings.data_dir)) is not None:
        yield url
        return
    redis = EmbeddedRedis(settings.data_dir)
    try:
        await redis.start()
    except (RuntimeError, OSError) as error:
        raise Trouble(f"{error} (ORSON_DATA_DIR, or ORSON_REDIS_URL)") from error
    try:
        yield redis.url
    finally:
        await redis.stop()


class _Served:
    """The engine of the settings, opened when it is first needed."""

    def __init__(self, settings: Settings, trace: Trace, stack: AsyncExitStack) -> None:
        self._settings, self._trace, self._stack = settings, trace, stack
        self._engine: Server | None = None

    async def engine(self) -> Server:
        """The engine. Raises Trouble where it serves another model than answered."""
        if self._engine is None:
            settings, wanted = self._settings, self._trace.model
            context = settings.embedded_context
            if settings.embedded and not settings.bundled and context is None:
                context = min(CONTEXT, header_of(settings).context_length or CONTEXT)
            engine, _ = await opened_engine(settings, context, self._stack)
            await engine.ready()
            if engine.model != wanted:
                raise Trouble(f"The answer is of the model {wanted}; served is {engine.model}.")
            self._engine = engine
        return self._engine

    async def encode(self, text: str) -> Sequence[int]:
        """Ids of a text."""
        return await (await self.engine()).encode(text)

    async def decode(self, ids: Sequence[int]) -> str:
        """The text of ids."""
        return await (await self.engine()).decode(ids) if ids else ""

    async def text(self, ids: Sequence[int]) -> str | None:
        """The text of ids; None where there is no engine to ask."""
        try:
            return await self.decode(ids)
        except (Trouble, StartError, OrsonError):
            return None


async def _export(id_: str, trace: Trace, served: _Served, path: Path, out: Console) -> None:
    import msgspec

    from training.composing.recorded import NotWhole, row

    try:
        made = await row(id_, trace, served.decode)
    except NotWhole as error:
        raise Trouble(f"Nothing is exported: {error}.") from error
    line = msgspec.json.encode(made) + b"\n"
    if str(path) == "-":
        typer.echo(line, nl=False)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(line)
    assert made.ids is not None
    assert made.mask is not None
    out.print(
        f"{escape(str(path))}: {len(made.ids)} ids, of which {sum(made.mask)} are the model's."
    )


def _report(id_: str, trace: Trace, replayed: Replayed) -> dict[str, Any]:
    first = replayed.first
    return {
        "id": id_,
        "model": trace.model,
        "legs": len(trace.runs),
        "searches": len(trace.searches),
        "ids": len(trace.ids),
        "same": replayed.same,
        "first": first,
        "origin": replayed.origin,
        "then": None if first is None else next(iter(trace.ids[first:]), None),
        "now": None if first is None else next(iter(replayed.ids[first:]), None),
        "notes": list(replayed.notes),
    }


def show(report: dict[str, Any], out: Console) -> None:
    """The report for people."""
    legs, searches = report["legs"], report["searches"]
    out.print(
        f"{escape(report['id'])}: {escape(report['model'])}, {report['ids']} ids in {legs} "
        f"{'leg' if legs == 1 else 'legs'}, {searches} {'search' if searches == 1 else 'searches'}"
    )
    for note in report["notes"]:
        out.print(f"  [yellow]{escape(note)}[/yellow]")
    if report["same"]:
        out.print("[green]The same, id for id.[/green]")
    elif report["first"] is None:
        out.print("[red]Not made in the same way; no id that was made again differs.[/red]")
    else:
        where = ORIGINS.get(report["origin"] or "", "its end")
        out.print(f"[red]Differs from id {report['first']} on[/red], in {where}:")
        for when in ("then", "now"):
            id_, text = report[when], report[f"text_{when}"]
            said = "the end" if id_ is None else f"id {id_}"
            out.print(f"  {when:4}  {said}{'' if not text else '  ' + escape(repr(text))}")
