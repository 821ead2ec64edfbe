"""The FastAPI app: routes, and errors in the shape of the format they answer to."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from app.errors import InvalidRequest, NotFound, OrsonError
from app.http import chat, service_routes
from app.http.body_limit import BodyLimit
from app.http.gateway import Gateway
from app.http.streaming import DirectSend, error_response
from app.wire.openai_chat_request import problem

Opened = Callable[[], AbstractAsyncContextManager[Gateway]]


def application(opened: Opened, *, cors_origins: tuple[str, ...] = ()) -> FastAPI:
    """An app around a gateway.

    Args:
        opened: opens the gateway's parts at start-up and closes them at shut-down.
        cors_origins: browser origins that may call the API.
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
    app.add_middleware(BodyLimit)
    app.include_router(chat.router)
    app.include_router(service_routes.models)
    app.include_router(service_routes.router)
    if cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=cors_origins, allow_methods=["*"], allow_headers=["*"]
        )
    app.add_middleware(DirectSend)  # the last one added is the outermost
    app.add_exception_handler(OrsonError, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)
    return app


async def _failed(_: Request, error: Exception) -> JSONResponse:
    return error_response(error)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return error_response(problem(list(error.errors())))


async def _http(request: Request, error: Exception) -> JSONResponse:
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
