"""`/v1/responses`: OpenAI's Responses API."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from app.chat.access.caller import Caller
from app.chat.state import Page, ResponseRecord
from app.errors import InvalidRequest, NotFound
from app.http.asker import Asker, asker
from app.http.gateway import Gateway, authenticated, caller, gateway
from app.http.responses.following import followed
from app.http.responses.keeping import kept
from app.http.responses.making import Making
from app.http.transport.streaming import StreamedAnswer, WholeAnswer
from app.wire.openai.lists import items_body, page_of
from app.wire.openai.output import shown_body
from app.wire.openai.responses_request import Includable, ResponsesRequest

router = APIRouter(prefix="/v1", tags=["responses"], dependencies=[Depends(authenticated)])

MOST_EVENTS = 2**53
"""No number of an event is larger; JSON has no larger ones, and Redis' streams not many."""

At = Annotated[Gateway, Depends(gateway)]
Who = Annotated[Caller, Depends(caller)]


async def included(
    include: Annotated[list[Includable], Query(default_factory=list)],
    brackets: Annotated[list[Includable], Query(alias="include[]", default_factory=list)],
) -> list[Includable]:
    """What a query says of `include`; OpenAI's clients write `include[]=a&include[]=b`."""
    return include + brackets


async def paged(
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: str | None = None,
    order: Literal["asc", "desc"] = "desc",
) -> Page:
    """Which part of a list a query asks for."""
    return Page(limit, after, order)


@router.post("/responses", response_model=None)
async def create_response(
    body: ResponsesRequest,
    at: At,
    who: Annotated[Asker, Depends(asker)],
) -> Response:
    """Answer, searching where the model asks for it. OpenAI's Responses format."""
    making = await _asked(body, at, who)
    stream = making.stream
    if body.background:
        first, beginning, shown = stream.queued(), making.beginning(), stream.body()
        await at.background.start(beginning, stream, first, making.answer, making.spent)
        return _followed(making.id, at) if body.stream else JSONResponse(shown)
    events = making.answer()
    if body.store is not False:
        events = kept(
            events,
            stream,
            making.transcript,
            making.beginning(),
            at.under_way,
        )
    if not body.stream:
        return WholeAnswer(events, stream)
    return StreamedAnswer(
        events,
        stream,
        keepalive=at.keepalive,
        prime_timeout=at.prime_timeout,
        outlet=making.outlet,
    )


@router.post("/responses/input_tokens", response_model=None)
async def count_input_tokens(
    body: ResponsesRequest,
    at: At,
    who: Annotated[Asker, Depends(asker)],
) -> Response:
    """How many tokens such a request's prompt has, the gateway's instructions among them."""
    tokens = await (await _asked(body, at, who)).prompt_tokens()
    return JSONResponse({"object": "response.input_tokens", "input_tokens": tokens})


@router.get("/responses/{response_id}", response_model=None)
async def get_response(
    response_id: str,
    at: At,
    who: Who,
    include: Annotated[list[Includable], Depends(included)],
    stream: bool = False,
    starting_after: Annotated[int, Query(ge=0, le=MOST_EVENTS)] | None = None,
) -> Response:
    """A stored response; with `stream`, the events of a background one behind `starting_after`."""
    record = await _load(response_id, at, who)
    if stream:
        if not record.background:
            raise InvalidRequest(
                "Only a response created with 'background' set to true can be streamed again.",
                param="stream",
            )
        return _followed(response_id, at, -1 if starting_after is None else starting_after)
    return JSONResponse(shown_body(record.body, include))


@router.delete("/responses/{response_id}", response_model=None)
async def delete_response(response_id: str, at: At, who: Who) -> Response:
    """Forget a stored response. Its items stay in its conversation."""
    if not await at.state.responses.delete(response_id, who.id):
        raise _missing(response_id)
    return JSONResponse({"id": response_id, "object": "response", "deleted": True})


@router.post("/responses/{response_id}/cancel", response_model=None)
async def cancel_response(response_id: str, at: At, who: Who) -> Response:
    """End a background response, wherever it runs; what has become of it."""
    record = await at.background.cancel(response_id, who.id)
    return JSONResponse(shown_body(record.body, ()))


@router.get("/responses/{response_id}/input_items", response_model=None)
async def list_input_items(
    response_id: str,
    at: At,
    who: Who,
    page: Annotated[Page, Depends(paged)],
    include: Annotated[list[Includable], Depends(included)],
) -> Response:
    """What a response's request said."""
    record = await _load(response_id, at, who)
    return JSONResponse(items_body(page_of(record.input, page), include))


async def _asked(body: ResponsesRequest, at: Gateway, who: Asker) -> Making:
    service = await at.service()
    at.check_model(body.model)
    body.check()
    making = Making(body, service, at, who)
    await making.read_input()
    return making


def _followed(response_id: str, at: Gateway, after: int = -1) -> Response:
    return followed(
        at.background.follow(response_id, after),
        keepalive=at.keepalive,
        prime_timeout=at.prime_timeout,
    )


async def _load(response_id: str, at: Gateway, who: Caller) -> ResponseRecord:
    record = await at.state.responses.load(response_id, who.id)
    if record is None:
        raise _missing(response_id)
    return record


def _missing(response_id: str) -> NotFound:
    return NotFound(f"Response with id '{response_id}' not found.", param="response_id")
