"""The grammar accepts exactly the texts without the strings: checked by a reader of its rules."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engines.avoiding import grammar

CHOICE = re.compile(r"\[(\^?)((?:\\U[0-9A-F]{8})*)\] s(\d+)|\. s(\d+)")


def rules_of(text: str) -> Mapping[int, list[tuple[bool, str, int]]]:
    """Rule number -> its choices: whether negated, the letters, the next rule."""
    rules = {}
    for line in text.splitlines()[1:]:
        name, _, choices = line.partition(" ::= ")
        assert choices.startswith('""')
        rules[int(name[1:])] = [
            (bool(negated), _letters(letters), int(to or any_to))
            for negated, letters, to, any_to in CHOICE.findall(choices)
        ]
    return rules


def _letters(escaped: str) -> str:
    return "".join(chr(int(code, 16)) for code in re.findall(r"\\U([0-9A-F]{8})", escaped))


def accepts(text: str, word: str) -> bool:
    rules, state = rules_of(text), 0
    for letter in word:
        steps = [to for negated, letters, to in rules[state] if (letter in letters) != negated]
        assert len(steps) <= 1
        if not steps:
            return False
        state = steps[0]
    return True


@pytest.mark.parametrize(
    ("strings", "word", "accepted"),
    [
        (("[SEARCH_START]",), "a [SEARCH] and [[1]", True),
        (("[SEARCH_START]",), "a [SEARCH_START]", False),
        (("[SEARCH_START]",), "[[SEARCH_START]", False),
        (("aab",), "aaab", False),
        (("ab", "bc"), "acb\n🦊", True),
        (("ab", "bc"), "aabc", False),
        (("a",), "bbb", True),
        (("a",), "bab", False),
    ],
)
def test_known_texts(strings: tuple[str, ...], word: str, accepted: bool) -> None:
    assert accepts(grammar(strings), word) is accepted


@given(
    st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=3),
    st.text("abcd", max_size=14),
)
def test_accepts_what_holds_none_of_them(strings: list[str], word: str) -> None:
    assert accepts(grammar(strings), word) == (not any(string in word for string in strings))
