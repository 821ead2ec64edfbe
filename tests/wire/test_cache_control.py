import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire.cache_control import caching


@pytest.mark.parametrize(
    ("header", "means"),
    [
        ("", "use"),
        ("no-cache", "refresh"),
        ("No-Cache", "refresh"),
        ("max-age=0", "refresh"),
        ("max-age = 0, private", "refresh"),
        ("max-age=60", "use"),
        ("no-store", "off"),
        ("no-cache, no-store, must-revalidate", "off"),
        ("x-no-cache", "use"),
        ("only-if-cached", "use"),
    ],
)
def test_directives(header: str, means: str) -> None:
    assert caching(header) == means


@given(st.text())
def test_any_text_is_a_header(text: str) -> None:
    assert caching(text) in ("use", "refresh", "off")
