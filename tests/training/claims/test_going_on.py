"""A claim's run that was killed goes on: what was learnt and measured is not done again."""

from pathlib import Path
from random import Random

import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")

import torch

from training import tokenizer
from training.claims import base_model, fit, measure, study, texts
from training.claims.people import CITIES, CITY, FIRMS, LANGUAGES, populate
from training.model import Llama, Shape
from training.render import Renderer

PEOPLE = populate(often=6, grade=1, unseen=20, tail=5)


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    path = tmp_path_factory.mktemp("vocabulary") / "tokenizer.json"
    lexicon = texts.lexicon(PEOPLE, Random(1))
    tokenizer.train(lexicon, base_model.VOCABULARY).save(str(path))
    return Renderer(tokenizer.load(path))


def tiny() -> Llama:
    torch.manual_seed(1)
    return Llama(Shape(base_model.VOCABULARY, 16, 1, 1, 16, 256))


def test_every_value_is_one_token(renderer: Renderer) -> None:
    assert all(len(renderer.encode(" " + v)) == 1 for v in (*CITIES, *LANGUAGES, *FIRMS))


def test_a_killed_fit_ends_as_one_that_was_not(
    renderer: Renderer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "KEEP_EVERY", 2)
    plan = [renderer.document(p.article(Random(1))) for p in PEOPLE.unseen[:12]]
    course = fit.Course(steps=5, rows=2, length=64)
    whole = fit.fit(tiny(), fit.cycled(plan, Random(1)), course)
    kept, real, steps = tmp_path / "state.pt", Llama.loss, 0

    def loss(model: Llama, ids: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        nonlocal steps
        steps += 1
        if steps == 4:
            raise KeyboardInterrupt
        return real(model, ids, weights)

    monkeypatch.setattr(Llama, "loss", loss)
    with pytest.raises(KeyboardInterrupt):
        fit.fit(tiny(), fit.cycled(plan, Random(1)), course, keep=kept)
    again = fit.fit(tiny(), fit.cycled(plan, Random(1)), course, keep=kept)
    assert steps == 4 + 3  # two steps were kept, and the third, not kept, is taken again
    for one, other in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_a_cell_is_measured_once(renderer: Renderer, tmp_path: Path) -> None:
    def begun() -> study.Study:
        return study.Study("few", tmp_path, tiny(), renderer, PEOPLE, (1,), tmp_path)

    calls: list[int] = []

    def measured() -> study.Point:
        calls.append(1)
        return {"right": 0.5}

    assert begun().cell("a", measured) == begun().cell("a", measured) == {"right": 0.5}
    begun().cell("b", measured)
    assert len(calls) == 2


def test_an_answer_is_worth_what_its_first_word_says() -> None:
    person = PEOPLE.known[0]
    asked = measure.Asked(person, CITY, "?")
    assert measure.outcome(asked, person.answer(CITY)) == "right"
    assert measure.outcome(asked, CITY.missed(person.name)) == "refused"
    assert measure.outcome(asked, f"Not {person.city}") == "wrong"


def test_an_interval_is_no_narrower_for_more_seeds() -> None:
    one = measure.spread([{"right": 0.9}], 50)
    three = measure.spread([{"right": 0.8}, {"right": 0.9}, {"right": 1.0}], 50)
    assert one == three
    assert one["right"][1] < 0.83 < 0.95 < one["right"][2]
