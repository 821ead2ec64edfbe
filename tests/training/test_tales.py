"""Notes told in free sentences: every tale tells its value, and no decoy is the answer."""

from random import Random

import pytest

from training import note_values, notes
from training.names import Names
from training.reading import restated
from training.tales import BESIDE, KINDS, TALES, Tales

NAMES = Names(("Zuki", "Ole"), ("Morrow", "Lind"), ("Test",), ("Only",), ("lantern", "harbour"))


@pytest.mark.parametrize("kind", TALES)
def test_every_tale_belongs_to_an_attribute_and_holds_its_value_once(kind: str) -> None:
    for key, tales in TALES[kind].items():
        assert key in KINDS[kind], (kind, key)
        for tale in tales:
            assert tale.count("{v}") == 1, tale
            assert "{n}" in tale, tale
            assert tale.endswith((".", '".')), tale
            filled = Tales(NAMES, Random(1))._filled(tale, "Nome", "Value", KINDS[kind][key])
            assert "Value" in filled
            assert "{" not in filled
    assert all(beside.endswith(".") for beside in BESIDE)


def test_what_is_told_stands_in_the_text_and_the_rest_is_left_open() -> None:
    tales = Tales(NAMES, Random(2))
    kinds = set()
    for _ in range(300):
        subject = tales.told()
        kinds.add(subject.kind)
        told = {fact.attribute.key for fact in subject.facts}
        assert not told & {attribute.key for attribute in subject.missing}
        for fact in subject.facts:
            assert fact.sentence in subject.lines
            assert fact.value.lower() in fact.sentence.lower()
            if fact.attribute.key != "is":
                assert fact.value in restated(subject, fact)
    assert kinds == set(TALES)


def test_a_fact_can_be_asked_for() -> None:
    subject = Tales(NAMES, Random(3)).told("room", "seats")
    assert subject.kind == "room"
    assert subject.facts[0].attribute.key == "seats"


def test_several_things_are_told_of_in_the_plural() -> None:
    tales, many = Tales(NAMES, Random(5)), 0
    for _ in range(200):
        subject = tales.told("thing", "where")
        if not subject.name.endswith("s"):
            continue
        many += 1
        text = subject.text().lower()
        for verb in ("is", "was", "has"):
            assert f"{subject.name.lower()} {verb} " not in text
    assert many


def test_the_values_are_those_of_notes() -> None:
    for kind, wanted in KINDS.items():
        for key, value in wanted.items():
            assert note_values.value(value, NAMES, Random(1), False), (kind, key)
        assert set(wanted) == {attribute.key for attribute, _ in notes.SCHEMA[kind]}
