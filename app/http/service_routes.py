"""Models, health, readiness and metrics."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app.errors import ModelNotFound, OrsonError
from app.http.gateway import Gateway, authenticated, gateway

router = APIRouter(tags=["service"])
models = APIRouter(prefix="/v1", tags=["models"], dependencies=[Depends(authenticated)])

READY_TIMEOUT = 3.0
"""Seconds; whoever asks for readiness gives up soon too."""

At = Annotated[Gateway, Depends(gateway)]


def _model(at: Gateway) -> dict[str, Any]:
    """As OpenAI's clients read it, and Anthropic's: neither minds the other's fields."""
    name, started = at.engine.model, datetime.fromtimestamp(at.started_at, UTC)
    return {
        "id": name,
        "object": "model",
        "created": at.started_at,
        "owned_by": "orson",
        "type": "model",
        "display_name": name,
        "created_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "context_window": at.engine.context_window,
    }


@models.get("/models")
async def list_models(at: At) -> dict[str, Any]:
    """The served model."""
    await at.service()
    model = _model(at)
    ends = {"has_more": False, "first_id": model["id"], "last_id": model["id"]}
    return {"object": "list", "data": [model], **ends}


@models.get("/models/{name:path}")
async def get_model(name: str, at: At) -> dict[str, Any]:
    """One model by name."""
    await at.service()
    if name != at.engine.model:
        raise ModelNotFound(f"The model '{name}' does not exist.", param="model")
    return _model(at)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """This process is alive."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(at: At) -> JSONResponse:
    """Whether an answer could be given now: the engine and the store answer."""
    engine = store = "ok"
    try:
        async with asyncio.timeout(READY_TIMEOUT):
            await at.service()
            await at.engine.ready()
    except OrsonError as error:
        engine = error.message
    except TimeoutError:
        engine = f"The engine did not answer within {READY_TIMEOUT:g} s."
    if (trouble := await at.store.ready()) is not None:
        store = trouble
    ready = engine == store == "ok"
    body = {"status": "ready" if ready else "not ready", "engine": engine, "store": store}
    return JSONResponse(body, 200 if ready else 503)


@router.get("/metrics")
async def metrics(at: At) -> Response:
    """Prometheus' text format."""
    return Response(at.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
