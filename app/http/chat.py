"""`/v1/chat/completions`, and the completions stored there."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from app.chat.access.caller import Caller
from app.chat.transcript import Transcript
from app.errors import NotFound
from app.http.asker import Asker, asker
from app.http.gateway import Gateway, authenticated, caller, gateway
from app.http.recording import Keeper, noted, recorded
from app.http.traces import Traced
from app.http.transport.outlet import Outlet
from app.http.transport.streaming import StreamedAnswer, WholeAnswer
from app.wire.openai.chat import Chunks, Completion
from app.wire.openai.chat_request import ChatCompletionRequest

router = APIRouter(prefix="/v1", tags=["chat"], dependencies=[Depends(authenticated)])


@router.post("/chat/completions", response_model=None)
async def create_chat_completion(
    body: ChatCompletionRequest,
    at: Annotated[Gateway, Depends(gateway)],
    who: Annotated[Asker, Depends(asker)],
) -> Response:
    """Answer a conversation, searching where the model asks for it. OpenAI's format."""
    service = await at.service()
    at.check_model(body.model)
    transcript, outlet = Transcript(), Outlet()
    completion = Completion(service.model, logprobs=bool(body.logprobs))
    request = who.sends(body.chat_request(who.language))
    if body.store:
        record = Completion(
            service.model, completion_id=completion.id, logprobs=bool(body.logprobs)
        )
        traced = Traced(
            at.state.responses, transcript, id_=record.id, owner=who.caller.id, wanted=at.traces
        )
        events = service.answer(
            request, transcript, noted(outlet, record), answer_id=record.id, watch=traced.watch
        )
        keeper = Keeper(at.store, who.caller.id, traced, body.metadata or {})
        events = recorded(events, record, transcript, keeper)
    else:
        events = service.answer(request, transcript, outlet, answer_id=completion.id)
    if not body.stream:
        return WholeAnswer(events, completion)
    chunks = Chunks(
        service.model,
        include_usage=bool(body.stream_options and body.stream_options.include_usage),
        completion_id=completion.id,
    )
    return StreamedAnswer(
        events,
        chunks,
        keepalive=at.keepalive,
        prime_timeout=at.prime_timeout,
        outlet=outlet,
    )


@router.get("/chat/completions/{completion_id}", response_model=None)
async def get_chat_completion(
    completion_id: str,
    at: Annotated[Gateway, Depends(gateway)],
    who: Annotated[Caller, Depends(caller)],
) -> Response:
    """A completion that was asked for with `store: true`."""
    body = await at.store.load(completion_id, who.id)
    if body is None:
        raise NotFound(f"No completion found with id '{completion_id}'.", param="completion_id")
    return JSONResponse(body)


@router.delete("/chat/completions/{completion_id}", response_model=None)
async def delete_chat_completion(
    completion_id: str,
    at: Annotated[Gateway, Depends(gateway)],
    who: Annotated[Caller, Depends(caller)],
) -> Response:
    """Forget a stored completion."""
    if not await at.store.delete(completion_id, who.id):
        raise NotFound(f"No completion found with id '{completion_id}'.", param="completion_id")
    return JSONResponse({"object": "chat.completion.deleted", "id": completion_id, "deleted": True})
