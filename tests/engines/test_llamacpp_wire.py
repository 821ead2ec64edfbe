"""llama.cpp's events, as its server writes them, and what is made of them."""

import msgspec
import pytest

from app.chat.ports import Chunk, Leg, Stopped
from app.chat.request import Sampling
from app.engines.avoiding import grammar
from app.engines.llamacpp_wire import CompletionDecoder, Gap, completion
from app.errors import EngineRefused, EngineUnavailable

START, END, EOS = 4, 5, 1
STOPS = {END: "[SEARCH_END]"}


def decoder(leg: Leg | None = None) -> CompletionDecoder:
    one = CompletionDecoder(leg or Leg((1,), 50, Sampling(), stop_ids=(END,)))
    one.knows(STOPS, {EOS: "</s>"})
    return one


def event(content: str, *tokens: int, predicted: int) -> bytes:
    body = {"index": 0, "content": content, "tokens": tokens, "stop": False, "id_slot": -1}
    return msgspec.json.encode({**body, "tokens_predicted": predicted, "tokens_evaluated": 3})


def final(stop_type: str, word: str = "", predicted: int = 0, cached: int = 0) -> bytes:
    body = {"content": "", "tokens": [], "stop": True, "stop_type": stop_type}
    return msgspec.json.encode(
        {
            **body,
            "stopping_word": word,
            "tokens_predicted": predicted,
            "timings": {"cache_n": cached},
        }
    )


def test_several_events_of_one_read_are_one_chunk() -> None:
    payloads = [event(" a", 10, predicted=1), event(" b", 11, predicted=2)]
    assert decoder().feed(payloads) == Chunk((10, 11), " a b")


def test_a_stop_id_is_told_from_the_same_text_in_other_tokens() -> None:
    by_id = [event("", END, predicted=1), final("word", "[SEARCH_END]", 1, cached=7)]
    assert decoder().feed(by_id) == Chunk((END,), "", Stopped("stop_token", END), 7)
    spelt = [event("", 40, predicted=1), final("word", "[SEARCH_END]", 1)]
    chunk = decoder().feed(spelt)
    assert chunk is not None
    assert chunk.stop == Stopped("stop_string", "[SEARCH_END]")


def test_the_text_of_the_end_of_turn_is_cut_off() -> None:
    one = decoder()
    first = one.feed([event(" mat</s>", 12, EOS, predicted=2)])
    assert first == Chunk((12, EOS), " mat")
    assert one.feed([final("eos", predicted=2)]) == Chunk((), "", Stopped("end"), 0)


def test_a_token_that_might_have_ended_the_turn_and_did_not_is_text() -> None:
    one = decoder()
    assert one.feed([event("</s>", EOS, predicted=1)]) == Chunk((EOS,), "")
    assert one.feed([event(" on", 13, predicted=2)]) == Chunk((13,), "</s> on")


def test_ids_of_a_split_character_are_missed() -> None:
    one = decoder()
    one.feed([event(" on", 9, predicted=1)])
    one.feed([event("🦊", 33, predicted=5)])
    assert one.gaps == [Gap(at=0, missing=3, text="🦊", held=())]


def test_text_that_is_held_back_is_not_missed() -> None:
    one = decoder()
    one.feed([event("", 20, predicted=1), event(" [x", 21, predicted=2)])
    assert one.gaps == []


@pytest.mark.parametrize(
    ("gap", "received", "tokens", "filled"),
    [
        (Gap(0, 3, "🦊", ()), 33, [30, 31, 32, 33], [30, 31, 32, 33]),
        (Gap(0, 3, "a🦊", (7,)), 33, [7, 30, 31, 32, 33], [30, 31, 32, 33]),
        # A tokenizer that puts a space in front, as SentencePiece does.
        (Gap(0, 3, "🦊", ()), 33, [2, 30, 31, 32, 33], [30, 31, 32, 33]),
        # Sampled otherwise than the tokenizer spells it: its spelling is taken, the text is right.
        (Gap(0, 3, "🦊", ()), 33, [50, 51], [50, 51]),
        (Gap(0, 3, "🦊", ()), 33, [], [33]),
    ],
)
def test_gaps_are_filled(gap: Gap, received: int, tokens: list[int], filled: list[int]) -> None:
    assert gap.filled(received, tokens) == filled


def test_a_server_that_hides_control_tokens_is_found_out() -> None:
    one = decoder()
    one.feed([event("", END, predicted=1)])
    with pytest.raises(EngineRefused, match="--special"):
        one.feed([event(" on", 13, predicted=2)])


def test_an_error_in_the_stream() -> None:
    with pytest.raises(EngineUnavailable, match="ill"):
        decoder().feed([b'{"error":{"code":500,"message":"ill"}}'])


def test_the_request_says_what_was_asked() -> None:
    leg = Leg((1, 2), 9, Sampling(seed=7, top_p=0.5), (END,), ("\n\n",), (START,), ("[X]",))
    body = msgspec.json.decode(completion(leg, STOPS, 100))
    assert body["prompt"] == [1, 2]
    assert body["n_predict"] == 9
    assert body["stop"] == ["[SEARCH_END]", "\n\n"]
    assert body["logit_bias"] == [[START, False]]
    assert body["grammar"] == grammar(("[X]",))
    assert (body["seed"], body["top_p"]) == (7, 0.5)
    assert "temperature" not in body


def test_it_never_asks_for_more_than_the_window_has() -> None:
    body = msgspec.json.decode(completion(Leg((1, 2), 900, Sampling()), STOPS, 100))
    assert body["n_predict"] == 98
