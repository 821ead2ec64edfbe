"""`/v1/messages` and `/v1/messages/count_tokens`: Anthropic's format."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from app.http.asker import Asker, asker
from app.http.gateway import Gateway, authenticated, gateway
from app.http.transport.outlet import Outlet
from app.http.transport.streaming import StreamedAnswer, WholeAnswer
from app.telemetry import request_id
from app.wire.anthropic.messages import PING, MessageStream, WholeMessage
from app.wire.anthropic.request import CountTokensRequest, MessagesRequest

router = APIRouter(prefix="/v1", tags=["messages"], dependencies=[Depends(authenticated)])


@router.post("/messages", response_model=None)
async def create_message(
    body: MessagesRequest,
    at: Annotated[Gateway, Depends(gateway)],
    who: Annotated[Asker, Depends(asker)],
) -> Response:
    """Answer a conversation, searching where the model asks for it. Anthropic's format."""
    service = await at.service()
    at.check_model(body.model)
    request = who.sends(body.chat_request(who.language))
    limits = service.limits
    shown = body.shown(limits.max_searches, limits.max_query_chars)
    if not body.stream:
        whole = WholeMessage(service.model, shown)
        return WholeAnswer(service.answer(request, answer_id=whole.id), whole)
    outlet = Outlet()
    stream = MessageStream(service.model, shown, request_id=request_id.current() or None)
    events = service.answer(request, None, outlet, answer_id=stream.id)
    return StreamedAnswer(
        events,
        stream,
        keepalive=at.keepalive,
        prime_timeout=at.prime_timeout,
        outlet=outlet,
        comment=PING,
    )


@router.post("/messages/count_tokens", response_model=None)
async def count_tokens(
    body: CountTokensRequest,
    at: Annotated[Gateway, Depends(gateway)],
    who: Annotated[Asker, Depends(asker)],
) -> Response:
    """How many tokens a message's prompt has, the gateway's own instructions among them."""
    service = await at.service()
    at.check_model(body.model)
    tokens = await service.prompt_tokens(body.chat_request(who.language))
    return JSONResponse({"input_tokens": tokens})
