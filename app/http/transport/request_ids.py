"""Gives every request an id and every response the id of its request, and counts the responses.

It stands around everything else, the handler of unforeseen errors included, so an error's id can be
told to whoever looks into the log.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry import request_id

HEADER = b"x-request-id"
ANTHROPIC_HEADER = b"request-id"
"""The header that Anthropic's clients read."""
ANTHROPIC_PATH = "/v1/messages"


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _count(scope: Scope, status: int) -> None:
    """Tell the metrics, under names of which there are few, whatever clients send."""
    gateway = getattr(scope["app"].state, "gateway", None)
    if gateway is not None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        gateway.metrics.answered(method, route, status)


class RequestIds:
    """Middleware: takes the client's id where it is sane, else makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == HEADER), b"")
        id_ = request_id.sane(given.decode("latin-1")) or request_id.fresh()
        request_id.enter(id_)
        value = id_.encode()
        own = [(HEADER, value)]
        if scope["path"].startswith(ANTHROPIC_PATH):
            own.append((ANTHROPIC_HEADER, value))

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                _count(scope, message["status"])
                message["headers"] = [*message.get("headers", ()), *own]
            await send(message)

        await self._app(scope, receive, named)
