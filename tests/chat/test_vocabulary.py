"""What is learned of a tokenizer with very many added tokens."""

import asyncio
from collections.abc import Sequence

import pytest

from app.chat import vocabulary
from app.chat.vocabulary import PROBES, learn
from app.dialect.markers import ORSON
from app.errors import EngineUnavailable
from tests.fakes.engine import ScriptedEngine


class Counting(ScriptedEngine):
    """Counts how many ask at a time, and may fail from some call on."""

    asking = most = calls = 0
    fails_at = 1_000_000

    async def encode(self, text: str) -> list[int]:
        self.calls += 1
        if self.calls >= self.fails_at:
            raise EngineUnavailable("gone")
        self.asking += 1
        self.most = max(self.most, self.asking)
        await asyncio.sleep(0)
        self.asking -= 1
        return await super().encode(text)


def names(count: int) -> Sequence[str]:
    return [f"<unused{number}>" for number in range(count)]


async def test_all_are_control_and_few_are_asked_about_at_a_time() -> None:
    engine = Counting(added=names(300))
    learned = await learn(engine, ORSON, names(300))
    assert {engine.tokenizer.id[name] for name in names(300)} <= learned.control
    assert engine.most == PROBES
    assert learned.neutralise("an <unused299> b") != "an <unused299> b"


async def test_the_first_failure_ends_it() -> None:
    engine = Counting()
    engine.fails_at = 1
    with pytest.raises(EngineUnavailable):
        await learn(engine, ORSON, names(300))
    assert engine.calls <= PROBES


async def test_there_is_a_bound_and_it_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(vocabulary, "MAX_ADDED", 10)
    engine = Counting(added=names(20))
    learned = await learn(engine, ORSON, names(20))
    assert engine.tokenizer.id["<unused9>"] in learned.control
    assert engine.tokenizer.id["<unused10>"] not in learned.control
    assert "Of 20 added tokens only 10" in caplog.text
