"""One measurement: N paced streams through one target, its CPU, memory, latencies and resumes."""

import asyncio
import itertools
import json
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from benchmarks.load import Load
from benchmarks.processes import Process

RATES = {1: 50.0, 32: 30.0, 256: 8.0, 1000: 2.0}
"""Tokens a second of one stream: about 2,000 in all at 256, which the naive proxy just holds."""
WINDOW = 4.0
OPENED_PER_SECOND = 128
"""Opening a stream costs a proxy a millisecond or two; opening must not fill the core."""
RESUMES, RESUME_RATE = 8, 200.0
RESUME_TIMEOUT = 5.0
SEARCHES = "search"
"""A question with this word in it makes the scripted model search."""

_numbers = itertools.count()


@dataclass(slots=True)
class Sample:
    """Raw numbers of one measurement; times in seconds."""

    cpu_per_token: float | None = None
    cpu_per_request: float | None = None
    kb_per_stream: float | None = None
    cpu_wait: float = 0.0
    """Share of the window for which the target was ready to run and had no core."""
    tokens_per_second: float = 0.0
    failed: int = 0
    """Streams that said nothing by the end of the window, or broke off."""
    ttft: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    resumes: list[float] = field(default_factory=list)


class Engine:
    """The scripted engine's control: its pace, its count, its log of legs."""

    def __init__(self, url: str) -> None:
        self.url = url

    def pace(self, rate: float) -> None:
        body = json.dumps({"rate": rate}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/scripted/rate", body)).close()

    def settle(self) -> None:
        """Return when no stream is left."""
        while self.state()["running"]:
            time.sleep(0.02)

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/scripted/state") as reply:
            found: dict[str, Any] = json.load(reply)
            return found


async def measure(
    engine: Engine, target: Process | None, model: str, streams: int, *, resumes: bool
) -> Sample:
    """Measure `target`, or the engine itself where there is none."""
    rate = RATES[streams]
    engine.pace(rate)
    load = Load(target.url if target else engine.url, model)
    ramp = max(2.0, streams / OPENED_PER_SECOND)
    seconds = ramp + WINDOW + (RESUMES + 2) * 1.0
    memory = target.memory_kb() if target else 0.0
    cpu = [target.cpu_seconds() if target else 0.0]
    tokens = [engine.state()["tokens"]]
    opened = await load.open_many(streams, int(rate * seconds), ramp)
    since = time.monotonic()
    cpu.append(target.cpu_seconds() if target else 0.0)
    tokens.append(engine.state()["tokens"])
    waited = target.cpu_wait_seconds() if target else 0.0
    await asyncio.sleep(WINDOW)
    until = time.monotonic()
    cpu.append(target.cpu_seconds() if target else 0.0)
    tokens.append(engine.state()["tokens"])
    sample = Sample(tokens_per_second=(tokens[2] - tokens[1]) / (until - since))
    if target is not None:
        per_token = (cpu[2] - cpu[1]) / max(1, tokens[2] - tokens[1])
        sample.cpu_per_token = per_token
        sample.cpu_wait = (target.cpu_wait_seconds() - waited) / (until - since)
        begun = cpu[1] - cpu[0] - per_token * (tokens[1] - tokens[0])
        sample.cpu_per_request = begun / streams
        sample.kb_per_stream = (target.memory_kb() - memory) / streams
    for reader, ended in opened:
        sample.failed += ended.done() or not reader.timing.arrivals
        if reader.timing.arrivals:
            sample.ttft.append(reader.timing.ttft)
            sample.gaps += reader.timing.gaps(since, until)
    if resumes:
        engine.pace(RESUME_RATE)  # the streams under way keep their own pace
        for _ in range(RESUMES):
            resume = await _resume(engine, load)
            if resume is None:
                break
            sample.resumes.append(resume)
    for reader, _ in opened:
        reader.leave()
    await asyncio.gather(*(ended for _, ended in opened))
    await asyncio.to_thread(engine.settle)
    return sample


async def _resume(engine: Engine, load: Load) -> float | None:
    """Seconds from a span's end marker to the first token of the next leg, by the engine's clock.

    The search behind both proxies takes no time of its own, so nothing is to be taken off. None
    where the target is too busy to answer within RESUME_TIMEOUT.
    """
    question = f"{SEARCHES} {next(_numbers)}"
    reader, ended = await load.open(question, 64)
    try:
        await asyncio.wait_for(asyncio.shield(ended), RESUME_TIMEOUT)
    except TimeoutError:
        reader.leave()
        return None
    legs = [leg for leg in engine.state()["legs"] if leg["question"].startswith(question)]
    if len(legs) != 2:
        raise RuntimeError(f"{len(legs)} legs for one search")
    return float(legs[1]["first_at"] - legs[0]["last_at"])
