"""Whatever providers do, a search is over by its deadline, a value, and leaves nothing behind."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st
from test_chain_calls import FREE, PAID, Memory, hit, play

from search_adapters import errors
from search_adapters.chain import Chain, Outcome
from search_adapters.errors import SearchError
from search_adapters.protocol import Passage, Query, Traits

KINDS = [*SearchError.__subclasses__(), ZeroDivisionError, asyncio.CancelledError, None]
Act = tuple[float, int, float, bool]
"""Seconds, what it raises (of KINDS), when it may be asked again, whether it is deaf."""

acts = st.tuples(st.floats(0, 4), st.integers(0, len(KINDS) - 1), st.floats(-1, 3), st.booleans())


class Wild:
    """An adapter that does anything at all."""

    name: ClassVar[str] = "wild"

    def __init__(self, name: str, script: Sequence[Act], traits: Traits) -> None:
        self.name = name  # type: ignore[misc]
        self.traits = traits
        self.script = list(script)
        self.running = 0

    async def search(self, query: Query) -> tuple[Passage, ...]:
        seconds, kind, retry_after, deaf = self.script.pop(0) if self.script else (0.1, -1, 0, 0)
        self.running += 1
        end = asyncio.get_running_loop().time() + seconds
        try:
            while (left := end - asyncio.get_running_loop().time()) > 0:
                try:
                    await asyncio.sleep(left)
                except asyncio.CancelledError:
                    if not deaf:
                        raise
        finally:
            self.running -= 1
        raised = KINDS[kind]
        if raised is None:
            return () if retry_after < 0 else (hit(self.name),)
        if issubclass(raised, SearchError):
            raise raised(retry_after=retry_after)
        raise raised

    async def aclose(self) -> None:
        pass


@given(
    scripts=st.lists(st.tuples(st.lists(acts, max_size=8), st.booleans()), min_size=1, max_size=3),
    texts=st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6),
    mode=st.sampled_from(["first", "fuse"]),
    concurrency=st.integers(1, 3),
    timeout=st.floats(0.1, 4),
    leaves=st.none() | st.floats(0, 3),
    guessed=st.booleans(),
)
def test_a_search_is_over_by_its_deadline(
    scripts: list[tuple[list[Act], bool]],
    texts: list[str],
    mode: str,
    concurrency: int,
    timeout: float,
    leaves: float | None,
    guessed: bool,
) -> None:
    adapters = [
        Wild(name, script, PAID if paid else FREE)
        for name, (script, paid) in zip("xyz", scripts, strict=False)
    ]

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        if guessed:
            guess.take([Query(texts[0])])
            await asyncio.sleep(0.3)
        tasks = [asyncio.create_task(chain(Query(text))) for text in texts]
        if leaves is not None:
            await asyncio.sleep(leaves)
            tasks[0].cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        guess.close()
        for outcome in outcomes:
            if isinstance(outcome, asyncio.CancelledError):
                assert leaves is not None
                continue
            assert isinstance(outcome, Outcome), outcome
            assert outcome.elapsed <= 2.5 + 1e-6
            assert 0 <= outcome.hidden <= 2.5
            assert not (outcome.failure and outcome.passages)
        await asyncio.sleep(10)
        assert all(adapter.running == 0 for adapter in adapters)
        for provider in chain._providers.values():
            assert provider._flights._flights == {}
            assert (provider._under_way, provider._old) == (set(), {})
            assert not provider._places.locked()

    play(
        scene,
        *adapters,  # type: ignore[arg-type]
        store=Memory(),
        mode=mode,
        concurrency=concurrency,
        provider_timeout=timeout,
    )


def test_the_kinds_are_those_of_the_module() -> None:
    assert errors.Busy in KINDS
