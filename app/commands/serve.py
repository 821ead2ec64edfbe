"""`orson serve`: the gateway, with whatever it needs that isn't configured elsewhere."""

import gc
import logging
import os
import shutil
import signal
import socket
import sys
from types import FrameType
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from app.commands.listen import BACKLOG, listen
from app.errors import OrsonError
from app.settings import Settings
from app.telemetry import logs
from search_adapters.errors import MissingSetting
from search_adapters.registry import RegistryError

GRACE = 5
"""Seconds that answers under way get to end after Ctrl-C; somebody waits."""


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    search: Annotated[
        str | None, typer.Option(help="Search adapters, tried in order: 'local', 'bing,local'.")
    ] = None,
) -> None:
    """Start the gateway. Everything else is set by environment variables (see .env.example)."""
    # Imported here: `orson ask` need not wait for it.
    from app.http.transport.outlet import DirectWriteProtocol
    from app.main import StartError, create_app
    from app.tracing import log_context

    err = Console(stderr=True)
    given: dict[str, Any] = {"host": host, "port": port, "search": search}
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
        app = create_app(settings)
    except (StartError, RegistryError, MissingSetting) as error:
        err.print(f"[red]Orson can't start:[/red] {escape(str(error))}", highlight=False)
        raise typer.Exit(2) from None
    except ValidationError as error:
        for problem in error.errors():
            name = "ORSON_" + str(problem["loc"][0]).upper() if problem["loc"] else "settings"
            err.print(
                f"[red]Orson can't start:[/red] {name}: {escape(problem['msg'])}", highlight=False
            )
        raise typer.Exit(2) from None
    try:
        # Before anything is started: an address that is taken should not cost a model's loading.
        sockets = listen(settings.host, settings.port)
    except OSError as error:
        why = error.strerror or str(error)
        err.print(
            f"[red]Orson can't start:[/red] {settings.host}:{settings.port}: {why}. "
            "Choose another with --port or ORSON_PORT.",
            highlight=False,
            soft_wrap=True,
        )
        raise typer.Exit(2) from None
    logs.configure(settings.log_format, settings.log_level, context=log_context(settings))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,  # its lines go where ours go
        log_level=settings.log_level if settings.log_level == "debug" else "warning",
        access_log=settings.access_log or settings.log_level == "debug",
        backlog=BACKLOG,
        http=DirectWriteProtocol,
    )
    logging.getLogger(logs.ACCESS).setLevel(logging.INFO)
    try:
        _Announcing(config, app, settings, Console()).run(sockets)
    except StartError as error:
        err.print(
            f"[red]Orson can't start:[/red] {escape(str(error))}", highlight=False, soft_wrap=True
        )
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        err.print("Stopped.")


class _Announcing(uvicorn.Server):
    """A server that says where to go once it listens."""

    def __init__(
        self, config: uvicorn.Config, app: FastAPI, settings: Settings, console: Console
    ) -> None:
        super().__init__(config)
        self._state = app.state
        self._settings = settings
        self._console = console

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop: nobody new is let in, and those inside have some time."""
        seconds = self._settings.drain_seconds
        if sig == signal.SIGINT:
            seconds = min(seconds, GRACE)
        if not self.should_exit:
            self.config.timeout_graceful_shutdown = seconds
            self._state.drain.begin(seconds)
        super().handle_exit(sig, frame)

    def _failure(self) -> Exception | None:
        """What kept the app from starting, where the message is all there is to say."""
        from app.main import StartError

        failure = getattr(self._state, "start_failure", None)
        return failure if isinstance(failure, StartError) else None

    def _unforeseen(self, _: logging.LogRecord) -> bool:
        return self._failure() is None

    async def _access(self) -> str:
        """Who may ask."""
        if self._settings.open and not self._settings.api_keys:
            return "anybody who reaches it (ORSON_OPEN)"
        try:
            closed = await self._state.gateway.keyring.closed()
        except OrsonError:
            return "not known: whether there are API keys, only Redis can tell"
        return "API keys" if closed else "anybody on this machine, without a key"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say where to go. Raises StartError."""
        assert sockets
        # A traceback is for what we did not foresee.
        log = logging.getLogger("uvicorn.error")
        log.addFilter(self._unforeseen)
        try:
            with self._console.status("Starting the engine, the store and the search..."):
                await super().startup(sockets)
        except SystemExit:
            if failure := self._failure():
                raise failure from None
            raise
        finally:
            log.removeFilter(self._unforeseen)
        # What start-up made stays: the collector need not look at it again, nor at every token's
        # short-lived objects as often as it would by default.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        settings = self._settings
        port = sockets[0].getsockname()[1]
        shown = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
        url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
        engine = (
            "bundled model, in this process"
            if settings.bundled
            else (settings.engine_url or settings.model or settings.engine)
        )
        self._console.print(
            f"\n[bold green]Orson is ready at {url}[/bold green]\n"
            f"  engine   {settings.engine} ({escape(engine)})\n"
            f"  search   {', '.join(settings.search) or 'none'}\n"
            f"  access   {await self._access()}\n"
            f"  store    {escape(_without_password(settings.redis_url) or 'embedded Redis')}\n"
            f"  API      {url}/v1   (docs: {url}/docs, metrics: {url}/metrics)\n\n"
            f"Open {url} in a browser, or ask from another terminal:\n"
            f'  {_command()} ask "Who is Orson Kovats?" --url {url}\n\n'
            "Ctrl-C ends everything it started.\n",
            highlight=False,
            soft_wrap=True,
        )


def _command() -> str:
    """`orson` as it can be typed here: `make serve` installs it beside the project."""
    return "orson" if shutil.which("orson") else os.path.relpath(sys.argv[0])


def _without_password(url: str | None) -> str | None:
    """An address fit for a screen."""
    if url is None or "@" not in url:
        return url
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
