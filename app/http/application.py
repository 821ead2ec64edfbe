"""The FastAPI app: routes, and errors in the shape of the format they answer to."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from app.errors import InvalidRequest, NotFound, OrsonError
from app.http import chat, messages, page, service_routes
from app.http.documented import documented
from app.http.door import Door
from app.http.gateway import Gateway
from app.http.problems import error_response
from app.http.responses import conversations
from app.http.responses import routes as responses
from app.http.transport.body_limit import SECONDS, BodyLimit
from app.http.transport.request_ids import RequestIds
from app.wire.invalid_body import problem

Opened = Callable[[], AbstractAsyncContextManager[Gateway]]


EXPOSED = (
    "X-Request-Id",
    "Retry-After",
    *(
        f"x-ratelimit-{part}-{of}"
        for part in ("limit", "remaining", "reset")
        for of in ("requests", "tokens", "searches")
    ),
    "x-ratelimit-remaining-search-usd",
)
"""Headers that a browser shows to pages of other origins."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask, from where, and how slowly."""

    open: bool = False
    """Whether those without a key may, from everywhere and though there are keys."""
    hosts: tuple[str, ...] = ()
    """Names, beside the gateway's own, under which those without a key may."""
    cors_origins: tuple[str, ...] = ()
    """Browser origins that may call the API."""
    body_seconds: float = SECONDS


def application(
    opened: Opened,
    access: Access | None = None,
    *,
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> FastAPI:
    """An app around a gateway.

    Args:
        opened: opens the gateway's parts at start-up and closes them at shut-down.
        access: who may ask.
        around: what requests pass through when they have their id.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                app.state.gateway = await stack.enter_async_context(opened())
            except Exception as error:
                app.state.start_failure = error  # for whoever runs us to tell in his own words
                raise
            yield

    # FastAPI's own page loads its script from a CDN; here it comes along.
    app = FastAPIOffline(
        title="Orson",
        version=version("orson"),
        summary="A chat gateway that lets a language model look things up in mid-sentence.",
        lifespan=lifespan,
        redoc_url=None,
    )
    access = access or Access()
    app.add_middleware(BodyLimit, seconds=access.body_seconds)
    app.add_middleware(Door, open_=access.open, hosts=access.hosts)
    app.include_router(chat.router)
    app.include_router(messages.router)
    app.include_router(responses.router)
    app.include_router(conversations.router)
    app.include_router(service_routes.models)
    app.include_router(service_routes.router)
    app.include_router(page.routes())
    if access.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=access.cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
        )
    app.add_exception_handler(OrsonError, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)
    documented(app)
    stack = app.build_middleware_stack  # `add_middleware` would put it inside the last handler
    app.build_middleware_stack = lambda: RequestIds(around(stack()))  # type: ignore[method-assign]
    return app


async def _failed(_: Request, error: Exception) -> Response:
    return error_response(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return error_response(problem(list(error.errors())))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return error_response(
            NotFound(f"Unknown request URL: {request.method} {request.url.path}.")
        )
    wrong = error.__cause__
    if not isinstance(wrong, OrsonError):
        wrong = InvalidRequest(str(error.detail))
        wrong.status = error.status_code
    response = error_response(wrong)
    response.headers.update(error.headers or {})
    return response
