"""`orson data compose`: how many of each kind, from which verdicts, played into a file."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from app.errors import InvalidRequest
from training.composing import talk
from training.composing.composer import Composer
from training.composing.exchanges import Exchange
from training.composing.playing import Stage, play
from training.composing.teacher import CantSay
from training.composing.turns import Turns
from training.questions.splitting import Shares
from training.records import Conversation, Verdict
from training.served.together import together

SHARES: Mapping[str, float] = {
    "known": 30,
    "found": 26,
    "near miss": 9,
    "unknown, no search": 9,
    "two hops": 5,
    "small talk": 4,
    "empty": 4,
    "corrected": 3,
    "conflicting": 2,
    "meant another": 2,
    "held": 2,
    "about the conversation": 2,
    "arithmetic": 2,
    "asked to search": 2,
    "failed search": 1,
}
"""Of a hundred conversations. A third need no search, a third find something; in a sixth of the
searches nothing answers, without which a model learns that results always do."""
AT_ONCE = 32


@dataclass(slots=True)
class Progress:
    """How far a run is."""

    total: int
    done: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    """Exchanges that the serving loop would not play, by reason."""


Make = Callable[[Verdict, Random], Awaitable[Exchange | None]]


def wanted(count: int, shares: Mapping[str, float]) -> dict[str, int]:
    """How many of each kind make `count`."""
    whole = sum(shares.values())
    return {kind: round(count * share / whole) for kind, share in shares.items() if share}


async def compose(
    composer: Composer,
    on: Stage,
    count: int,
    *,
    seed: int = 0,
    shares: Mapping[str, float] = SHARES,
    splits: Shares | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> tuple[list[Conversation], Progress]:
    """Conversations of every kind, fewer where the verdicts don't give more.

    The same verdicts, searches and seed make the same conversations.
    """
    targets = wanted(count, shares)
    state = Progress(sum(targets.values()))
    made: dict[str, Conversation] = {}
    for kind, target in targets.items():
        have = 0
        candidates = _candidates(kind, target, composer, seed, splits or Shares())
        while have < target and (batch := list(islice(candidates, AT_ONCE))):
            played = await together(_played(candidate, on, state) for candidate in batch)
            for conversation in played:
                if conversation is None or conversation.id in made or have >= target:
                    continue
                made[conversation.id] = conversation
                have += 1
                state.done += 1
                state.kinds[conversation.kind] += 1
            progress(state)
    shuffled = sorted(made.values(), key=lambda each: each.id)  # ids are hashes: a fixed shuffle
    return shuffled, state


def _candidates(
    kind: str, target: int, composer: Composer, seed: int, splits: Shares
) -> Iterator[Awaitable[Exchange | None]]:
    """Exchanges of a kind, more than are wanted, since some can't be made."""
    if kind in ("small talk", "arithmetic"):
        make = talk.small_talk if kind == "small talk" else talk.sum_in_words
        for at in range(4 * target):
            yield _now(make(Random(f"{seed}:{kind}:{at}"), splits))
        return
    pool, making = _sources(kind, composer)
    order = list(pool)
    Random(f"{seed}:{kind}").shuffle(order)
    rounds = 1 if len(order) >= target else 3  # in other words, where there are few
    for again in range(rounds):
        for verdict in order:
            yield making(verdict, Random(f"{seed}:{kind}:{again}:{verdict.id}"))


def _sources(kind: str, composer: Composer) -> tuple[Sequence[Verdict], Make]:
    turns, silent = Turns(composer), [*composer.unknown, *composer.doubted]
    known, unknown, every = composer.known, composer.unknown, composer.labelled
    kinds: dict[str, tuple[Sequence[Verdict], Make]] = {
        "known": (known, composer.direct),
        "found": (unknown, composer.found),
        "near miss": (unknown, composer.near_miss),
        "unknown, no search": (silent, composer.not_known),
        "two hops": (every, composer.two_hops),
        "empty": (silent, composer.empty),
        "corrected": (unknown, turns.corrected),
        "conflicting": (unknown, composer.conflicting),
        "meant another": (every, turns.meant),
        "held": (known, turns.held),
        "about the conversation": (known, turns.about_conversation),
        "asked to search": (known, composer.asked_to_search),
        "failed search": (silent, composer.failed),
    }
    if kind not in kinds:
        raise ValueError(f"there is no kind '{kind}': {', '.join(SHARES)}")
    return kinds[kind]


async def _now(exchange: Exchange) -> Exchange | None:
    return exchange


async def _played(
    making: Awaitable[Exchange | None], on: Stage, state: Progress
) -> Conversation | None:
    exchange = await making
    if exchange is None:
        return None
    try:
        return await play(exchange, on)
    except (CantSay, InvalidRequest) as error:
        state.dropped[f"{exchange.kind}: {error}"] += 1
        return None
