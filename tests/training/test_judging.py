"""Right, wrong or open, by the words of an answer."""

import pytest

from training.probing.judging import abstains, matches
from training.probing.words import dates, normal, numbers, spells_number


@pytest.mark.parametrize(
    ("said", "answer", "mark"),
    [
        ("He was born in Paris.", "Paris", True),
        ("the CAFÉ", "Cafe", True),
        ("Sao Paulo", "São Paulo", True),
        ("Beatles", "The Beatles", True),
        ("The Who", "The Who", True),
        ("Lyon", "Paris", None),
        ("Obama", "Barack Obama", None),
        ("It is not Paris but Lyon.", "Paris", None),
        ("Paris or Lyon", "Paris", False),
        ("Lyon, or maybe Paris", "Paris", False),
        ("war or peace", "War or Peace", True),
        ("I don't know whether it was Paris.", "Paris", False),
        ("", "Paris", False),
        # symbols keep their case
        ("Its symbol is He.", "He", True),
        ("it is what he said", "He", None),
        # numbers
        ("1,200 km", "1200", True),
        ("1 200", "1200", True),
        ("twelve hundred", "1200", True),
        ("3 million people", "3,000,000", True),
        ("three", "3", True),
        ("There are twenty-one of them.", "21", True),
        ("two hundred and five", "205", True),
        ("5", "4", False),
        ("about 1.01 u", "1.008", True),
        ("1", "1.008", False),
        ("He lived 1914-1918.", "1918", True),
        ("1958 or 1959", "1958", False),
        ("-5 degrees", "-5", True),
        ("44 BC", "44 B.C.", True),
        ("44", "44 BC", False),
        ("7", "7 Rings", None),
        ("Apollo 11", "Apollo 11", True),
        ("Apollo 12", "Apollo 11", None),
        # dates
        ("born on August 29, 1958", "1958", True),
        ("August 29, 1958", "1958-08-29", True),
        ("29th of August 1958", "August 29, 1958", True),
        ("29/08/1958", "29 August 1958", True),
        ("30 August 1958", "29 August 1958", False),
        ("1958", "29 August 1958", False),
        ("29 Aug. 1958", "August 1958", True),
        ("in September 1958", "August 1958", False),
    ],
)
def test_marks(said: str, answer: str, mark: bool | None) -> None:
    assert matches(said, [answer]) is mark


def test_one_alias_is_enough() -> None:
    assert matches("It was Cassius Clay.", ["Muhammad Ali", "Cassius Clay"]) is True
    assert matches("It was Joe Frazier.", ["Muhammad Ali", "Cassius Clay"]) is None
    assert matches("1960", ["1958", "1959"]) is False


def test_unknown_may_be_the_answer() -> None:
    assert matches("Unknown.", ["unknown"]) is True


@pytest.mark.parametrize(
    "text",
    [
        "I don't know.",
        "I don’t know who that is.",
        "I do not know",
        "I'm not sure.",
        "I cannot find anything about him.",
        "I found nothing about him.",
        "I could not search, so who he is stays open.",
        "Unknown.",
        "There is no information about that.",
        " ",
    ],
)
def test_abstaining(text: str) -> None:
    assert abstains(text)


@pytest.mark.parametrize(
    "text",
    ["Paris", "The tomb of the unknown soldier stands in Paris, France.", "Nobody knows it."],
)
def test_answering(text: str) -> None:
    assert not abstains(text)


def test_what_is_a_number() -> None:
    said = "5, six and twenty-one; nine thousand and one, 2.5 million"
    assert [number.value for number in numbers(said)] == [5, 6, 21, 9001, 2.5e6]
    assert spells_number("about 5 km")
    assert spells_number("twenty-one")
    assert not spells_number("Boeing 747")
    assert not spells_number("7 Rings")


def test_a_date_that_can_be_read_two_ways() -> None:
    assert dates("3/4/1999") == (frozenset({(1999, 3, 4), (1999, 4, 3)}),)
    assert dates("31/12/1999") == (frozenset({(1999, 12, 31)}),)
    assert dates("99/99/1999") == ()


def test_normal() -> None:
    assert normal("The  Café's “Owner”!") == "cafe owner"
