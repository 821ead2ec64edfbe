"""Log-probabilities: each token of the shown text is told of, and none of what was taken out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.events import (
    Event,
    Logprobs,
    QueryDelta,
    QueryOpened,
    ReasoningDelta,
    SearchStarted,
    TextDelta,
)
from app.chat.prose.logprobs import Claims
from app.chat.token_logprob import TokenLogprob


def tokens(*texts: str) -> list[TokenLogprob]:
    return [TokenLogprob(text, -0.5) for text in texts]


def claimed(events: list[Event]) -> list[list[str]]:
    return [[each.token for each in event.tokens] for event in events if type(event) is Logprobs]


def test_a_text_claims_its_tokens() -> None:
    claims = Claims()
    claims.sampled(tokens(" It", " is", " so"))
    events = claims.told([TextDelta("It is"), TextDelta(" so")])
    assert [type(event) for event in events] == [TextDelta, Logprobs, TextDelta, Logprobs]
    assert claimed(events) == [[" It", " is"], [" so"]]


def test_a_token_shown_in_parts_is_told_of_once() -> None:
    claims = Claims()
    claims.sampled(tokens(" word.", " More"))
    assert claimed(claims.told([TextDelta("word")])) == [[" word."]]
    assert claimed(claims.told([TextDelta(".")])) == []
    assert claimed(claims.told([TextDelta(" More")])) == [[" More"]]


def test_a_query_and_its_markers_claim_nothing() -> None:
    claims = Claims()
    claims.sampled(tokens("He", " [SEARCH_START]", " He", " who", "[SEARCH_END]"))
    assert claimed(claims.told([TextDelta("He"), QueryOpened(0), QueryDelta(0, "He who")])) == [
        ["He"]
    ]
    claims.told([SearchStarted(0, ("He who",))])
    claims.leg()
    claims.sampled(tokens(" He", " won"))
    assert claimed(claims.told([TextDelta(" He won")])) == [[" He", " won"]]


def test_a_query_that_was_not_searched_is_not_taken_for_text() -> None:
    claims = Claims()
    claims.sampled(tokens("[S]", "same", "[E]"))
    claims.told([QueryOpened(0), QueryDelta(0, "same")])
    claims.leg()
    later = tokens("same", " again")
    claims.sampled(later)
    (told,) = [e for e in claims.told([TextDelta("same again")]) if isinstance(e, Logprobs)]
    assert all(a is b for a, b in zip(told.tokens, later, strict=True))


def test_a_query_given_back_as_text_is_text() -> None:
    claims = Claims()
    claims.sampled(tokens("[S]", " not", " one"))
    events = claims.told([QueryOpened(0), QueryDelta(0, "not one"), TextDelta("[S] not one")])
    assert claimed(events) == [["[S]", " not", " one"]]


def test_thoughts_claim_nothing() -> None:
    claims = Claims()
    claims.sampled(tokens("<think>", "so", "</think>", "so", "!"))
    assert claimed(claims.told([ReasoningDelta("so"), TextDelta("so!")])) == [["so", "!"]]


def test_what_is_taken_out_of_a_text_is_not_told_of() -> None:
    claims = Claims()
    claims.sampled(tokens("He", " won", " [", "9", "]", " it", "."))
    assert claimed(claims.told([TextDelta("He won it.")])) == [["He", " won", " it", "."]]


@pytest.mark.parametrize("parts", [("\ufffd", "\ufffd"), ("", "")])
def test_parts_of_a_character_go_with_what_follows(parts: tuple[str, str]) -> None:
    claims = Claims()
    claims.sampled(tokens("A", *parts, " fox"))
    assert claimed(claims.told([TextDelta("A🦊 fox")])) == [["A", *parts, " fox"]]
    claims.sampled(tokens(*parts))
    assert claimed(claims.told([TextDelta("🦊")])) == [[*parts]]


def test_what_the_engine_never_said_claims_nothing() -> None:
    claims = Claims()
    claims.sampled(tokens("So"))
    assert claimed(claims.told([TextDelta("\u2060")])) == []
    assert claimed(claims.told([TextDelta("So")])) == [["So"]]


@given(st.lists(st.text("ab [1].é", min_size=1, max_size=4), max_size=30), st.data())
def test_plain_text_claims_every_token_once_and_in_order(
    texts: list[str], data: st.DataObject
) -> None:
    """However the text is cut on its way, and however much it lags behind the tokens."""
    claims, said, out = Claims(), "", []
    for text in texts:
        claims.sampled(tokens(text))
        said += text
        shown = data.draw(st.integers(0, len(said)))
        if shown:
            out += claims.told([TextDelta(said[:shown])])
            said = said[shown:]
    if said:
        out += claims.told([TextDelta(said)])
    assert [each for piece in claimed(out) for each in piece] == texts
