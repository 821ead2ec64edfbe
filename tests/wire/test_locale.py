import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire.locale import accepted, tag


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("de", ("de", None)),
        ("DE-at", ("de", "AT")),
        ("pt_BR", ("pt", "BR")),
        ("zh-Hant-TW", ("zh", "TW")),
        ("gsw", ("gsw", None)),
        ("german", (None, None)),
        ("*", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_tag(written: str, codes: tuple[str | None, str | None]) -> None:
    assert tag(written) == codes


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("", (None, None)),
        ("*", (None, None)),
        ("en-US,en;q=0.9", ("en", "US")),
        ("de-AT", ("de", "AT")),
        ("de", ("de", None)),
        ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", (None, "DE")),  # reads both
        ("en;q=0.5, fr-CA;q=0.9", (None, "CA")),
        ("fr-CA;q=0, en-GB", ("en", "GB")),
        ("de, *;q=0.1", (None, None)),
        ("de-AT;q=x, nonsense;;;=", (None, None)),
        ("fr;q=nan", (None, None)),
    ],
)
def test_a_header(header: str, codes: tuple[str | None, str | None]) -> None:
    assert accepted(header) == codes


@given(st.text(max_size=300))
def test_no_header_is_too_odd(header: str) -> None:
    assert len(accepted(header)) == 2
