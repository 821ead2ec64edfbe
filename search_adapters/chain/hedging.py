"""A second call where the first takes longer than nine in ten: the tail is cut, the price is 10 %.

    call 1  -----------------------------x     (left behind)
    call 2         |after|-------> answer

The first that brings a result wins. A failure before the second call is the result, since it says
something of the provider; after it the other one may still bring something.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from search_adapters.chain.bounded import Bounded, result
from search_adapters.errors import TimedOut

T = TypeVar("T")

SHARE = 0.9
"""Calls that end by themselves before a second one is made."""
SOONEST = 0.05
"""Seconds. What is as quick as a look into a file isn't worth asking twice."""


async def hedged(
    call: Callable[[], Coroutine[Any, Any, T]],
    *,
    second: Callable[[], Coroutine[Any, Any, T] | None],
    after: float | None,
    seconds: float,
    bounded: Bounded,
    name: str,
) -> T:
    """What the call brings, made once more when it takes longer than `after`.

    Args:
        call: makes the call.
        second: makes it once more, or says with None that there is no place for it.
        after: seconds; None for never.
        seconds: for all of it.
        bounded: takes the loser.
        name: of the tasks.

    Raises:
        TimedOut: neither brought anything in time.
        Exception: what the call raised, when all of them did.
    """
    clock = asyncio.get_running_loop().time
    begin = clock()
    made = [asyncio.create_task(call(), name=name)]
    running = set(made)
    failure: Exception | None = None
    try:
        while running:
            left = begin + seconds - clock()
            if left <= 0:
                break
            until_second = left if after is None else begin + after - clock()
            done, running = await asyncio.wait(
                running, timeout=max(0.0, min(left, until_second)), return_when="FIRST_COMPLETED"
            )
            for task in done:
                try:
                    return result(task)
                except Exception as error:
                    failure = failure or error
            if not done and after is not None and clock() >= begin + after:
                after = None
                spare = second() if clock() < begin + seconds else None
                if spare is not None:
                    made.append(asyncio.create_task(spare, name=f"{name}:hedge"))
                    running.add(made[-1])
        if failure is not None and not running:
            raise failure
        raise TimedOut(f"no answer within {seconds:.1f} s")
    finally:
        for task in made:
            bounded.abandon(task)
