"""Outside text made harmless: every control literal is broken, nothing is lost, nothing else is."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialect import neutralise
from app.dialect.markers import ORSON
from app.dialect.neutralise import FOLDING, JOINER, TEMPLATE_LITERALS, Neutraliser
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


@given(st.lists(ALPHABET, max_size=12).map("".join))
def test_any_text(text: str) -> None:
    made = NEUTRALISE(text)
    assert TOKENIZER.control(TOKENIZER.encode(made)) == []
    assert made.replace(JOINER, "") == text.replace(JOINER, "")
    assert NEUTRALISE(made) is made


@given(st.text(max_size=60))
def test_any_unicode(text: str) -> None:
    made = NEUTRALISE(text)
    assert made.replace(JOINER, "") == text.replace(JOINER, "")
    assert NEUTRALISE(made) is made


def starts_one_by_one(literals: tuple[str, ...], text: str) -> set[int]:
    """Where literals begin, found the plain way: every character folded by itself."""
    folded, origin = "", []
    for index, char in enumerate(text):
        if unicodedata.category(char) != "Cf":
            piece = unicodedata.normalize("NFKC", char).casefold()
            folded += piece
            origin += [index] * len(piece)
    barred = re.finditer(r"(?=<[|｜][^\s<>]{1,64}?[|｜]>)", folded)
    found = {match.start() for match in barred}
    for literal in literals:
        found |= {m.start() for m in re.finditer(f"(?={re.escape(literal.casefold())})", folded)}
    return {origin[at] for at in found}


ODD = ("ﬁx", "sst", "x", "a[b", "▁x▁")
"""Added tokens that begin with letters, whose folded forms may be of several characters."""
ODDITY = Neutraliser(ODD)


@given(
    st.lists(ALPHABET | st.sampled_from([*"fixstab", "ﬆ", "ß", "Ｘ", "\u00ad"]), max_size=12).map(
        "".join
    )
)
def test_nothing_is_missed_by_not_looking_everywhere(text: str) -> None:
    for neutraliser in (NEUTRALISE, ODDITY):
        found = set(neutraliser._starts(text))
        assert found == starts_one_by_one(neutraliser.literals, text)


def test_all_that_folds_is_among_what_is_looked_through() -> None:
    low, high = FOLDING
    assert low.start == 0
    for first, end in ((low.stop, high.start), (high.stop, sys.maxunicode + 1)):
        rest = "".join(map(chr, range(first, end)))
        assert rest.casefold() == rest
        assert unicodedata.is_normalized("NFKC", rest)
        assert "Cf" not in map(unicodedata.category, rest)


@pytest.mark.parametrize("text", ["See [1] and arr[2].", "Où est la forêt [1] < 3 ? 漢字［1］。"])
def test_plain_text_is_not_even_folded(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neutralise, "_fold", None)
    assert NEUTRALISE(text * 100) == text * 100


def test_any_number_of_invisible_characters_hides_nothing() -> None:
    text = "\u200b".join(ORSON.search_start).replace("\u200b", "\u200b" * 20_000)
    assert NEUTRALISE(text) == f"[{JOINER}{text[1:]}"


@pytest.mark.parametrize(
    "unit", ["[", "<|", "<|a", "[SEARCH_", "[SEARCH_START]", "<|" + "a" * 63, "<s", "［", "\u200b["]
)
def test_pathological_lengths(unit: str) -> None:
    """A quadratic search would take minutes here (and the suite's timeout would end it)."""
    text = unit * (300_000 // len(unit))
    made = NEUTRALISE(text)
    assert made.replace(JOINER, "") == text.replace(JOINER, "")
