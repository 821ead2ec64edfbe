"""Who sends a request, and what its headers say of how it is to be answered."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Header

from app.chat.access.caller import Caller
from app.chat.request import ChatRequest
from app.http.gateway import caller
from app.wire.cache_control import caching
from search_adapters.protocol import Caching


@dataclass(frozen=True, slots=True)
class Asker:
    """What stands around a body, in whatever format."""

    caller: Caller
    language: str
    """The header `Accept-Language`."""
    caching: Caching

    def sends(self, request: ChatRequest) -> ChatRequest:
        """The request of a body, as this one's."""
        search = replace(request.search, caching=self.caching)
        return replace(request, search=search, caller=self.caller)


async def asker(
    who: Annotated[Caller, Depends(caller)],
    accept_language: Annotated[str, Header()] = "",
    cache_control: Annotated[str, Header()] = "",
) -> Asker:
    """The sender of a request, for a route."""
    return Asker(who, accept_language, caching(cache_control))
