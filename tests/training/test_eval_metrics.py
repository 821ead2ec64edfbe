"""Each metric on answers made by hand, where the right figure can be counted on fingers."""

from collections.abc import Sequence

import pytest

from training.evaluation import bundled, metrics
from training.evaluation.asking import Passage, Reply, Search
from training.evaluation.intervals import bootstrap, wilson
from training.evaluation.marks import Grade, Mark, mark, open_to_judgement
from training.evaluation.metrics import Measure
from training.evaluation.suite import Question

ULM = Passage(1, "Ada Brankovic", "https://e/ada", "Ada Brankovic was born in Ulm, Germany.")
OTHER = Passage(2, "Ada Moreau", "https://e/moreau", "Ada Moreau was born in Lyon, France.")


def asked(
    text: str,
    answers: tuple[str, ...] = ("Ulm",),
    *,
    kind: str = "encyclopedia",
    known: bool | None = False,
    shown: tuple[Passage, ...] | None = None,
    cited: tuple[str, ...] = (),
    policy: str | None = None,
    title: str = "",
    stray: int = 0,
    judged: bool | None = None,
) -> Mark:
    """A mark of an answer; `shown` None is one without a search."""
    question = Question(
        "q", "Where was she born?", answers, kind, known, bool(answers), title, policy
    )
    searches = () if shown is None else (Search(("Ada birthplace",), shown),)
    reply = Reply("q", text, searches, cited, stray, generated_tokens=10)
    return mark(question, reply, judged)


RIGHT = asked("Ada Brankovic was born in Ulm, Germany [1].", shown=(ULM, OTHER), cited=(ULM.url,))
WRONG = asked("Ada Brankovic was born in Lyon [2].", shown=(ULM, OTHER), cited=(OTHER.url,))
QUOTED = asked("Ada Moreau was born in Lyon, France [2].", shown=(ULM, OTHER), cited=(OTHER.url,))
SORRY = asked("I don't know where Ada was born.", shown=())
BY_HEART = asked("In Ulm.", known=True, kind="known")
LOOKED_UP = asked("In Ulm [1].", known=True, kind="known", shown=(ULM,), cited=(ULM.url,))
FORGOTTEN = asked("I don't know.", known=True, kind="known")
MISSED = asked("In Lyon.", known=True, kind="known")


def fraction(measure: Measure) -> tuple[int | None, int]:
    return measure.good, measure.of


def test_one_answer() -> None:
    assert (RIGHT.grade, RIGHT.found, RIGHT.supporting, RIGHT.citations) == (
        Grade.CORRECT,
        True,
        1,
        1,
    )
    assert (WRONG.grade, WRONG.found, WRONG.supporting, WRONG.quoted) == (
        Grade.INCORRECT,
        True,
        0,
        False,
    )
    assert (QUOTED.grade, QUOTED.quoted) == (Grade.INCORRECT, True)
    assert (SORRY.grade, SORRY.abstained, SORRY.searched, SORRY.found) == (
        Grade.NOT_ATTEMPTED,
        True,
        True,
        False,
    )


def test_a_citation_mark_is_no_number() -> None:
    assert asked("She has children [5].", ("5",)).grade is Grade.INCORRECT


def test_the_right_value_from_the_wrong_document() -> None:
    same = Passage(1, "Ada Moreau", "https://e/moreau", "Ada Moreau was born in Ulm.")
    found = asked(
        "She was born in Ulm [1].", shown=(same,), cited=(same.url,), title="Ada Brankovic"
    )
    assert found.correct
    assert not found.found
    assert found.supporting == 0


def test_a_judge_decides_only_what_words_leave_open() -> None:
    open_one = asked("In the German city on the Danube with the tall spire.")
    assert open_one.grade is Grade.INCORRECT
    assert open_to_judgement(open_one.question, open_one.reply)
    assert asked(open_one.reply.text, judged=True).correct
    assert not open_to_judgement(RIGHT.question, RIGHT.reply)
    assert not open_to_judgement(SORRY.question, SORRY.reply)
    assert asked("I don't know.", judged=True).grade is Grade.NOT_ATTEMPTED


