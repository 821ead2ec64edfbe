"""Questions made from sentences: the parts of one answer the questions made of the others."""

from random import Random

import pytest

from training.clauses import KINDS, lemmas, told

LEMMA = lemmas(
    ["She wanted to move, to study and to direct.", "He moved, studied, directed and was elected."]
)


@pytest.mark.parametrize(
    ("sentence", "asked", "value", "said"),
    [
        (
            "She moved to Lisbon in 1931.",
            "Where did {n} move in 1931?",
            "Lisbon",
            "{n} moved in 1931 to {v}.",
        ),
        (
            "In 1931, {last} moved to Lisbon with Ada Lind.",
            "When did {n} move to Lisbon with Ada Lind?",
            "1931",
            "{n} moved to Lisbon with Ada Lind in {v}.",
        ),
        (
            "He later studied law at the University of Graz (then Austria-Hungary).",
            "Where did {n} study law?",
            "the University of Graz",
            "{n} studied law at {v}.",
        ),
        (
            "{n} was elected president in 1988, but never took office.",
            "When was {n} elected president?",
            "1988",
            "{n} was elected president in {v}.",
        ),
        (
            "{n} was directed by Sam Oke.",
            "By whom was {n} directed?",
            "Sam Oke",
            "{n} was directed by {v}.",
        ),
        (
            "He directed twelve short films for children.",
            "How many short films did {n} direct for children?",
            "twelve",
            "{n} directed {v} short films for children.",
        ),
        (
            "She won the Silver Quill in 2001.",
            "What did {n} win in 2001?",
            "the Silver Quill",
            "{n} won {v} in 2001.",
        ),
        (
            "{first} met Ole Wray in Oslo and went home.",
            "Whom did {n} meet in Oslo?",
            "Ole Wray",
            "{n} met {v} in Oslo.",
        ),
    ],
)
def test_a_part_of_a_sentence_is_asked_for(
    sentence: str, asked: str, value: str, said: str
) -> None:
    found = {each.attribute.questions[0]: each for each in told(sentence, LEMMA)}
    assert asked in found, list(found)
    assert found[asked].value == value
    assert found[asked].attribute.tellings == (said,)
    assert found[asked].value in sentence


def test_what_is_made_can_be_asked_and_missed_like_any_other_fact() -> None:
    for each in told("She studied law at Graz in 1931.", LEMMA):
        attribute = each.attribute
        assert attribute.key in KINDS
        assert attribute.question("Zuki Morrow", Random(1)).endswith("?")
        assert attribute.missed("Zuki Morrow").startswith("I don't know ")
        assert each.value not in attribute.question("Zuki Morrow", Random(1))


@pytest.mark.parametrize(
    "sentence",
    [
        "The boat moved to Lisbon in 1931.",  # about something else
        "He frobbed the switch in 1931.",  # a verb whose lemma nobody knows
        'She studied "The Law" in 1931.',
        "She studied with {last}'s brother in 1931.",
        "It rained.",
    ],
)
def test_what_cannot_be_taken_apart_is_left_alone(sentence: str) -> None:
    assert list(told(sentence, LEMMA)) == []


def test_lemmas_are_those_that_stand_in_the_texts() -> None:
    assert LEMMA["moved"] == "move"
    assert LEMMA["studied"] == "study"
    assert LEMMA["went"] == "go"
    assert "elected" not in LEMMA
