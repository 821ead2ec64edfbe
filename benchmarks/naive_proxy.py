"""The baseline: a chat proxy as it is usually written.

FastAPI, sse-starlette, httpx line by line, a pydantic model per chunk in and out. When the model
asks for a search it does what loops over a chat API do: leave the stream, search, and send the
whole conversation again with the results appended as text.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from fastapi import FastAPI
from pydantic import BaseModel
from sse_starlette import EventSourceResponse

UPSTREAM = os.environ.get("NAIVE_UPSTREAM", "http://127.0.0.1:8001")
END = "[SEARCH_END]"
RESULTS = "[RESULTS_START][1] A made-up page (example.com)\nNothing of note.[RESULTS_END]"


class Delta(BaseModel):
    """What one chunk adds."""

    role: str | None = None
    content: str | None = None


class Choice(BaseModel):
    """The one choice of a chunk."""

    index: int = 0
    delta: Delta
    finish_reason: str | None = None


class Chunk(BaseModel):
    """One chunk of a streamed chat completion."""

    id: str = ""
    object: str = "chat.completion.chunk"
    created: int = 0
    model: str = ""
    choices: list[Choice] = []
    usage: dict[str, Any] | None = None


class Message(BaseModel):
    """One turn."""

    role: str
    content: str


class ChatRequest(BaseModel):
    """The request body."""

    model: str
    messages: list[Message]
    stream: bool = True
    max_tokens: int | None = None
    temperature: float | None = None
    continue_final_message: bool = False
    add_generation_prompt: bool = True


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=512)
    async with httpx2.AsyncClient(base_url=UPSTREAM, timeout=60, limits=limits) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/v1/chat/completions")
async def chat(request: ChatRequest) -> EventSourceResponse:
    return EventSourceResponse(answer(request))


async def answer(request: ChatRequest) -> AsyncIterator[dict[str, str]]:
    said = ""
    while True:
        searching = False
        async for chunk in upstream(request):
            for choice in chunk.choices:
                said += choice.delta.content or ""
            yield {"data": chunk.model_dump_json(exclude_none=True)}
            if said.endswith(END):
                searching = True
                break
        if not searching:
            break
        said += RESULTS
        request = request.model_copy(
            update={
                "messages": [*request.messages, Message(role="assistant", content=said)],
                "continue_final_message": True,
                "add_generation_prompt": False,
            }
        )
    yield {"data": "[DONE]"}


async def upstream(request: ChatRequest) -> AsyncIterator[Chunk]:
    client: httpx2.AsyncClient = app.state.client
    body = request.model_dump(exclude_none=True)
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if not line.startswith("data: "):
                continue
            data = line.removeprefix("data: ")
            if data == "[DONE]":
                return
            chunk = Chunk.model_validate_json(data)
            chunk.created = chunk.created or int(time.time())
            yield chunk
