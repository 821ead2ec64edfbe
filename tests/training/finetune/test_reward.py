"""What an answer is worth: right, then a refusal, then a wrong one, less a little for searching."""

import pytest

from training.finetune.reward import Prices, outcome, reward


@pytest.mark.parametrize(
    ("text", "answers", "is_"),
    [
        ("Ada Brankovic was born in Novi Sad [1].", ("Novi Sad",), "right"),
        ("I don't know where Ada Brankovic was born.", ("Novi Sad",), "refused"),
        ("Ada Brankovic was born in Lyon.", ("Novi Sad",), "wrong"),
        ("I don't know.", (), "right"),
        ("Ada Brankovic was born in Lyon.", (), "wrong"),
        ("", ("Novi Sad",), "refused"),
        ("It has 12 of them [3].", ("3",), "wrong"),
    ],
)
def test_outcome(text: str, answers: tuple[str, ...], is_: str) -> None:
    assert outcome(text, answers) == is_


def test_right_is_worth_more_than_a_refusal_and_that_more_than_a_wrong_answer() -> None:
    right, refused, wrong = (
        reward(text, ("Oslo",), 0, Prices()) for text in ("Oslo.", "I don't know.", "Lyon.")
    )
    assert right > refused > wrong


def test_a_search_costs_little_enough_to_be_worth_it() -> None:
    looked_up = reward("Oslo [1].", ("Oslo",), 2, Prices())
    assert reward("I don't know.", ("Oslo",), 0, Prices()) < looked_up
    assert looked_up < reward("Oslo.", ("Oslo",), 0, Prices())
