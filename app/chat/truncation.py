"""A conversation that doesn't fit: its oldest turns are left out, where the request allows that.

System messages stay, and so does the last turn; what is left begins with a user's turn. How much
to leave out is guessed from the characters, and guessed again as long as it was too little.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from app.chat.request import ChatRequest
from app.errors import PromptTooLong

Lay = Callable[[ChatRequest], Awaitable[list[int]]]
"""A request -> its prompt, in ids. Raises PromptTooLong."""


async def laid_out(
    request: ChatRequest, lay: Lay, *, window: int, reserve: int
) -> tuple[ChatRequest, list[int]]:
    """The request as far as it fits, and its prompt.

    Args:
        request: what is asked; one that doesn't allow it is never cut.
        lay: renders it.
        window: tokens of the context window.
        reserve: tokens that a request which is cut leaves for its answer.

    Raises:
        PromptTooLong: there is nothing left that could be left out.
    """
    while True:
        try:
            prompt = await lay(request)
            if not request.truncate or len(prompt) + reserve <= window:
                return request, prompt
            tokens = len(prompt)
        except PromptTooLong as error:
            if not request.truncate:
                raise
            tokens, prompt, refused = error.prompt_tokens, [], error
        shorter = _shortened(request, excess=(tokens + reserve - window) / tokens)
        if shorter is None:
            if prompt:
                return request, prompt
            raise refused
        request = shorter


def _shortened(request: ChatRequest, *, excess: float) -> ChatRequest | None:
    """Without the oldest turns, which make up `excess` of it; None where there is one turn left."""
    turns = [message for message in request.messages if message.role != "system"]
    spare = excess * sum(len(message.content) for message in request.messages)
    while len(turns) > 1:
        spare -= len(turns.pop(0).content)
        if spare <= 0 and turns[0].role == "user":
            break
    kept = set(map(id, turns))
    if len(kept) == sum(message.role != "system" for message in request.messages):
        return None
    messages = (m for m in request.messages if m.role == "system" or id(m) in kept)
    return replace(request, messages=tuple(messages))
