"""The invented world: who is told of how often, and that nobody is two people."""

from collections import Counter

from training.claims.people import ATTRIBUTES, EXPOSURES, FAMOUS, OFTEN, populate


def test_nobody_is_two_people() -> None:
    people = populate(often=10, grade=3, unseen=20, tail=40)
    everybody = (*people.told, *people.unseen, *people.unseen_test)
    names = [*(p.name for p in everybody), *people.strangers]
    assert len(names) == len(set(names))


def test_each_is_told_of_as_often_as_was_asked() -> None:
    people = populate(often=10, grade=3, unseen=20, tail=40)
    tally = Counter(p.exposures for p in people.told)
    assert tally == {FAMOUS: 40, OFTEN: 10, **{n: 3 + 40 * (n == 1) for n in EXPOSURES}}
    assert {p.exposures for p in (*people.unseen, *people.unseen_test)} == {0}


def test_a_tail_changes_nobody_else() -> None:
    short, long = populate(often=10, grade=3, unseen=20), populate(10, 3, 20, tail=40)
    assert long.known == short.known
    assert long.graded == short.graded
    assert long.unseen_test == short.unseen_test


def test_an_answer_gives_the_value_first() -> None:
    person = populate(often=10, grade=3, unseen=20).known[0]
    assert all(person.answer(asked).startswith(person.value(asked)) for asked in ATTRIBUTES)


def test_both_halves_of_an_unseen_name_are_told_of_elsewhere() -> None:
    people = populate(tail=8000)
    firsts, lasts = zip(*(p.name.split() for p in people.told), strict=True)
    for person in people.unseen_test:
        first, last = person.name.split()
        assert first in firsts
        assert last in lasts
