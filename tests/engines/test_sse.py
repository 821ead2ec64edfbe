"""Events come out the same however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engines.sse import MAX_EVENT_BYTES, EventSplitter, EventTooLarge

payloads = st.lists(
    st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1).map(str.encode),
    max_size=8,
)
newline = st.sampled_from([b"\n", b"\r\n"])
noise = st.lists(
    st.sampled_from([b": keep-alive", b"event: message", b"id: 7", b"retry: 10", b""]), max_size=3
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A whole event stream, and what its events hold."""
    expected = draw(payloads)
    stream = b""
    for payload in expected:
        end = draw(newline)
        lines = [*draw(noise), b"data: " + payload, b""]
        stream += b"".join(line + end for line in lines)
    return stream, expected


@given(streams(), st.data())
def test_any_cut_gives_the_same_events(
    stream_and_events: tuple[bytes, list[bytes]], data: st.DataObject
) -> None:
    stream, expected = stream_and_events
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    splitter = EventSplitter()
    found: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += splitter.feed(stream[start:end])
    assert found == expected


def test_every_single_cut() -> None:
    stream = b': hi\r\n\r\ndata: {"a": 1}\r\n\r\ndata:b\ndata: c\n\nevent: x\ndata: [DONE]\n\n'
    for at in range(len(stream) + 1):
        splitter = EventSplitter()
        found = splitter.feed(stream[:at]) + splitter.feed(stream[at:])
        assert found == [b'{"a": 1}', b"b\nc", b"[DONE]"]


@pytest.mark.parametrize("character", ["\u2028", "\u0085", "\x0b", "\x0c", "\x1c"])
def test_lines_end_at_newlines_only(character: str) -> None:
    payload = f'{{"text":"a{character}b"}}'.encode()
    assert EventSplitter().feed(b"data: " + payload + b"\n\n") == [payload]


def test_an_event_without_end_is_refused() -> None:
    splitter = EventSplitter()

    def feed_for_long() -> None:
        for _ in range(MAX_EVENT_BYTES // 65536 + 2):
            splitter.feed(b"x" * 65536)

    with pytest.raises(EventTooLarge):
        feed_for_long()
