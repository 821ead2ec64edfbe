"""Lists of several things: a line for each, and the one asked for says what is asked."""

from random import Random

from training import notes
from training.lists import TITLES, Lists
from training.names import Names
from training.reading import restated

NAMES = Names(("Zuki", "Ole", "Ida"), ("Morrow", "Lind", "Vane"), ("Test",), ("Only",))


def test_every_list_tells_an_attribute_of_the_notes() -> None:
    for (kind, key), titles in TITLES.items():
        assert key in {attribute.key for attribute, _ in notes.SCHEMA[kind]}, (kind, key)
        assert titles


def test_a_line_names_its_subject_and_tells_its_values() -> None:
    lists, longest = Lists(NAMES, Random(1)), 0
    for _ in range(300):
        subject = lists.told()
        bare = subject.name.removeprefix("the ").lower()
        assert subject.facts
        for fact in subject.facts:
            assert fact.sentence in subject.lines
            assert bare in fact.sentence.lower()
            assert fact.value.lower() in fact.sentence.lower()
            assert fact.value in restated(subject, fact)
        told = {fact.attribute.key for fact in subject.facts}
        assert not told & {attribute.key for attribute in subject.missing}
        longest = max(longest, len(subject.lines))
    assert longest > 5
