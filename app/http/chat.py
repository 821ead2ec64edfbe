"""`/v1/chat/completions`, and the completions stored there."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from app.chat.transcript import Transcript
from app.errors import NotFound
from app.http.gateway import Gateway, authenticated, gateway
from app.http.recording import recorded
from app.http.streaming import StreamedAnswer, WholeAnswer
from app.wire.openai_chat import Chunks, Completion
from app.wire.openai_chat_request import ChatCompletionRequest

router = APIRouter(prefix="/v1", tags=["chat"], dependencies=[Depends(authenticated)])


@router.post("/chat/completions", response_model=None)
async def create_chat_completion(
    body: ChatCompletionRequest, at: Annotated[Gateway, Depends(gateway)]
) -> Response:
    """Answer a conversation, searching where the model asks for it. OpenAI's format."""
    service = await at.service()
    at.check_model(body.model)
    transcript, completion = Transcript(), Completion(service.model)
    events = service.answer(body.chat_request(), transcript)
    if body.store:
        record = Completion(service.model, completion_id=completion.id)
        events = recorded(events, record, transcript, at.store, body.metadata or {})
    if not body.stream:
        return WholeAnswer(events, completion)
    chunks = Chunks(
        service.model,
        include_usage=bool(body.stream_options and body.stream_options.include_usage),
        completion_id=completion.id,
    )
    return StreamedAnswer(events, chunks, keepalive=at.keepalive, prime_timeout=at.prime_timeout)


@router.get("/chat/completions/{completion_id}", response_model=None)
async def get_chat_completion(
    completion_id: str, at: Annotated[Gateway, Depends(gateway)]
) -> Response:
    """A completion that was asked for with `store: true`."""
    body = await at.store.load(completion_id)
    if body is None:
        raise NotFound(f"No completion found with id '{completion_id}'.", param="completion_id")
    return JSONResponse(body)


@router.delete("/chat/completions/{completion_id}", response_model=None)
async def delete_chat_completion(
    completion_id: str, at: Annotated[Gateway, Depends(gateway)]
) -> Response:
    """Forget a stored completion."""
    if not await at.store.delete(completion_id):
        raise NotFound(f"No completion found with id '{completion_id}'.", param="completion_id")
    return JSONResponse({"object": "chat.completion.deleted", "id": completion_id, "deleted": True})
