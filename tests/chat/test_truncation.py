"""`laid_out`: the oldest turns go, no more than must, and only where that is allowed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.request import ChatRequest, Message, Role
from app.chat.truncation import laid_out
from app.errors import PromptTooLong

TURNS = st.lists(st.integers(0, 40), min_size=1, max_size=30)


def conversation(sizes: list[int], *, truncate: bool = True) -> ChatRequest:
    """System, then turns of user and assistant; the last is the user's."""
    roles: list[Role] = ["user", "assistant"]
    turns = [Message(roles[(len(sizes) - 1 - at) % 2], "x" * size) for at, size in enumerate(sizes)]
    return ChatRequest((Message("system", "s" * 10), *turns), truncate=truncate)


def lay(window: int):  # type: ignore[no-untyped-def]
    async def render(request: ChatRequest) -> list[int]:
        tokens = sum(len(message.content) + 3 for message in request.messages)
        if tokens >= window:
            raise PromptTooLong(tokens, window)
        return [0] * tokens

    return render


@given(TURNS, st.integers(60, 400))
async def test_what_fits_is_left_alone_and_what_does_not_is_cut_at_the_front(
    sizes: list[int], window: int
) -> None:
    request = conversation(sizes)
    cut, prompt = await laid_out(request, lay(window), window=window, reserve=5)
    assert len(prompt) < window
    assert cut.messages[0] == request.messages[0]
    turns = cut.messages[1:]
    assert turns
    assert turns == request.messages[-len(turns) :]
    whole = sum(len(message.content) + 3 for message in request.messages)
    if whole + 5 <= window:
        assert cut == request
    elif len(turns) < len(sizes):
        assert turns[0].role == "user"
        assert len(prompt) + 5 <= window or len(turns) == 1


async def test_nothing_is_cut_that_may_not_be() -> None:
    request = conversation([40] * 10, truncate=False)
    with pytest.raises(PromptTooLong):
        await laid_out(request, lay(100), window=100, reserve=5)


async def test_a_last_turn_that_is_too_long_by_itself_is_refused() -> None:
    with pytest.raises(PromptTooLong):
        await laid_out(conversation([5, 5, 200]), lay(100), window=100, reserve=5)


async def test_an_answer_may_get_less_than_the_reserve_rather_than_none() -> None:
    request = conversation([70])
    cut, prompt = await laid_out(request, lay(100), window=100, reserve=50)
    assert (cut, len(prompt)) == (replace(request), 86)
