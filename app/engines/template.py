"""Asking an engine to lay a conversation out under the model's chat template.

A template may refuse: two user turns in a row, no system role, no image. That is for the client to
mend, so it is told in the engine's words and not taken for a fault of the engine.
"""

from collections.abc import Container
from typing import TypeVar

import msgspec

from app.engines.http_stream import HttpClient
from app.engines.refusal import message, refusal
from app.errors import EngineUnavailable, InvalidRequest

T = TypeVar("T")


async def laid_out(
    http: HttpClient, path: str, reply: type[T], body: object, refused: Container[int] = (400,)
) -> T:
    """The engine's answer to `body`, decoded as `reply`.

    Args:
        http: where the engine is.
        path: where it takes conversations.
        reply: what it answers with.
        body: the conversation.
        refused: statuses by which it says that its template can't take these messages.

    Raises:
        InvalidRequest: the template refused the messages.
        EngineUnavailable, EngineRefused, Overloaded: as `HttpClient.call`.
    """
    answer = await http.request("POST", path, msgspec.json.encode(body))
    if answer.status in refused:
        said = message(answer.body) or "it does not say why"
        raise InvalidRequest(
            f"The model's chat template refuses these messages: {said}", param="messages"
        )
    if answer.status != 200:
        raise refusal(answer.status, answer.body, http.address)
    try:
        return msgspec.json.decode(answer.body, type=reply)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineUnavailable(
            f"The engine at {http.address} answered {path} unreadably: {error}."
        ) from None
