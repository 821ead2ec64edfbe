"""The nouns that fill slots: many of each kind."""

from random import Random

from training.names import Names
from training.note_values import MORE, value
from training.nouns import noun, nouns
from training.pages.values import NOUNS

NAMES = Names(("Zuki",), ("Morrow",), ("Test",), ("Only",), ("lantern",))


def test_there_are_many_of_each_kind() -> None:
    assert set(nouns()) == set(NOUNS)
    assert all(len(set(words)) == len(words) >= 100 for words in nouns().values())
    assert len(nouns()["trade"]) > 1500
    assert {"carpenter", "sculptor", "plumber"} & set(nouns()["trade"])


def test_values_of_notes_are_drawn_from_them_too() -> None:
    rng = Random(1)
    assert {noun("dish", rng) for _ in range(50)} <= set(nouns()["dish"])
    for kind, more in MORE.items():
        words = {word for each in more for word in nouns()[each]}
        drawn = [value(kind, NAMES, rng, False) for _ in range(60)]
        assert 10 < sum(each in words for each in drawn) < 60
