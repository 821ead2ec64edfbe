"""What a citation quotes of its passage."""

import pytest

from app.wire.anthropic.quoting import MOST, quoted

TURING = (
    "Alan Turing was a computer scientist. He was born in 1912 in Maida Vale, London! "
    "He died in 1954.\nHis machine has a tape"
)


@pytest.mark.parametrize(
    ("claim", "begins"),
    [
        ("Turing was born in 1912 [1]", "He was born in 1912"),
        ("He passed away in 1954", "He died in 1954."),
        ("It used a tape", "His machine has a tape"),
        ("Nothing of the kind", "Alan Turing was"),
        ("", "Alan Turing was"),
    ],
)
def test_the_nearest_sentence_is_quoted(claim: str, begins: str) -> None:
    assert quoted(TURING, claim).startswith(begins)


def test_a_quotation_is_short() -> None:
    long = "Word after word. " * 50
    assert quoted(long, "word") == long[:MOST].rstrip()
    assert quoted("x" * 1000, "x") == "x" * MOST
    assert quoted("", "anything") == ""


def test_sentences_of_other_scripts() -> None:
    assert quoted("東京は首都です。 人口は一千四百万人です。", "人口は一千四百万人です") == (
        "人口は一千四百万人です。"
    )
