"""A gateway that is told to stop lets its answers end, those that end in time."""

import json
import signal
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from redis import Redis

from model_server.scripted import Answer
from tests.api.stage import Engine, Stage, until
from tests.cli.running import Running
from tests.state.clients import CALLS, Stream
from tests.stores.redis_server import RedisServer

Start = Callable[..., Running]
TEXT = "So it goes on and on. " * 4


@pytest.fixture
def gateway(stage: Stage, redis: RedisServer, start: Start) -> Callable[..., Any]:
    def opened(rate: float, drain: int) -> tuple[Engine, Running]:
        engine = stage.engine(rate=rate)
        engine.say(Answer((TEXT,)))
        running = start(
            "serve",
            "--port",
            "0",
            ORSON_ENGINE="vllm",
            ORSON_ENGINE_URL=engine.url,
            ORSON_SEARCH="mock",
            ORSON_REDIS_URL=redis.url,
            ORSON_DRAIN_SECONDS=str(drain),
        )
        return engine, running

    return opened


def test_streams_end_and_then_the_gateway(gateway: Callable[..., Any], redis: RedisServer) -> None:
    engine, running = gateway(rate=25, drain=30)
    url = running.address
    background = httpx2.post(
        f"{url}/v1/responses",
        json={"model": "scripted", "input": "?", "background": True},
        trust_env=False,
        timeout=60,
    ).json()["id"]
    streams = [Stream(url, path) for path in CALLS]
    until(lambda: all(stream.text for stream in streams))
    running.process.send_signal(signal.SIGTERM)
    until(lambda: refused(url))
    for stream in streams:
        stream.join(60)
        assert not stream.broken
        assert stream.text == TEXT, stream.path
    assert running.ended() == -signal.SIGTERM
    assert "Traceback" not in running.output
    assert engine.running() == 0
    with Redis.from_url(redis.url) as client:
        for key in client.scan_iter("orson:{*}:resp_*"):
            if client.type(key) == b"hash" and b"trace" not in key:
                assert client.hget(key, "status") == b"completed"
        assert client.zcard("orson:{leases}") == 0
        assert list(client.scan_iter(f"orson:*:{background}"))


def refused(url: str) -> bool:
    """Nobody listens any more, or stopped while the connection was still in the queue."""
    try:
        httpx2.get(f"{url}/healthz", trust_env=False, timeout=60)
    except (httpx2.NetworkError, httpx2.RemoteProtocolError):
        return True
    return False


def test_what_takes_longer_is_told(gateway: Callable[..., Any], redis: RedisServer) -> None:
    engine, running = gateway(rate=2, drain=1)
    url = running.address
    background = httpx2.post(
        f"{url}/v1/responses",
        json={"model": "scripted", "input": "?", "background": True},
        trust_env=False,
        timeout=60,
    ).json()["id"]
    streams = [Stream(url, path) for path in CALLS]
    until(lambda: all(stream.text for stream in streams))
    running.process.send_signal(signal.SIGTERM)
    assert running.ended() == -signal.SIGTERM
    for stream in streams:
        stream.join(60)
        assert not stream.broken, stream.path
        assert stream.text in TEXT
        assert "stopped" in json.dumps(stream.data[-1]) or (
            stream.data[-1]["type"] == "response.incomplete"
        ), stream.data[-1]
    assert "Traceback" not in running.output, running.output
    until(lambda: engine.running() == 0)
    with Redis.from_url(redis.url, decode_responses=True) as client:
        states = {
            key: client.hget(key, "status")
            for key in client.scan_iter("orson:{*}:resp_*")
            if client.type(key) == "hash" and "trace" not in key
        }
        assert sorted(states.values()) in (["cancelled", "failed"], ["failed", "failed"])
        (late,) = [key for key in states if background in key]
        assert states[late] == "failed"
        assert client.zcard("orson:{leases}") == 0
