"""vLLM's events, as its server writes them, and what is made of them."""

from typing import Any

import msgspec
import pytest

from app.chat.ports import Chunk, Leg, Stopped
from app.chat.request import Sampling
from app.engines.vllm_wire import CompletionDecoder, completion
from app.errors import EngineRefused, EngineUnavailable

END = 5
DONE = b"[DONE]"


def decoder() -> CompletionDecoder:
    return CompletionDecoder(Leg((1,), 50, Sampling(), stop_ids=(END,)))


def event(text: str, ids: list[int] | None, finish: str | None = None, reason: Any = None) -> bytes:
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}
    choice |= {"stop_reason": reason, "prompt_token_ids": None, "token_ids": ids}
    return msgspec.json.encode({"id": "cmpl-1", "choices": [choice], "usage": None})


def usage(cached: int | None) -> bytes:
    details = None if cached is None else {"cached_tokens": cached}
    counted = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": details}
    return msgspec.json.encode({"id": "cmpl-1", "choices": [], "usage": counted})


@pytest.mark.parametrize(
    ("finish", "reason", "ids", "stopped"),
    [
        ("length", None, [7], Stopped("length")),
        ("stop", None, [2], Stopped("end")),
        ("stop", END, [END], Stopped("stop_token", END)),
        ("stop", None, [END], Stopped("stop_token", END)),  # where it is an end of turn as well
        ("stop", "\n\n", [7], Stopped("stop_string", "\n\n")),
    ],
)
def test_how_a_leg_ends(
    finish: str, reason: int | str | None, ids: list[int], stopped: Stopped
) -> None:
    chunk = decoder().feed([event("", ids, finish, reason), usage(16), DONE])
    assert chunk == Chunk(tuple(ids), "", stopped, 16)


def test_the_stop_waits_for_the_usage_and_comes_last() -> None:
    one = decoder()
    assert one.feed([event(" a", [7])]) == Chunk((7,), " a")
    assert one.feed([event(" b", [8], "length")]) == Chunk((8,), " b")
    assert not one.done
    assert one.feed([usage(None)]) is None
    assert one.feed([DONE]) == Chunk((), "", Stopped("length"), None)
    assert one.done


def test_ids_without_text_are_kept() -> None:
    assert decoder().feed([event("", [240]), event("🦊", [159])]) == Chunk((240, 159), "🦊")


@pytest.mark.parametrize("finish", ["abort", "error"])
def test_an_engine_that_gives_up(finish: str) -> None:
    with pytest.raises(EngineUnavailable, match=finish):
        decoder().feed([event("", [7], finish)])


def test_an_end_without_a_reason() -> None:
    with pytest.raises(EngineUnavailable, match="without a reason"):
        decoder().feed([event(" a", [7]), DONE])


def test_an_error_in_the_stream() -> None:
    with pytest.raises(EngineUnavailable, match="out of memory"):
        decoder().feed([b'{"error":{"message":"out of memory","code":500}}', DONE])


def test_a_request_refused_in_the_stream() -> None:
    with pytest.raises(EngineRefused, match="out of vocabulary"):
        decoder().feed([b'{"error":{"message":"Token id 9 is out of vocabulary","code":400}}'])


def test_a_server_too_old_to_return_ids() -> None:
    with pytest.raises(EngineRefused, match="no token ids"):
        decoder().feed([event(" a", None)])


def test_the_request_says_what_was_asked() -> None:
    leg = Leg((1, 2), 9, Sampling(temperature=0.0), (END,), ("\n\n",), (4,), ("[X]",))
    body = msgspec.json.decode(completion(leg, "m", 100))
    assert body["model"] == "m"
    assert body["prompt"] == [1, 2]
    assert body["max_tokens"] == 9
    assert body["stop_token_ids"] == [END]
    assert body["stop"] == ["\n\n"]
    assert body["logit_bias"] == {"4": -100}
    assert body["bad_words"] == ["[X]"]
    assert body["temperature"] == 0.0
    assert "seed" not in body
    assert body["skip_special_tokens"] is False
    assert body["return_token_ids"] is True


def test_any_sequence_of_ids_is_sent_and_never_past_the_window() -> None:
    body = msgspec.json.decode(completion(Leg(range(5), 900, Sampling()), "m", 100))
    assert body["prompt"] == [0, 1, 2, 3, 4]
    assert body["max_tokens"] == 95