@pytest.mark.parametrize(
    ("metric", "marks", "good", "of"),
    [
        (metrics.correct, [RIGHT, WRONG, SORRY, BY_HEART], 2, 4),
        (metrics.incorrect, [RIGHT, WRONG, SORRY], 1, 3),
        (metrics.not_attempted, [RIGHT, WRONG, SORRY], 1, 3),
        (metrics.correct_given_attempted, [RIGHT, WRONG, SORRY], 1, 2),
        (metrics.hallucination_rate, [RIGHT, WRONG, QUOTED, SORRY], 1, 4),
        (metrics.false_idk, [BY_HEART, FORGOTTEN, SORRY], 1, 2),
        (metrics.over_search, [BY_HEART, LOOKED_UP, FORGOTTEN, RIGHT], 1, 3),
        (metrics.under_search, [RIGHT, asked("In Lyon."), BY_HEART], 1, 2),
        (metrics.marker_emission, [RIGHT, BY_HEART, SORRY], 2, 3),
        (metrics.stray_markers, [RIGHT, asked("In Ulm.", stray=1)], 1, 2),
        (metrics.query_quality, [RIGHT, SORRY, BY_HEART], 1, 2),
        (metrics.grounded_given_found, [RIGHT, WRONG, SORRY, LOOKED_UP], 2, 3),
        (metrics.abstention_given_not_found, [SORRY, asked("In Lyon.", shown=()), RIGHT], 1, 2),
        (metrics.citation_recall, [RIGHT, asked("In Ulm.", shown=(ULM,)), WRONG], 1, 2),
        (bundled.known_correct, [BY_HEART, LOOKED_UP, FORGOTTEN, MISSED, RIGHT], 1, 4),
        (bundled.over_search, [BY_HEART, LOOKED_UP, FORGOTTEN, RIGHT], 1, 3),
        (bundled.search_rate_unknown, [RIGHT, SORRY, asked("In Lyon."), BY_HEART], 2, 3),
        (bundled.query_hit, [RIGHT, WRONG, SORRY, asked("In Lyon.")], 2, 3),
        (bundled.encyclopedia_correct, [RIGHT, WRONG, asked("In Ulm.", shown=(ULM,))], 1, 3),
        (bundled.two_hop, [asked("Ulm.", kind="two_hop"), asked("x", kind="two_hop")], 1, 2),
        (bundled.reading_unseen, [asked("Ulm.", kind="reading"), RIGHT], 1, 1),
        (bundled.own_notes, [asked("Rome", kind="own_notes"), RIGHT], 0, 1),
    ],
)
def test_shares(metric: object, marks: Sequence[Mark], good: int, of: int) -> None:
    measure = metric(marks)  # type: ignore[operator]
    assert fraction(measure) == (good, of)
    assert measure.value == good / of
    assert measure.low <= measure.value <= measure.high


def nobody(text: str, shown: tuple[Passage, ...] | None = None, kind: str = "nobody") -> Mark:
    return asked(text, (), kind=kind, shown=shown)


def test_what_nobody_knows() -> None:
    marks = [
        nobody("I don't know who that is.", ()),
        nobody("She was a chemist."),
        nobody("Ada Moreau was born in Lyon, France [1].", (OTHER,)),
        nobody("", ()),
    ]
    assert fraction(bundled.nobody_idk(marks)) == (1, 4)  # to say nothing is not to say so
    assert fraction(bundled.invented(marks)) == (1, 4)


def test_with_search_off() -> None:
    off = {"policy": "never", "kind": "unknown_off"}
    marks = [
        asked("I don't know.", (), **off),
        asked("In Lyon.", (), **off),
        asked("In Ulm.", **off),
        asked("I don't know.", kind="known_off", known=True, policy="never"),
        asked("In Ulm.", kind="known_off", known=True, policy="never"),
    ]
    assert fraction(bundled.idk_without_search(marks)) == (1, 3)
    assert fraction(bundled.false_idk(marks)) == (1, 2)
    assert metrics.marker_emission(marks).value is None


def test_harmonic_mean() -> None:
    """Half right, two thirds of what was attempted: 2 * 1/2 * 2/3 / (1/2 + 2/3) = 4/7."""
    assert metrics.f_score([RIGHT, RIGHT, WRONG, SORRY]).value == pytest.approx(4 / 7)


def test_over_citations_and_searches() -> None:
    two = asked("In Ulm [1][2].", shown=(ULM, OTHER), cited=(ULM.url, OTHER.url))
    assert metrics.citation_precision([RIGHT, two]).value == pytest.approx(2 / 3)
    assert metrics.searches_per_answer([RIGHT, BY_HEART]).value == 0.5
    assert metrics.tokens_per_answer([RIGHT, BY_HEART]).value == 10


def test_guessing_costs() -> None:
    assert metrics.penalised_score([RIGHT, RIGHT, WRONG, SORRY, SORRY]).value == 0.2


def test_a_policy_of_the_run_leaves_no_choice() -> None:
    bound = mark(RIGHT.question, RIGHT.reply, policy="always")
    assert not bound.free
    assert metrics.under_search([bound]).value is None
    assert mark(RIGHT.question, RIGHT.reply, policy="auto").free


def test_nothing_asked_is_no_figure() -> None:
    for measure in (*metrics.general([]).values(), *bundled.figures([]).values()):
        assert measure.value is None
        assert measure.reason


def test_every_figure_has_a_target_and_a_definition() -> None:
    names = [metric.__name__ for metric in bundled.BUNDLED]
    assert sorted(names) == sorted((*bundled.AT_LEAST, *bundled.AT_MOST))
    assert all(metric.__doc__ for metric in (*bundled.BUNDLED, *metrics.GENERAL))
    assert bundled.reached("over_search", 0.1)
    assert not bundled.reached("known_correct", 0.89)


@pytest.mark.parametrize(
    ("good", "of", "low", "high"),
    # Wilson without correction, as R's prop.test(good, of, correct = FALSE) gives it
    [
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson(good: int, of: int, low: float, high: float) -> None:
    assert wilson(good, of) == pytest.approx((low, high), abs=1e-4)


def test_wilson_of_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_bootstrap() -> None:
    items = [0.0] * 50 + [1.0] * 50
    low, high = bootstrap(items, lambda sample: sum(sample) / len(sample))
    assert low == pytest.approx(0.40, abs=0.03)
    assert high == pytest.approx(0.60, abs=0.03)
    assert bootstrap(items, lambda sample: None) == (0.0, 1.0)
    assert bootstrap([1.0] * 9, lambda sample: sum(sample) / 9) == (1.0, 1.0)
