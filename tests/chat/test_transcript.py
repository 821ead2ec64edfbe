"""One append-only sequence that remembers where each token came from."""

from hypothesis import given
from hypothesis import strategies as st

from app.chat.transcript import Segment, Transcript

ORIGINS = st.sampled_from(["prompt", "model", "search"])


def test_empty() -> None:
    transcript = Transcript()
    assert (transcript.append("model", ()), len(transcript)) == (0, 0)
    assert (transcript.segments, transcript.mask(), transcript.of("model")) == ([], [], [])


def test_runs_of_one_origin_are_one_segment() -> None:
    transcript = Transcript()
    transcript.append("prompt", [1, 2])
    for token in (3, 4):
        assert transcript.append("model", (token,)) == 1
    transcript.append("search", ())
    transcript.append("model", [5])
    assert transcript.segments == [Segment("prompt", 0, 2), Segment("model", 2, 5)]
    assert transcript.mask() == [False, False, True, True, True]


@given(st.lists(st.tuples(ORIGINS, st.lists(st.integers(0, 9), max_size=4)), max_size=12))
def test_every_token_has_one_origin(appended) -> None:
    transcript = Transcript()
    for origin, ids in appended:
        transcript.append(origin, ids)
    expected = [(origin, token) for origin, ids in appended for token in ids]
    assert transcript.ids == [token for _, token in expected]
    for origin in ("prompt", "model", "search"):
        assert transcript.of(origin) == [token for of, token in expected if of == origin]
    assert transcript.mask() == [of == "model" for of, _ in expected]
