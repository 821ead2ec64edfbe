"""Asks everybody who he is before anything of his request is read, and tells him what he has left.

host     without a key, only under the gateway's own names (see `own_names`)
key      -> caller, which routes find in the request's state
scope    what the key is for
headers  x-ratelimit-*, once an answer was admitted or refused
"""

from collections.abc import Sequence
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.chat.access import caller as callers
from app.chat.access.allowance import Standing, told
from app.chat.access.caller import Caller
from app.errors import NotPermitted, OrsonError
from app.http.gateway import Gateway
from app.http.own_names import loopback, own
from app.http.problems import error_response
from app.wire.rate_headers import rate_headers

GUARDED: dict[str, callers.Scope] = {"/v1": "chat", "/metrics": "metrics"}
"""Paths, with all below them, and the scope that each needs. All others are for everybody."""


class Door:
    """Middleware: who may come in."""

    def __init__(self, app: ASGIApp, *, open_: bool, hosts: Sequence[str]) -> None:
        """
        Args:
            app: what is behind it.
            open_: whether those without a key may come from everywhere.
            hosts: names under which they may.
        """
        self._app = app
        self._open = open_
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer 401 or 403."""
        needed = _needed(scope) if scope["type"] == "http" else None
        if needed is None:
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._caller(scope)
            if not caller.may(needed):
                raise NotPermitted(f"This API key may not do that: it lacks the scope '{needed}'.")
        except OrsonError as error:
            await error_response(error)(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        if caller.metered:
            send = _telling(scope, send)
        await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller:
        gateway = cast(Gateway, scope["app"].state.gateway)
        caller = await gateway.keyring.caller(_key_sent(scope))
        if caller.id:
            return caller
        server = scope.get("server")
        if not self._open and server and not loopback(server[0]):
            raise NotPermitted(
                "This gateway has no API keys, so it answers on its own machine only. Make a key "
                "('orson keys add NAME'), or set ORSON_OPEN=true."
            )
        host = _header(scope, b"host")
        if not own(host, self._hosts):
            raise NotPermitted(
                f"Without an API key this gateway is not asked as '{host[:100]}'. Add the name to "
                "ORSON_ALLOWED_HOSTS, or make a key ('orson keys add NAME')."
            )
        return caller


def _needed(scope: Scope) -> callers.Scope | None:
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    for guarded, needed in GUARDED.items():
        if path == guarded or path.startswith(f"{guarded}/"):
            return needed
    return None


def _key_sent(scope: Scope) -> str:
    """The key as OpenAI's clients send it (bearer token) or Anthropic's (`x-api-key`)."""
    scheme, _, token = _header(scope, b"authorization").partition(" ")
    key = token.strip() if scheme.casefold() == "bearer" else ""
    return key or _header(scope, b"x-api-key").strip()


def _header(scope: Scope, name: bytes) -> str:
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found.decode("latin-1")


def _telling(scope: Scope, send: Send) -> Send:
    """`send`, with headers of the standing, once there is one."""
    standings: list[Standing] = []
    told.set(standings.append)

    async def sent(message: Message) -> None:
        if standings and message["type"] == "http.response.start":
            message["headers"] = [
                *message.get("headers", ()),
                *rate_headers(standings[-1], scope["path"]),
            ]
        await send(message)

    return sent
