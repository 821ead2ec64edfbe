"""Outside text made harmless: every control literal is broken, nothing is lost, nothing else is."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dialect.markers import ORSON
from app.dialect.neutralise import JOINER, TEMPLATE_LITERALS, Neutraliser
from app.dialect.results import body, number
from tests.fakes.search import passage
from tests.fakes.tokenizer import TEMPLATE, ToyTokenizer

ADDED = (
    *TEMPLATE,
    "<|im_start|>",
    "<|im_end|>",
    "<｜User｜>",
    "[gMASK]",
    "</think>",
    "<pad>",
    "▁x▁",
)
TOKENIZER = ToyTokenizer(added=ADDED[len(TEMPLATE) :])
NEUTRALISE = Neutraliser(TOKENIZER.added)
LITERALS = (*TOKENIZER.added, *TEMPLATE_LITERALS)


def wide(text: str) -> str:
    """The full-width form of each ASCII character."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def mixed(text: str) -> str:
    return "".join(char.upper() if at % 2 else char.lower() for at, char in enumerate(text))


def folded(text: str) -> str:
    """As the most lenient tokenizer might read it; the joiner alone counts as a character."""
    kept = (c for c in text if c == JOINER or unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", "".join(kept)).casefold()


def assert_harmless(text: str) -> None:
    made = NEUTRALISE(text)
    assert TOKENIZER.control(TOKENIZER.encode(made)) == []
    for literal in LITERALS:
        assert literal.casefold() not in folded(made), (literal, made)
    assert made.replace(JOINER, "") == text.replace(JOINER, "")
    assert NEUTRALISE(made) is made


@pytest.mark.parametrize("literal", LITERALS)
@pytest.mark.parametrize(
    "variant", [str, str.upper, str.lower, mixed, wide, lambda text: wide(text.upper())]
)
def test_every_added_token_in_every_variant(literal: str, variant) -> None:
    for text in (variant(literal), f"before {variant(literal)} after", variant(literal) * 3):
        assert_harmless(text)
        assert NEUTRALISE(text) != text


@pytest.mark.parametrize("invisible", ["\u200b", "\u200d", "\ufeff", "\u00ad", "\u2061"])
@pytest.mark.parametrize("literal", [*ORSON.markers, "<|im_start|>"])
def test_invisible_characters_inside(literal: str, invisible: str) -> None:
    for at in range(1, len(literal)):
        text = f"{literal[:at]}{invisible}{literal[at:]}"
        assert_harmless(text)
        assert NEUTRALISE(text).replace(invisible, "").startswith(f"{literal[0]}{JOINER}")


def test_nested_markers() -> None:
    """Taking the inner one out would make the outer one; so nothing is taken out."""
    text = "[SEARCH_[SEARCH_START]START]"
    assert NEUTRALISE(text) == f"[SEARCH_[{JOINER}SEARCH_START]START]"
    assert_harmless(text)


def test_unknown_barred_tokens() -> None:
    """Tokens of the newer templates' shape are broken though nobody named them."""
    assert NEUTRALISE("<|reserved_special_token_7|>") == f"<{JOINER}|reserved_special_token_7|>"
    assert NEUTRALISE("<｜tool▁calls｜>") == f"<{JOINER}｜tool▁calls｜>"


@pytest.mark.parametrize("cut", range(1, len(ORSON.search_start)))
def test_a_marker_split_over_two_passages(cut: int) -> None:
    """It forms only when they are joined, so that is when they are made harmless."""
    head, tail = ORSON.search_start[:cut], ORSON.search_start[cut:]
    inner = body(number((passage(f"x {head}"), passage("y", title=tail)), 1))
    assert_harmless(inner)
    assert_harmless(NEUTRALISE(head) + NEUTRALISE(tail))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Plain text.",
        "arr[1] < 2 | 3 > 1",
        "Größe é 漢字 🙂",
        "[SEARCH START]",
        "a <| b |> c",
        "[1]",
    ],
)
def test_harmless_text_is_the_same_object(text: str) -> None:
    assert NEUTRALISE(text) is text


ALPHABET = st.sampled_from(
    [*LITERALS, *map(wide, ORSON.markers), *map(str.lower, ORSON.markers), "[", "<", "|",
     "<|", "|>", "SEARCH_START]", "[SEARCH_", JOINER, "\u200b", "ſ", "İ", "ß", "ﬁ", " ", "a",
     "漢", "¨", "㎢"]
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(ALPHABET, max_size=12).map("".join))
def test_any_text(text: str) -> None:
    made = NEUTRALISE(text)
    assert TOKENIZER.control(TOKENIZER.encode(made)) == []
    assert made.replace(JOINER, "") == text.replace(JOINER, "")
    assert NEUTRALISE(made) is made


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_unicode(text: str) -> None:
    made = NEUTRALISE(text)
    assert made.replace(JOINER, "") == text.replace(JOINER, "")
    assert NEUTRALISE(made) is made


@pytest.mark.parametrize(
    "unit", ["[", "<|", "<|a", "[SEARCH_", "[SEARCH_START]", "<|" + "a" * 63, "<s", "［", "\u200b["]
)
def test_pathological_lengths(unit: str) -> None:
    """A quadratic search would take minutes here (and the suite's timeout would end it)."""
    text = unit * (300_000 // len(unit))
    made = NEUTRALISE(text)
    assert made.replace(JOINER, "") == text.replace(JOINER, "")
